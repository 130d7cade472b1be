#pragma once
#include <boost/asio/buffer.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/transport.h"

/// One connection of a client. For the client only.
namespace weir::http {

/// Sends a request and hands on what arrives, to one exchange after the other. A read is always under way, so that a
/// server that closes, or speaks unasked, is noticed while the connection waits.
class ClientConnection : public Transport::User, public std::enable_shared_from_this<ClientConnection> {
 public:
  class Exchange {
   public:
    virtual ~Exchange() = default;
    virtual void onProgress() = 0;
    virtual void onOctets(std::string_view octets) = 0;
    /// Nothing more comes: the other side closed, or `ec`.
    virtual void onEnd(boost::system::error_code ec) = 0;
  };

  ClientConnection(std::unique_ptr<Transport> transport, std::string origin)
      : transport_(std::move(transport)), origin_(std::move(origin)) {}

  void begin(std::weak_ptr<Exchange> exchange, std::string head, std::string body);
  /// The exchange is over and the connection good for another one.
  void rest();
  /// All of the request has left.
  [[nodiscard]] bool isSent() const { return !writing_; }
  void close();
  [[nodiscard]] bool isOpen() const { return open_; }
  [[nodiscard]] bool wasUsed() const { return used_; }
  [[nodiscard]] const std::string& origin() const { return origin_; }

  void onRead(boost::system::error_code ec, std::size_t octets) override;
  void onWritten(boost::system::error_code ec, std::size_t octets) override;

 private:
  static constexpr std::size_t kPiece = 16 * 1024;

  void read();
  void end(boost::system::error_code ec);

  std::unique_ptr<Transport> transport_;
  std::string origin_;
  std::weak_ptr<Exchange> exchange_;
  Transport::Buffers out_;
  std::string head_, body_;  // being written
  std::vector<char> arriving_;
  bool open_ = true, reading_ = false, writing_ = false, used_ = false;
};

}  // namespace weir::http
