#include "sim/frame.h"

#include <algorithm>
#include <cstring>

namespace weir::sim {

namespace {

constexpr std::size_t kEthernet = 14;
constexpr std::uint32_t kFcs = 4;
constexpr std::uint8_t kHopLimit = 64;

// Hosts send to their leaf, switches to the next switch or the host; inside a leaf, hosts send to each other.
void ethernet(const FabricTopology& fabric, const Flow& flow, std::size_t hop, std::uint8_t* p) {
  const HostSpec& from = fabric.hosts[flow.source];
  const Hop& here = flow.path.hops[hop];
  const Mac* source = &from.mac;
  const Mac* destination = &fabric.switches[here.node].ports[here.inPort].mac;
  if (flow.path.size == 1) destination = &fabric.hosts[flow.destination].mac;
  if (hop > 0) {
    const Hop& before = flow.path.hops[hop - 1];
    source = &fabric.switches[before.node].ports[before.outPort].mac;
  }
  std::memcpy(p, destination->data(), 6);
  std::memcpy(p + 6, source->data(), 6);
  storeBe16(p + 12, flow.ip6 ? 0x86DD : 0x0800);
}

// RFC 1071 over a header of 20 octets whose checksum field is zero.
std::uint16_t checksum(const std::uint8_t* p) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += loadBe16(p + i);
  sum = (sum & 0xFFFF) + (sum >> 16);
  sum += sum >> 16;
  return static_cast<std::uint16_t>(~sum);
}

// RFC 791.
std::size_t ipv4(const FabricTopology& fabric, const Flow& flow, std::size_t hop, std::uint64_t packet,
                 std::uint8_t* p) {
  std::memset(p, 0, 20);
  p[0] = 0x45;
  storeBe16(p + 2, static_cast<std::uint16_t>(flow.frameLength - kEthernet - kFcs));
  storeBe16(p + 4, static_cast<std::uint16_t>(packet));
  storeBe16(p + 6, 0x4000);  // do not fragment
  p[8] = static_cast<std::uint8_t>(kHopLimit - hop);
  p[9] = flow.protocol;
  std::memcpy(p + 12, fabric.hosts[flow.source].ip4.octets.data(), 4);
  std::memcpy(p + 16, fabric.hosts[flow.destination].ip4.octets.data(), 4);
  storeBe16(p + 10, checksum(p));
  return 20;
}

// RFC 8200.
std::size_t ipv6(const FabricTopology& fabric, const Flow& flow, std::size_t hop, std::uint8_t* p) {
  storeBe32(p, 0x60000000);
  storeBe16(p + 4, static_cast<std::uint16_t>(flow.frameLength - kEthernet - kFcs - 40));
  p[6] = flow.protocol;
  p[7] = static_cast<std::uint8_t>(kHopLimit - hop);
  std::memcpy(p + 8, fabric.hosts[flow.source].ip6.octets.data(), 16);
  std::memcpy(p + 24, fabric.hosts[flow.destination].ip6.octets.data(), 16);
  return 40;
}

// RFC 9293 and RFC 768. Checksums stay zero, as on hosts that leave them to the network card.
std::size_t transport(const Flow& flow, std::uint64_t packet, std::size_t length, std::uint8_t* p) {
  const bool tcp = flow.protocol == 6;
  const std::size_t size = tcp ? 20 : 8;
  std::memset(p, 0, size);
  storeBe16(p, flow.sourcePort);
  storeBe16(p + 2, flow.destinationPort);
  if (!tcp) {
    storeBe16(p + 4, static_cast<std::uint16_t>(length));
    return size;
  }
  storeBe32(p + 4, static_cast<std::uint32_t>(packet * (length - size)));
  storeBe32(p + 8, 1);
  p[12] = 0x50;
  p[13] = packet == 0 ? 0x02 : 0x10;  // SYN, then ACK
  storeBe16(p + 14, 0xFFFF);
  return size;
}

}  // namespace

std::size_t buildFrame(const FabricTopology& fabric, const Flow& flow, std::size_t hop, std::uint64_t packet,
                       FrameBuffer& buffer) {
  std::uint8_t* p = buffer.data();
  ethernet(fabric, flow, hop, p);
  std::size_t at = kEthernet;
  at += flow.ip6 ? ipv6(fabric, flow, hop, p + at) : ipv4(fabric, flow, hop, packet, p + at);
  at += transport(flow, packet, flow.frameLength - kFcs - at, p + at);
  for (std::size_t i = at; i < buffer.size(); ++i) p[i] = static_cast<std::uint8_t>(i - at);
  return std::min<std::size_t>(flow.frameLength - kFcs, buffer.size());
}

}  // namespace weir::sim
