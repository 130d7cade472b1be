#include "agent_sampling/packet_tap.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/ethernet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace weir::agent {

namespace {

constexpr std::size_t kRingSize = PacketTap::kBlockSize * PacketTap::kBlocks;
// Enough to find the headers of a super-packet, however little of them is sent.
constexpr std::uint32_t kLeastKept = 128;
constexpr std::uint32_t kFrameSize = 2048;  // V3 packs frames as they come; the kernel only checks that it divides

/// What stands before a packet with PACKET_VNET_HDR: the legacy virtio_net_hdr (virtio 1.2 section 5.1.6), in the
/// machine's order. linux/virtio_net.h has it too, but is no C++.
struct VnetHeader {
  std::uint8_t flags;
  std::uint8_t gsoType;
  std::uint16_t headerLength;
  std::uint16_t gsoSize;
  std::uint16_t checksumStart;
  std::uint16_t checksumOffset;
};
static_assert(sizeof(VnetHeader) == 10);
constexpr std::uint8_t kNeedsChecksum = 1, kGsoUdp = 5, kGsoEcn = 0x80;

std::unexpected<Error> systemError(const char* what) {
  return fail(std::string(what) + ": " + std::strerror(errno));
}

template <class T>
bool setOption(int fd, int option, const T& value) {
  return ::setsockopt(fd, SOL_PACKET, option, &value, sizeof value) == 0;
}

}  // namespace

Expected<PacketTap> PacketTap::open(std::uint32_t ifIndex, const TapOptions& options) {
  // Protocol 0: nothing arrives before bind(), when all is set up.
  PacketTap out(netlink::Descriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), ifIndex);
  if (!out.fd_) return systemError("packet socket");
  if (auto done = out.setUp(); !done) return std::unexpected(done.error());
  if (auto done = out.resume(options); !done) return std::unexpected(done.error());
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(ifIndex);
  if (::bind(out.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return systemError("binding to the device");
  return out;
}

Expected<> PacketTap::setUp() {
  const int version = TPACKET_V3, on = 1;
  if (!setOption(fd(), PACKET_VERSION, version)) return systemError("PACKET_VERSION");
  if (!setOption(fd(), PACKET_VNET_HDR, on)) return systemError("PACKET_VNET_HDR");
  tpacket_req3 request{};
  request.tp_block_size = kBlockSize;
  request.tp_block_nr = kBlocks;
  request.tp_frame_size = kFrameSize;
  request.tp_frame_nr = kRingSize / kFrameSize;
  request.tp_retire_blk_tov = kBlockTimeoutMs;
  if (!setOption(fd(), PACKET_RX_RING, request)) return systemError("PACKET_RX_RING");
  void* mapped = ::mmap(nullptr, kRingSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd(), 0);
  if (mapped == MAP_FAILED) return systemError("mapping the ring");
  ring_ = static_cast<std::uint8_t*>(mapped);
  return {};
}

PacketTap::~PacketTap() {
  if (ring_ != nullptr) ::munmap(ring_, kRingSize);
}

PacketTap::PacketTap(PacketTap&& other) noexcept
    : fd_(std::move(other.fd_)),
      ifIndex_(other.ifIndex_),
      ring_(std::exchange(other.ring_, nullptr)),
      next_(other.next_),
      promiscuous_(other.promiscuous_),
      filter_(std::move(other.filter_)),
      packetsBefore_(other.packetsBefore_) {}

Expected<> PacketTap::pause() const {
  return SamplingFilter::attachNothing(fd());
}

Expected<> PacketTap::resume(const TapOptions& options) {
  packetsBefore_ += filter_ ? filter_->packets().value_or(0) : 0;
  filter_.reset();
  auto attached = SamplingFilter::attach(fd(), options.n, std::max(options.headerBytes, kLeastKept));
  if (!attached) return std::unexpected(attached.error());
  filter_ = std::move(*attached);
  if (options.promiscuous != promiscuous_) setPromiscuous(options.promiscuous);
  return {};
}

void PacketTap::setPromiscuous(bool on) {
  packet_mreq request{};
  request.mr_ifindex = static_cast<int>(ifIndex_);
  request.mr_type = PACKET_MR_PROMISC;
  if (setOption(fd(), on ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP, request)) promiscuous_ = on;
}

tpacket_block_desc* PacketTap::ready() {
  auto* block = reinterpret_cast<tpacket_block_desc*>(ring_ + next_ * kBlockSize);
  const std::uint32_t status = __atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE);
  return (status & TP_STATUS_USER) != 0 ? block : nullptr;
}

void PacketTap::release(tpacket_block_desc* block) {
  __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  next_ = (next_ + 1) % kBlocks;
}

void PacketTap::clearError() const {
  int error = 0;
  socklen_t size = sizeof error;
  (void)::getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size);
}

bool PacketTap::take(const tpacket_block_desc* block, const tpacket3_hdr* header, TapPacket& packet) const {
  const auto* base = reinterpret_cast<const std::uint8_t*>(header);
  const auto* end = reinterpret_cast<const std::uint8_t*>(block) + kBlockSize;
  constexpr std::uint32_t kNetHeader = sizeof(VnetHeader);
  if (header->tp_mac < kNetHeader || base + header->tp_mac + header->tp_snaplen > end) return false;

  VnetHeader net;
  std::memcpy(&net, base + header->tp_mac - kNetHeader, sizeof net);
  sockaddr_ll address;
  std::memcpy(&address, base + TPACKET_ALIGN(sizeof(tpacket3_hdr)), sizeof address);

  packet.bytes = Bytes(base + header->tp_mac, header->tp_snaplen);
  packet.length = header->tp_len;
  packet.linkHeader = header->tp_net > header->tp_mac ? header->tp_net - header->tp_mac : 0U;
  packet.etherType = ntohs(address.sll_protocol);
  packet.outgoing = address.sll_pkttype == PACKET_OUTGOING;
  packet.forUs = address.sll_pkttype == PACKET_HOST || address.sll_pkttype == PACKET_BROADCAST ||
                 address.sll_pkttype == PACKET_MULTICAST;
  packet.vlan = (header->tp_status & TP_STATUS_VLAN_VALID) != 0;
  packet.vlanTci = static_cast<std::uint16_t>(header->hv1.tp_vlan_tci);
  packet.vlanTpid = (header->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? header->hv1.tp_vlan_tpid
                                                                         : static_cast<std::uint16_t>(ETH_P_8021Q);
  const std::uint8_t kind = net.gsoType & static_cast<std::uint8_t>(~kGsoEcn);
  if (kind != 0) packet.gsoSize = net.gsoSize;
  packet.gsoUdp = kind == kGsoUdp;
  if ((net.flags & kNeedsChecksum) != 0) packet.transport = net.checksumStart;
  packet.chances = filter_ ? filter_->chances(packet.length, packet.gsoSize) : 1;
  packet.time = static_cast<Nanos>(header->tp_sec) * kSecond + header->tp_nsec;
  return true;
}

std::optional<std::uint64_t> PacketTap::packets() const {
  const auto now = filter_ ? filter_->packets() : std::nullopt;
  if (!now) return std::nullopt;
  return packetsBefore_ + *now;
}

std::uint32_t PacketTap::takeDrops() const {
  tpacket_stats_v3 statistics{};
  socklen_t size = sizeof statistics;
  if (::getsockopt(fd(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size) != 0) return 0;
  return statistics.tp_drops;
}

}  // namespace weir::agent
