#include "engine/relay.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/socket_address.h"

namespace weir::engine {

namespace {

/// The address inside a datagram: at the same place in versions 2, 4 and 5 (ingest/shard.h).
IpAddress agentOf(Bytes payload) {
  if (payload.size() < 8) return {};
  const std::uint32_t type = loadBe32(payload.data() + 4);
  if (type == 1 && payload.size() >= 12) return IpAddress::v4(payload.data() + 8);
  if (type == 2 && payload.size() >= 24) return IpAddress::v6(payload.data() + 8);
  return {};
}

bool wants(const Forwarding& target, Bytes payload) {
  return target.agents.empty() || std::ranges::find(target.agents, agentOf(payload)) != target.agents.end();
}

/// False when the kernel has no room at present, so that the next one would fare no better.
bool isOfOneDatagram(int error) {
  return error != EAGAIN && error != EWOULDBLOCK && error != ENOBUFS && error != ENOMEM;
}

}  // namespace

Relay::~Relay() {
  if (v4_ >= 0) close(v4_);
  if (v6_ >= 0) close(v6_);
}

int Relay::socketFor(const IpAddress& address) {
  const bool v4 = address.family == IpAddress::Family::v4;
  int& fd = v4 ? v4_ : v6_;
  if (fd < 0) fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd;
}

void Relay::send(const EntryList<ForwardingEntry>& targets, std::span<const ingest::Datagram> datagrams,
                 ShardFigures& figures) {
  std::array<mmsghdr, ingest::UdpReceiver::kBatch> messages;
  std::array<iovec, ingest::UdpReceiver::kBatch> pieces;
  for (const ForwardingEntry& entry : targets) {
    const Forwarding& target = entry.forwarding;
    SocketAddress to(target.address, target.port);
    unsigned count = 0;
    for (const ingest::Datagram& datagram : datagrams) {
      if (!wants(target, datagram.payload)) continue;
      pieces[count] = {const_cast<std::uint8_t*>(datagram.payload.data()), datagram.payload.size()};
      messages[count] = {};
      messages[count].msg_hdr.msg_name = to.get();
      messages[count].msg_hdr.msg_namelen = to.size;
      messages[count].msg_hdr.msg_iov = &pieces[count];
      messages[count].msg_hdr.msg_iovlen = 1;
      ++count;
    }
    const int fd = socketFor(target.address);
    for (unsigned at = 0; at < count;) {
      const int sent = sendmmsg(fd, messages.data() + at, count - at, MSG_DONTWAIT);
      if (sent > 0) {
        figures.forwardedDatagrams += static_cast<unsigned>(sent);
        at += static_cast<unsigned>(sent);
        continue;
      }
      const unsigned lost = isOfOneDatagram(errno) && fd >= 0 ? 1 : count - at;
      figures.unforwardedDatagrams += lost;
      at += lost;
    }
  }
}

}  // namespace weir::engine
