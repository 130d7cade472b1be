#include "http/transport.h"

#include <algorithm>
#include <utility>

namespace weir::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

class PlainTransport : public Transport {
 public:
  explicit PlainTransport(tcp::socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
  }
  void read(asio::mutable_buffer into, UserPtr user) override {
    socket_.async_read_some(into, [user = std::move(user)](error_code ec, std::size_t n) { user->onRead(ec, n); });
  }
  void write(const Buffers& buffers, UserPtr user) override {
    socket_.async_write_some(buffers,
                             [user = std::move(user)](error_code ec, std::size_t n) { user->onWritten(ec, n); });
  }
  void shutdown() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
};

}  // namespace

std::unique_ptr<Transport> plainTransport(tcp::socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

bool consume(Transport::Buffers& buffers, std::size_t octets) {
  bool empty = true;
  for (asio::const_buffer& buffer : buffers) {
    const std::size_t taken = std::min(octets, buffer.size());
    buffer += taken;
    octets -= taken;
    empty = empty && buffer.size() == 0;
  }
  return empty;
}

}  // namespace weir::http
