#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "http/transport.h"

namespace weir::http::test {

/// Turns over every octet on its way: a stand-in for a transport that encrypts.
class MaskedTransport : public Transport {
 public:
  explicit MaskedTransport(std::unique_ptr<Transport> inner) : inner_(std::move(inner)) {}

  void read(boost::asio::mutable_buffer into, UserPtr user) override {
    struct Reader : User {
      boost::asio::mutable_buffer into;
      UserPtr user;
      void onRead(boost::system::error_code ec, std::size_t n) override {
        turn(static_cast<char*>(into.data()), n);
        user->onRead(ec, n);
      }
      void onWritten(boost::system::error_code, std::size_t) override {}
    };
    auto reader = std::make_shared<Reader>();
    reader->into = into;
    reader->user = std::move(user);
    inner_->read(into, std::move(reader));
  }
  void write(const Buffers& buffers, UserPtr user) override {
    struct Writer : User {
      std::vector<char> text;
      UserPtr user;
      void onRead(boost::system::error_code, std::size_t) override {}
      void onWritten(boost::system::error_code ec, std::size_t n) override { user->onWritten(ec, n); }
    };
    auto writer = std::make_shared<Writer>();
    for (const auto& buffer : buffers) {
      const auto* p = static_cast<const char*>(buffer.data());
      writer->text.insert(writer->text.end(), p, p + buffer.size());
    }
    turn(writer->text.data(), writer->text.size());
    writer->user = std::move(user);
    const Buffers turned{boost::asio::buffer(writer->text)};
    inner_->write(turned, std::move(writer));
  }
  void shutdown() override { inner_->shutdown(); }
  void close() override { inner_->close(); }

 private:
  static void turn(char* text, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<char>(~text[i]);
  }
  std::unique_ptr<Transport> inner_;
};

inline std::unique_ptr<Transport> maskedTransport(boost::asio::ip::tcp::socket socket) {
  return std::make_unique<MaskedTransport>(plainTransport(std::move(socket)));
}

}  // namespace weir::http::test
