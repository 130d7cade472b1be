#pragma once
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "netlink/socket.h"

namespace weir::netlink {

/// A socket whose other end the test writes to, in place of the kernel.
struct FakeKernel {
  Descriptor kernel;
  Socket ours;
  FakeKernel() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
    kernel = Descriptor(fds[0]);
    ours = Socket(Descriptor(fds[1]));
  }
  void say(const MessageWriter& message) const {
    EXPECT_GT(::send(kernel.get(), message.bytes().data(), message.bytes().size(), 0), 0);
  }
  /// What was asked, as messages.
  template <class Visit>
  void hear(Visit&& visit) const {
    std::array<std::uint8_t, 16 * 1024> buffer;
    const auto n = ::recv(kernel.get(), buffer.data(), buffer.size(), 0);
    MessageReader messages(Bytes(buffer).first(n > 0 ? static_cast<std::size_t>(n) : 0));
    for (Message message; messages.next(message);) visit(message);
  }
};

}  // namespace weir::netlink
