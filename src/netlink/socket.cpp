#include "netlink/socket.h"

#include <linux/genetlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace weir::netlink {

namespace {

std::unexpected<Error> systemError(const char* what) {
  return fail(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

void Descriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Expected<Socket> Socket::open(int protocol, std::uint32_t groups) {
  Socket out(Descriptor(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)));
  if (!out) return systemError("netlink socket");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (::bind(out.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return systemError("netlink bind");
  return out;
}

void Socket::setReceiveBuffer(int octets) const {
  if (::setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) != 0)
    (void)::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
}

Expected<> Socket::join(std::uint32_t group) const {
  if (::setsockopt(fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
    return systemError("netlink group");
  return {};
}

Expected<> Socket::send(Bytes message) const {
  if (::send(fd(), message.data(), message.size(), 0) < 0) return systemError("netlink send");
  return {};
}

Socket::Received Socket::receive(std::span<std::uint8_t> buffer, Bytes& out) const {
  ssize_t n;
  do n = ::recv(fd(), buffer.data(), buffer.size(), 0);
  while (n < 0 && errno == EINTR);
  if (n < 0) return errno == ENOBUFS ? Received::overrun : Received::nothing;
  out = Bytes(buffer).first(static_cast<std::size_t>(n));
  return n == 0 ? Received::nothing : Received::data;
}

bool Socket::waitReadable() const {
  pollfd wait{fd(), POLLIN, 0};
  int n;
  do n = ::poll(&wait, 1, kPatienceMs);
  while (n < 0 && errno == EINTR);
  return n > 0;
}

Expected<> Socket::ask(Bytes request, const std::function<void(const Message&)>& visit) const {
  if (auto sent = send(request); !sent) return sent;
  std::vector<std::uint8_t> buffer(kBufferSize);
  while (waitReadable()) {
    Bytes datagram;
    if (receive(buffer, datagram) == Received::overrun) return fail("netlink: the answer did not fit its buffer");
    MessageReader messages(datagram);
    for (Message message; messages.next(message);) {
      if (message.type == NLMSG_DONE) return {};
      if (message.type == NLMSG_ERROR) {
        if (message.error() == 0) return {};
        return fail(std::string("netlink: ") + std::strerror(message.error()));
      }
      visit(message);
      if ((message.flags & NLM_F_MULTI) == 0 && (load<nlmsghdr>(request).nlmsg_flags & NLM_F_ACK) == 0) return {};
    }
  }
  return fail("netlink: no answer");
}

Expected<Family> findFamily(const Socket& socket, const char* name, std::string_view group) {
  MessageWriter request;
  request.begin(GENL_ID_CTRL, NLM_F_REQUEST, 1, genlmsghdr{CTRL_CMD_GETFAMILY, 1, 0});
  request.text(CTRL_ATTR_FAMILY_NAME, name);
  request.end();
  Family out;
  auto asked = socket.ask(request.bytes(), [&](const Message& message) {
    AttributeReader attributes = message.attributes(sizeof(genlmsghdr));
    for (Attribute a; attributes.next(a);) {
      if (a.type == CTRL_ATTR_FAMILY_ID) out.id = a.u16();
      if (a.type != CTRL_ATTR_MCAST_GROUPS) continue;
      AttributeReader groups(a.data);
      for (Attribute entry; groups.next(entry);) {
        std::string_view groupName;
        std::uint32_t id = 0;
        AttributeReader members(entry.data);
        for (Attribute m; members.next(m);) {
          if (m.type == CTRL_ATTR_MCAST_GRP_NAME) groupName = m.text();
          if (m.type == CTRL_ATTR_MCAST_GRP_ID) id = m.u32();
        }
        if (groupName == group) out.group = id;
      }
    }
  });
  if (!asked) return std::unexpected(asked.error());
  if (out.id == 0) return fail(std::string("the kernel has no generic netlink family ") + name);
  return out;
}

}  // namespace weir::netlink
