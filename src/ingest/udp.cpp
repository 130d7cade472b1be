#include "ingest/udp.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/log.h"
#include "ingest/udp_group.h"

namespace weir::ingest {

namespace {

/// Room for the largest datagram, and 2 KiB more so that two datagrams of common size share no cache set.
constexpr std::size_t kStride = 65'536 + 2'048;
constexpr std::size_t kRingBytes = UdpReceiver::kBatch * kStride;

/// Address space that costs memory only where it is written.
class LazyMemory {
 public:
  LazyMemory() {
    void* p = mmap(nullptr, kRingBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p != MAP_FAILED) base_ = static_cast<std::uint8_t*>(p);
  }
  LazyMemory(const LazyMemory&) = delete;
  LazyMemory& operator=(const LazyMemory&) = delete;
  ~LazyMemory() {
    if (base_ != nullptr) munmap(base_, kRingBytes);
  }
  [[nodiscard]] std::uint8_t* base() const { return base_; }

 private:
  std::uint8_t* base_ = nullptr;
};

}  // namespace

IpAddress Datagram::source() const {
  sa_family_t family = 0;
  std::memcpy(&family, from_, sizeof family);
  if (family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, from_, sizeof in);
    return IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&in.sin_addr));
  }
  if (family != AF_INET6) return {};
  sockaddr_in6 in{};
  std::memcpy(&in, from_, sizeof in);
  const std::uint8_t* octets = in.sin6_addr.s6_addr;
  return IN6_IS_ADDR_V4MAPPED(&in.sin6_addr) ? IpAddress::v4(octets + 12) : IpAddress::v6(octets);
}

std::uint16_t Datagram::sourcePort() const {
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  return loadBe16(static_cast<const std::uint8_t*>(from_) + offsetof(sockaddr_in, sin_port));
}

/// Everything recvmmsg needs, laid out once. The kernel writes back the length of the sender's address, which is the
/// same for all datagrams of a socket, and no control data is asked for: so nothing has to be set again.
struct UdpReceiver::Ring {
  Socket socket;
  LazyMemory memory;
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_in6, kBatch> senders{};
  std::array<Datagram, kBatch> datagrams{};
  std::uint64_t errors = 0;
  std::uint64_t drops = 0;
  std::uint32_t dropsSeen = 0;

  explicit Ring(Socket bound) : socket(std::move(bound)) {
    int family = AF_INET6;
    socklen_t size = sizeof family;
    getsockopt(socket.fd(), SOL_SOCKET, SO_DOMAIN, &family, &size);
    const socklen_t nameSize = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (memory.base() == nullptr) return;
    for (std::size_t i = 0; i < kBatch; ++i) {
      std::uint8_t* slot = memory.base() + i * kStride;
      slot[0] = 0;  // first touch of a page is dear: not while datagrams wait
      vectors[i] = {slot, 65'536};
      messages[i].msg_hdr.msg_name = &senders[i];
      messages[i].msg_hdr.msg_namelen = nameSize;
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      datagrams[i].from_ = &senders[i];
    }
    dropsSeen = droppedByKernel();
  }

  /// SO_MEMINFO tells the same counter as SO_RXQ_OVFL, without control data in each datagram and without waiting for
  /// a datagram to come after the drop.
  [[nodiscard]] std::uint32_t droppedByKernel() const {
    std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
    socklen_t size = sizeof info;
    if (getsockopt(socket.fd(), SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return dropsSeen;
    return info[SK_MEMINFO_DROPS];
  }
};

UdpReceiver::UdpReceiver(std::unique_ptr<Ring> ring) : ring_(std::move(ring)) {}
UdpReceiver::UdpReceiver(UdpReceiver&&) noexcept = default;
UdpReceiver& UdpReceiver::operator=(UdpReceiver&&) noexcept = default;
UdpReceiver::~UdpReceiver() = default;

namespace {
void warnOfSmallBuffer(const UdpReceiver& receiver, std::size_t asked) {
  const std::size_t granted = receiver.bufferBytes() / 2;  // Linux tells twice what it grants
  if (granted >= asked) return;
  const auto kib = [](std::size_t bytes) { return std::to_string(bytes >> 10) + " KiB"; };
  log::warning("the system grants a receive buffer of " + kib(granted) + " instead of " + kib(asked) +
               "; bursts may be lost. To raise it: sysctl -w net.core.rmem_max=" + std::to_string(asked));
}
}  // namespace

Expected<std::vector<UdpReceiver>> UdpReceiver::openGroup(const Options& options) {
  auto sockets = bindGroup(options);
  if (!sockets) return std::unexpected(sockets.error());
  std::vector<UdpReceiver> out;
  for (auto& bound : *sockets) {
    auto ring = std::make_unique<Ring>(std::move(bound));
    if (ring->memory.base() == nullptr) return fail("no memory for received datagrams");
    out.push_back(UdpReceiver(std::move(ring)));
  }
  warnOfSmallBuffer(out.front(), options.bufferBytes);
  return out;
}

std::span<const Datagram> UdpReceiver::receive() {
  Ring& r = *ring_;
  const int got = recvmmsg(r.socket.fd(), r.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (got <= 0) {
    if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) ++r.errors;
    return {};
  }
  const auto count = static_cast<std::size_t>(got);
  for (std::size_t i = 0; i < count; ++i)
    r.datagrams[i].payload = Bytes(static_cast<const std::uint8_t*>(r.vectors[i].iov_base), r.messages[i].msg_len);
  return {r.datagrams.data(), count};
}

int UdpReceiver::fd() const {
  return ring_->socket.fd();
}
std::uint64_t UdpReceiver::receiveErrors() const {
  return ring_->errors;
}

std::uint16_t UdpReceiver::port() const {
  sockaddr_in6 name{};
  socklen_t size = sizeof name;
  if (getsockname(fd(), reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  return ntohs(name.sin6_port);  // at the same place for IPv4
}

std::size_t UdpReceiver::bufferBytes() const {
  int granted = 0;
  socklen_t size = sizeof granted;
  getsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &granted, &size);
  return granted < 0 ? 0 : static_cast<std::size_t>(granted);
}

std::uint64_t UdpReceiver::kernelDrops() {
  const std::uint32_t now = ring_->droppedByKernel();
  ring_->drops += static_cast<std::uint32_t>(now - ring_->dropsSeen);  // a 32-bit counter that wraps
  ring_->dropsSeen = now;
  return ring_->drops;
}

}  // namespace weir::ingest
