#include "agent/unix_http.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace weir::agent {

namespace http = boost::beast::http;

void UnixHttp::get(const std::string& target, Done done) {
  done_ = std::move(done);
  parser_.emplace();
  parser_->eager(true);
  parser_->body_limit(kMaxBody);
  arrived_.clear();
  if (auto connected = connect(target); !connected) {
    timer_ = loop_.after(0, [this, error = connected.error()] { finish(std::unexpected(error)); });
    return;
  }
  loop_.watch(fd_.get(), [this] { read(); });
  timer_ = loop_.after(kPatience, [this] { finish(fail(path_ + ": no answer")); });
}

Expected<> UnixHttp::connect(const std::string& target) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return fail(path_ + ": too long for a socket");
  std::memcpy(address.sun_path, path_.c_str(), path_.size());
  fd_ = netlink::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const std::string request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  // An empty socket buffer takes a request this small as a whole.
  if (!fd_ || ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::send(fd_.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return fail(path_ + ": " + std::strerror(errno));
  return {};
}

void UnixHttp::read() {
  std::array<char, 16 * 1024> buffer;
  const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return finish(fail(path_ + ": " + std::strerror(errno)));
  arrived_.append(buffer.data(), static_cast<std::size_t>(n));
  boost::system::error_code error;
  while (!arrived_.empty() && !parser_->is_done() && !error) {
    const std::size_t used = parser_->put(boost::asio::buffer(arrived_), error);
    arrived_.erase(0, used);
    if (used == 0) break;
  }
  if (error == http::error::need_more) error = {};
  if (n == 0 && !error && parser_->got_some() && !parser_->is_done()) parser_->put_eof(error);
  if (error) return finish(fail(path_ + ": the answer is not HTTP: " + error.message()));
  if (!parser_->is_done()) return n == 0 ? finish(fail(path_ + ": half an answer")) : void();
  if (parser_->get().result() != http::status::ok)
    return finish(fail(path_ + ": status " + std::to_string(parser_->get().result_int())));
  finish(std::move(parser_->get().body()));
}

void UnixHttp::finish(const Expected<std::string>& answer) {
  const Done done = std::exchange(done_, {});
  close();
  done(answer);
}

void UnixHttp::close() {
  if (fd_) loop_.unwatch(fd_.get());
  fd_.reset();
  loop_.cancel(std::exchange(timer_, 0));
  parser_.reset();
  done_ = {};
}

}  // namespace weir::agent
