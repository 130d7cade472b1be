#include "ipfix/sender.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/socket_address.h"

namespace weir::ipfix {

namespace {

constexpr int kPauseMs = 1;

std::error_code lastError() {
  return {errno, std::generic_category()};
}

}  // namespace

Sender::~Sender() {
  if (v4_ >= 0) close(v4_);
  if (v6_ >= 0) close(v6_);
}

int Sender::socketFor(const IpAddress& address) {
  const bool v4 = address.family == IpAddress::Family::v4;
  int& fd = v4 ? v4_ : v6_;
  if (fd < 0) fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd;
}

std::error_code Sender::send(const IpAddress& address, std::uint16_t port, Bytes datagram) {
  if (++inBurst_ > kBurst) {
    inBurst_ = 1;
    ::poll(nullptr, 0, kPauseMs);
  }
  const int fd = socketFor(address);
  if (fd < 0) return lastError();
  const SocketAddress to(address, port);
  const auto attempt = [&] { return sendto(fd, datagram.data(), datagram.size(), 0, to.get(), to.size) >= 0; };
  if (attempt()) return {};
  if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS) return lastError();
  pollfd room{fd, POLLOUT, 0};
  ::poll(&room, 1, kPauseMs);
  return attempt() ? std::error_code() : lastError();
}

}  // namespace weir::ipfix
