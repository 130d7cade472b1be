#include "http/client_connection.h"

#include <boost/asio/error.hpp>
#include <utility>

namespace weir::http {

namespace asio = boost::asio;
using boost::system::error_code;

void ClientConnection::begin(std::weak_ptr<Exchange> exchange, std::string head, std::string body) {
  exchange_ = std::move(exchange);
  head_ = std::move(head);
  body_ = std::move(body);
  out_ = {asio::buffer(head_), asio::buffer(body_), {}};
  writing_ = true;
  transport_->write(out_, shared_from_this());
  read();
}

void ClientConnection::rest() {
  exchange_.reset();
  used_ = true;
}

void ClientConnection::close() {
  if (std::exchange(open_, false)) transport_->close();
  exchange_.reset();
}

void ClientConnection::read() {
  if (!open_ || std::exchange(reading_, true)) return;
  arriving_.resize(kPiece);
  transport_->read(asio::buffer(arriving_), shared_from_this());
}

void ClientConnection::onRead(error_code ec, std::size_t octets) {
  reading_ = false;
  if (!open_) return;
  const auto exchange = exchange_.lock();
  if (ec || !exchange) return end(ec);  // also where a server speaks unasked
  exchange->onOctets({arriving_.data(), octets});
  read();
}

void ClientConnection::onWritten(error_code ec, std::size_t octets) {
  writing_ = false;
  if (!open_) return;
  // The server may have answered before it took all, and closed: what it said is still to be read.
  if (ec) return;
  if (const auto exchange = exchange_.lock()) exchange->onProgress();
  if (consume(out_, octets)) return;
  writing_ = true;
  transport_->write(out_, shared_from_this());
}

void ClientConnection::end(error_code ec) {
  const auto exchange = exchange_.lock();
  close();
  if (exchange) exchange->onEnd(ec == asio::error::eof ? error_code() : ec);
}

}  // namespace weir::http
