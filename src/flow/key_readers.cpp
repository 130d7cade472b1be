#include "flow/reader_support.h"
#include "wire/rt.h"

namespace weir::flow::read {

using decode::Layer;
using decode::LayerRef;

namespace {

bool isGroupAddress(const std::uint8_t* mac) {
  return (mac[0] & 1) != 0;
}
bool isBroadcastAddress(const std::uint8_t* mac) {
  return loadBe32(mac) == 0xFFFFFFFF && loadBe16(mac + 4) == 0xFFFF;
}

}  // namespace

// --- Ethernet: by destination address; broadcast is not multicast.

bool isBroadcast(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::eth, n, 0, 6);
  return p != nullptr && number(v, isBroadcastAddress(p));
}

bool isMulticast(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::eth, n, 0, 6);
  return p != nullptr && number(v, isGroupAddress(p) && !isBroadcastAddress(p));
}

bool isUnicast(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::eth, n, 0, 6);
  return p != nullptr && number(v, !isGroupAddress(p));
}

// --- ARP (RFC 826): addresses only of Ethernet and IPv4.

namespace {

const std::uint8_t* arpField(const SampleFields& s, unsigned n, unsigned at, unsigned size) {
  const std::uint8_t* p = layerField(s, Layer::arp, n, 0, 8);
  if (p == nullptr || loadBe16(p) != 1 || loadBe16(p + 2) != 0x0800 || p[4] != 6 || p[5] != 4) return nullptr;
  return layerField(s, Layer::arp, n, at, size);
}

}  // namespace

bool arpOperation(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return number16(v, layerField(s, Layer::arp, n, 6, 2));
}
bool arpMacSender(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return octets(v, arpField(s, n, 8, 6), 6);
}
bool arpIpSender(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return octets(v, arpField(s, n, 14, 4), 4);
}
bool arpMacTarget(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return octets(v, arpField(s, n, 18, 6), 6);
}
bool arpIpTarget(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return octets(v, arpField(s, n, 24, 4), 4);
}

// --- MPLS (RFC 3032): the suffix counts label stack entries, through all stacks of the packet.

namespace {

const std::uint8_t* mplsEntry(const SampleFields& s, unsigned n) {
  for (unsigned stack = 0;; ++stack) {
    const LayerRef* layer = findLayer(s, Layer::mpls, stack);
    if (layer == nullptr) return nullptr;
    if (n < layer->value) return s.packet.field(layer, 4 * n, 4);
    n -= layer->value;
  }
}

}  // namespace

bool mplsLabel(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = mplsEntry(s, n);
  return p != nullptr && number(v, loadBe32(p) >> 12);
}
bool mplsExp(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = mplsEntry(s, n);
  return p != nullptr && number(v, loadBe32(p) >> 9 & 7);
}
bool mplsTtl(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = mplsEntry(s, n);
  return p != nullptr && number(v, p[3]);
}
bool mplsBottom(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = mplsEntry(s, n);
  return p != nullptr && number(v, loadBe32(p) >> 8 & 1);
}

bool mplsLabels(const SampleFields& s, unsigned n, Scratch& scratch, Value& v) {
  constexpr unsigned kMost = 16;
  const LayerRef* layer = findLayer(s, Layer::mpls, n);
  if (layer == nullptr) return false;
  TextWriter out(scratch, kMost * 8);
  for (unsigned i = 0; i < layer->value && i < kMost; ++i) {
    const std::uint8_t* p = s.packet.field(layer, 4 * i, 4);
    if (p == nullptr) break;
    if (i != 0) out.put('-');
    out.decimal(loadBe32(p) >> 12);
  }
  return out.finish(v);
}

// --- IPv6 (RFC 8200)

namespace {

// The fragment header, or nullptr.
const std::uint8_t* fragmentHeader(const SampleFields& s, const LayerRef* ip6) {
  const unsigned at = ip6->value >> 16;
  return at == 0 ? nullptr : s.packet.field(ip6, at, 8);
}

}  // namespace

bool ip6FragmentOffset(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const LayerRef* ip6 = findLayer(s, Layer::ip6, n);
  if (ip6 == nullptr) return false;
  const std::uint8_t* p = fragmentHeader(s, ip6);
  return number(v, p == nullptr ? 0 : loadBe16(p + 2) >> 3);
}

bool ip6MoreFragments(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const LayerRef* ip6 = findLayer(s, Layer::ip6, n);
  if (ip6 == nullptr) return false;
  const std::uint8_t* p = fragmentHeader(s, ip6);
  return number(v, p == nullptr ? 0 : loadBe16(p + 2) & 1);
}

bool ip6FragmentId(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const LayerRef* ip6 = findLayer(s, Layer::ip6, n);
  const std::uint8_t* p = ip6 == nullptr ? nullptr : fragmentHeader(s, ip6);
  return p != nullptr && number(v, loadBe32(p + 4));
}

bool ip6Extensions(const SampleFields& s, unsigned n, Scratch& scratch, Value& v) {
  const LayerRef* ip6 = findLayer(s, Layer::ip6, n);
  const std::uint8_t* header = s.packet.field(ip6, 0, 40);
  if (header == nullptr) return false;
  const unsigned count = ip6->value >> 8 & 0xFF;
  constexpr unsigned kMost = 16;
  TextWriter out(scratch, kMost * 4);
  unsigned next = header[6];
  unsigned at = 40;
  for (unsigned i = 0; i < count && i < kMost; ++i) {
    if (i != 0) out.put('-');
    out.decimal(next);
    const std::uint8_t* p = s.packet.field(ip6, at, 2);
    if (p == nullptr) break;
    at += next == 44 ? 8 : 8 * (p[1] + 1U);
    next = p[0];
  }
  return out.finish(v);
}

// --- ICMP (RFC 792): identifier and sequence number of echo, timestamp, information and mask messages only.

namespace {

const std::uint8_t* icmpQuery(const SampleFields& s, unsigned n) {
  const std::uint8_t* p = layerField(s, Layer::icmp, n, 0, 8);
  return p != nullptr && (p[0] == 0 || p[0] == 8 || (p[0] >= 13 && p[0] <= 18)) ? p : nullptr;
}

// Destination unreachable with a code of the mask: `size` octets at `at` of the packet it quotes.
const std::uint8_t* quoted(const SampleFields& s, Layer kind, unsigned type, std::uint32_t codes, unsigned n,
                           unsigned at, unsigned size) {
  const std::uint8_t* p = layerField(s, kind, n, 0, 2);
  if (p == nullptr || p[0] != type || p[1] > 31 || (codes >> p[1] & 1) == 0) return nullptr;
  return layerField(s, kind, n, 8 + at, size);
}

constexpr std::uint32_t kNetCodes = 1U << 0 | 1U << 6 | 1U << 9 | 1U << 11;
constexpr std::uint32_t kHostCodes = 1U << 1 | 1U << 7 | 1U << 10 | 1U << 12;

// `udp_53`: destination port of a quoted packet.
bool portText(Value& v, Scratch& scratch, unsigned protocol, const std::uint8_t* ports) {
  const char* name = protocol == 6 ? "tcp_" : protocol == 17 ? "udp_" : protocol == 132 ? "sctp_" : nullptr;
  if (ports == nullptr || name == nullptr) return false;
  TextWriter out(scratch, 12);
  out.put(name);
  out.decimal(loadBe16(ports + 2));
  return out.finish(v);
}

}  // namespace

bool icmpId(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = icmpQuery(s, n);
  return p != nullptr && number(v, loadBe16(p + 4));
}
bool icmpSequence(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = icmpQuery(s, n);
  return p != nullptr && number(v, loadBe16(p + 6));
}
// RFC 1191: the low half of the word behind the checksum; 0 from routers that are older.
bool icmpMtu(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::icmp, n, 0, 8);
  return p != nullptr && p[0] == 3 && p[1] == 4 && loadBe16(p + 6) != 0 && number(v, loadBe16(p + 6));
}
bool icmpGateway(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::icmp, n, 0, 8);
  return p != nullptr && p[0] == 5 && octets(v, p + 4, 4);
}
bool icmpUnreachableNet(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return octets(v, quoted(s, Layer::icmp, 3, kNetCodes, n, 16, 4), 4);
}
bool icmpUnreachableHost(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return octets(v, quoted(s, Layer::icmp, 3, kHostCodes, n, 16, 4), 4);
}
bool icmpUnreachableProtocol(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = quoted(s, Layer::icmp, 3, 1U << 2, n, 9, 1);
  return p != nullptr && number(v, *p);
}
bool icmpUnreachablePort(const SampleFields& s, unsigned n, Scratch& scratch, Value& v) {
  const std::uint8_t* ip = quoted(s, Layer::icmp, 3, 1U << 3, n, 0, 20);
  if (ip == nullptr || ip[0] >> 4 != 4 || (loadBe16(ip + 6) & 0x1FFF) != 0) return false;
  return portText(v, scratch, ip[9], layerField(s, Layer::icmp, n, 8 + 4 * (ip[0] & 15U), 4));
}

// ICMPv6 (RFC 4443 3.1): 0 no route, 5 policy, 6 reject route; 2 beyond scope, 3 address unreachable; 4 port.
bool icmp6UnreachableNet(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return octets(v, quoted(s, Layer::icmp6, 1, 1U << 0 | 1U << 5 | 1U << 6, n, 24, 16), 16);
}
bool icmp6UnreachableHost(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return octets(v, quoted(s, Layer::icmp6, 1, 1U << 2 | 1U << 3, n, 24, 16), 16);
}
bool icmp6UnreachablePort(const SampleFields& s, unsigned n, Scratch& scratch, Value& v) {
  const std::uint8_t* ip6 = quoted(s, Layer::icmp6, 1, 1U << 4, n, 0, 40);
  return ip6 != nullptr && portText(v, scratch, ip6[6], layerField(s, Layer::icmp6, n, 8 + 40, 4));
}

namespace {

const std::uint8_t* icmp6Echo(const SampleFields& s, unsigned n) {
  const std::uint8_t* p = layerField(s, Layer::icmp6, n, 0, 8);
  return p != nullptr && (p[0] == 128 || p[0] == 129) ? p : nullptr;
}

}  // namespace

bool icmp6Id(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = icmp6Echo(s, n);
  return p != nullptr && number(v, loadBe16(p + 4));
}
bool icmp6Sequence(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = icmp6Echo(s, n);
  return p != nullptr && number(v, loadBe16(p + 6));
}
bool icmp6Mtu(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::icmp6, n, 0, 8);
  return p != nullptr && p[0] == 2 && number(v, loadBe32(p + 4));
}
// RFC 4861 4.3, 4.4: neighbour solicitation and advertisement.
bool icmp6NeighborTarget(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::icmp6, n, 0, 24);
  return p != nullptr && (p[0] == 135 || p[0] == 136) && octets(v, p + 8, 16);
}

// --- VXLAN group policy (flag 0x80), ERSPAN (type I has no header)

bool vxlanGroupPolicy(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::vxlan, n, 0, 4);
  return p != nullptr && (p[0] & 0x80) != 0 && number(v, loadBe16(p + 2));
}
bool erspanVlan(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const LayerRef* erspan = findLayer(s, Layer::erspan, n);
  if (erspan == nullptr || erspan->headerLength == 0) return false;
  const std::uint8_t* p = s.packet.field(erspan, 0, 2);
  return p != nullptr && number(v, loadBe16(p) & 0xFFF);
}

// --- GRE (RFC 2890)

bool greKey(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const LayerRef* gre = findLayer(s, Layer::gre, n);
  if (gre == nullptr || gre->value >> 16 == 0) return false;
  const std::uint8_t* p = s.packet.field(gre, gre->value >> 16, 4);
  return p != nullptr && number(v, loadBe32(p));
}

// --- InfiniBand extended transport headers (architecture specification 9.3). Which one follows the 12 octets of the
// base transport header, and where, depends on transport (opcode >> 5) and operation (opcode & 31).

namespace {

constexpr unsigned kReliable = 0, kUnreliable = 1, kReliableDatagram = 2, kExtendedReliable = 5;

// RDMA extended header: 16 octets on the first packet of a write and on read requests.
const std::uint8_t* rdmaHeader(const SampleFields& s, unsigned n) {
  const std::uint8_t* p = layerField(s, Layer::ibbt, n, 0, 12);
  if (p == nullptr) return nullptr;
  const unsigned transport = p[0] >> 5;
  const unsigned operation = p[0] & 31U;
  const bool write = operation == 6 || operation == 10 || operation == 11;
  const bool readRequest = operation == 12 && transport != kUnreliable;
  if (!write && !readRequest) return nullptr;
  switch (transport) {
    case kReliable:
    case kUnreliable:
      return layerField(s, Layer::ibbt, n, 12, 16);
    case kReliableDatagram:
      return layerField(s, Layer::ibbt, n, 12 + 4 + 8, 16);
    case kExtendedReliable:
      return layerField(s, Layer::ibbt, n, 12 + 4, 16);
    default:
      return nullptr;
  }
}

// ACK extended header: 4 octets on read responses (not the middle ones) and acknowledgements.
const std::uint8_t* ackHeader(const SampleFields& s, unsigned n) {
  const std::uint8_t* p = layerField(s, Layer::ibbt, n, 0, 12);
  if (p == nullptr) return nullptr;
  const unsigned transport = p[0] >> 5;
  const unsigned operation = p[0] & 31U;
  if (operation != 13 && (operation < 15 || operation > 18)) return nullptr;
  if (transport == kReliable || transport == kExtendedReliable) return layerField(s, Layer::ibbt, n, 12, 4);
  return transport == kReliableDatagram ? layerField(s, Layer::ibbt, n, 12 + 4, 4) : nullptr;
}

}  // namespace

bool ibRdmaAddress(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = rdmaHeader(s, n);
  return p != nullptr && number(v, loadBe64(p));
}
bool ibRdmaKey(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = rdmaHeader(s, n);
  return p != nullptr && number(v, loadBe32(p + 8));
}
bool ibRdmaLength(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = rdmaHeader(s, n);
  return p != nullptr && number(v, loadBe32(p + 12));
}
// Credit count: the low five bits of the syndrome of a positive acknowledgement; those of a NAK mean something else.
bool ibAckCredits(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = ackHeader(s, n);
  return p != nullptr && p[0] >> 5 == 0 && number(v, p[0] & 31);
}
bool ibAckMessage(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = ackHeader(s, n);
  return p != nullptr && number(v, loadBe24(p + 1));
}

// --- the sample itself

bool bytes(const SampleFields& s, unsigned, Scratch&, Value& v) {
  constexpr double kMost = 9007199254740992;  // 2^53: beyond, a record tells nonsense
  double count = 0;
  return countedBytes(s, count) && count <= kMost && number(v, static_cast<std::uint64_t>(count));
}

bool frames(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return isFrame(s) && number(v, 1);
}

bool requests(const SampleFields&, unsigned, Scratch&, Value& v) {
  return number(v, 1);
}

bool stripped(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return s.hasPacket && number(v, s.packet.stripped);
}

namespace {

// Layers that `stack` shows.
constexpr bool kHasToken[] = {
#define WEIR_HAS_TOKEN(name, token) sizeof(token) > 1,
    WEIR_LAYERS(WEIR_HAS_TOKEN)
#undef WEIR_HAS_TOKEN
};

}  // namespace

bool stack(const SampleFields& s, unsigned, Scratch& scratch, Value& v) {
  if (!s.hasPacket) return false;
  std::uint8_t* out = scratch.take(decode::kMaxLayers);
  if (out == nullptr) return false;
  std::uint16_t count = 0;
  for (unsigned i = 0; i < s.packet.layerCount; ++i) {
    const Layer kind = s.packet.layers[i].kind;
    if (kHasToken[static_cast<std::size_t>(kind)])
      out[count++] = static_cast<std::uint8_t>(static_cast<unsigned>(kind) + 1);
  }
  return count != 0 && octets(v, out, count);
}

namespace {

bool hasInterfaces(const SampleFields& s) {
  return s.sample != nullptr &&
         (s.sample->kind == wire::SampleKind::flow || s.sample->kind == wire::SampleKind::discard);
}

std::uint64_t interfaceNumber(wire::Interface i) {
  switch (i.format) {
    case 0:
      return i.value;
    case 1:
      return kDiscardInterface;
    case 2:
      return kMultipleInterfaces;
    default:
      return 0;
  }
}

}  // namespace

bool inputIfIndex(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return hasInterfaces(s) && number(v, interfaceNumber(s.sample->input));
}
bool outputIfIndex(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return hasInterfaces(s) && number(v, interfaceNumber(s.sample->output));
}

bool direction(const SampleFields& s, unsigned, Scratch&, Value& v) {
  if (!hasInterfaces(s) || s.sample->source.cls != 0) return false;
  const std::uint32_t port = s.sample->source.index;
  if (s.sample->input.format == 0 && s.sample->input.value == port) return number(v, 1);
  return s.sample->output.format == 0 && s.sample->output.value == port && number(v, 2);
}

std::string_view directionName(std::uint64_t direction) {
  return direction == 1 ? "ingress" : direction == 2 ? "egress" : std::string_view{};
}

bool samplingRate(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return s.sample != nullptr && s.sample->kind != wire::SampleKind::discard && number(v, s.sample->samplingRate);
}

bool sampleSequence(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return s.sample != nullptr && s.sample->kind != wire::SampleKind::rtFlow && number(v, s.sample->sequence);
}

bool samplePool(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return s.sample != nullptr && s.sample->kind != wire::SampleKind::discard && number(v, s.sample->samplePool);
}

bool sampleDrops(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return s.sample != nullptr && s.sample->kind != wire::SampleKind::rtFlow && number(v, s.sample->drops);
}

bool agent(const SampleFields& s, unsigned, Scratch&, Value& v) {
  static_assert(sizeof(IpAddress) == 17);
  return s.agent != nullptr && octets(v, reinterpret_cast<const std::uint8_t*>(&s.agent->address), 17);
}

bool dataSource(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return hasInterfaces(s) && number(v, s.sample->source.key());
}

bool rtSource(const SampleFields& s, unsigned, Scratch&, Value& v) {
  if (s.sample == nullptr || s.sample->kind != wire::SampleKind::rtFlow) return false;
  const auto reader = wire::RtReader::open(*s.sample);
  if (!reader || reader->dataSource().empty()) return false;
  return octets(v, reinterpret_cast<const std::uint8_t*>(reader->dataSource().data()), reader->dataSource().size());
}

bool reason(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return s.sample != nullptr && s.sample->kind == wire::SampleKind::discard && number(v, s.sample->reason);
}

}  // namespace weir::flow::read
