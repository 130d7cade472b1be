#include "flow/packet_records.h"

#include <algorithm>

namespace weir::flow {

namespace {

using decode::Layer;

constexpr std::uint32_t kIp4Type = 0x0800, kIp6Type = 0x86DD;

/// EtherTypes of headers behind which IP may come: VLAN tags, MPLS, PPPoE sessions; 0, where an agent did not know.
bool mayCarryIp(std::uint32_t type) {
  constexpr std::array<std::uint32_t, 9> kTypes = {0, 0x8100, 0x88A8, 0x9100, 0x9200, 0x9300, 0x8847, 0x8848, 0x8864};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

bool isTag(std::uint32_t type) {
  return type == 0 || (type != 0x8847 && type != 0x8848 && type != 0x8864 && mayCarryIp(type));
}

bool isIp(Layer layer) {
  return layer == Layer::ip || layer == Layer::ip6;
}

bool hasIp(const decode::Packet& packet) {
  return packet.layer(Layer::ip) != nullptr || packet.layer(Layer::ip6) != nullptr;
}

/// Octets from the first one to the end of the last layer's header.
std::size_t endOfLayers(const decode::Packet& packet) {
  const decode::LayerRef& last = packet.layers[packet.layerCount - 1];
  return std::size_t{last.offset} + last.headerLength;
}

}  // namespace

void PacketRecords::takeIp(IpRecord& record, wire::Fault fault, wire::FaultCounts& faults) {
  if (fault != wire::kNoFault) return faults.add(fault);
  if (ipCount_ < kMaxIp) ip_[ipCount_++] = record;
}

bool PacketRecords::take(const wire::Record& record, wire::FaultCounts& faults) {
  switch (record.tag) {
    case wire::tag(0, 1): {
      wire::SampledHeader header;
      const wire::Fault fault = wire::parseSampledHeader(record, header);
      if (fault != wire::kNoFault) {
        faults.add(fault);
      } else if (!hasHeader_) {
        header_ = header;
        hasHeader_ = true;
      }
      return true;
    }
    case wire::tag(0, 2): {
      wire::SampledEthernet ethernet;
      const wire::Fault fault = wire::parseSampledEthernet(record, ethernet);
      if (fault != wire::kNoFault) {
        faults.add(fault);
      } else if (!hasEthernet_) {
        ethernet_ = ethernet;
        hasEthernet_ = true;
      }
      return true;
    }
    case wire::tag(0, 3): {
      IpRecord ip{false, {}, {}};
      takeIp(ip, wire::parseSampledIpv4(record, ip.v4Fields), faults);
      return true;
    }
    case wire::tag(0, 4): {
      IpRecord ip{true, {}, {}};
      takeIp(ip, wire::parseSampledIpv6(record, ip.v6Fields), faults);
      return true;
    }
    default:
      return false;
  }
}

void PacketRecords::describe(SampleFields& fields) {
  fields.hasHeader = hasHeader_;
  if (hasHeader_) [[likely]] {
    fields.hasPacket = true;
    fields.frameBytes = header_.frameLength;
    decode::decodeHeader(header_.protocol, header_.frameLength, header_.stripped, header_.header, fields.packet);
    if (hasEthernet_ || ipCount_ != 0) [[unlikely]]
      complete(fields.packet);
    return;
  }
  fields.hasPacket = hasEthernet_ || ipCount_ != 0;
  fields.frameBytes = 0;
  if (!fields.hasPacket) return;
  const std::uint32_t length = hasEthernet_ ? ethernet_.length : outerIp(Family::any)->length();
  fields.frameBytes = length;
  fromRecords(length, 0, fields.packet);
}

void PacketRecords::fromRecords(std::uint32_t frameLength, std::uint32_t stripped, decode::Packet& packet) {
  if (!hasEthernet_) {
    const IpRecord& outer = *outerIp(Family::any);
    const Bytes octets = written(writeIpChain(outer, 0));
    return decode::decodeHeader(outer.v6 ? 12 : 11, frameLength, stripped, octets, packet);
  }
  const Family family = ethernet_.type == kIp4Type ? Family::v4 : ethernet_.type == kIp6Type ? Family::v6 : Family::any;
  const IpRecord* const outer = outerIp(family);
  const std::size_t at = writeEthernet(outer == nullptr ? Family::any : outer->v6 ? Family::v6 : Family::v4);
  decode::decodeHeader(1, frameLength, stripped, written(at), packet);
  if (outer != nullptr) decode::addIpLayers(written(writeIpChain(*outer, at)), at, packet);
}

/// What the records beside the header tell of the packet, and the header does not.
void PacketRecords::complete(decode::Packet& packet) {
  if (packet.layerCount == 0) return fromRecords(packet.frameLength, packet.stripped, packet);
  if (hasEthernet_ && isIp(packet.layers[0].kind)) putEthernetBefore(packet);
  if (ipCount_ == 0 || endOfLayers(packet) > sizeof octets_ - kMaxIp * decode::kSyntheticSize) return;
  if (!hasIp(packet)) {
    addIp(packet);
  } else if (isIp(packet.layers[packet.layerCount - 1].kind)) {
    addTransport(packet);
  }
}

void PacketRecords::putEthernetBefore(decode::Packet& packet) {
  const Bytes header = header_.header.first(std::min(header_.header.size(), kMaxFront));
  const std::size_t at = writeEthernet(packet.layers[0].kind == Layer::ip6 ? Family::v6 : Family::v4);
  std::copy(header.begin(), header.end(), octets_.begin() + static_cast<std::ptrdiff_t>(at));
  decode::decodeHeader(1, packet.frameLength, packet.stripped, written(at), packet);
  decode::addIpLayers(written(at + header.size()), at, packet);
}

/// The sampled octets end before the IP header: behind Ethernet, tags or labels.
void PacketRecords::addIp(decode::Packet& packet) {
  const Layer last = packet.layers[packet.layerCount - 1].kind;
  if (last != Layer::eth && last != Layer::vlan && last != Layer::mpls && last != Layer::pppoe && last != Layer::ppp)
    return;
  const decode::LayerRef* const eth = packet.layer(Layer::eth);
  const std::uint32_t type = eth == nullptr ? 0 : eth->value;
  const IpRecord* outer = nullptr;
  if (type == kIp4Type || type == kIp6Type) {
    outer = outerIp(type == kIp6Type ? Family::v6 : Family::v4);
    if (outer == nullptr || outer->v6 != (type == kIp6Type)) return;
  } else if (mayCarryIp(type)) {
    outer = outerIp(Family::any);
  }
  if (outer == nullptr) return;
  const std::size_t at = endOfLayers(packet);
  if (at > packet.bytes.size()) return;
  std::copy_n(packet.bytes.begin(), at, octets_.begin());
  decode::addIpLayers(written(writeIpChain(*outer, at)), at, packet);
}

/// The sampled octets end with the IP header, and a record about the same packet tells what came behind it.
void PacketRecords::addTransport(decode::Packet& packet) {
  const decode::LayerRef& last = packet.layers[packet.layerCount - 1];
  const bool v6 = last.kind == Layer::ip6;
  const std::size_t at = endOfLayers(packet), header = v6 ? 40 : 20;
  if (at > packet.bytes.size() || packet.bytes.size() >= at + 4) return;
  const std::uint8_t* const ip = packet.bytes.data() + last.offset;
  if (!v6 && (loadBe16(ip + 6) & 0x1FFF) != 0) return;  // a later fragment has no ports
  if (v6 && last.value > 0xFF) return;                  // extension headers: nothing tells where they end
  for (const IpRecord& record : std::span(ip_).first(ipCount_)) {
    if (record.v6 != v6 || record.protocol() != last.value) continue;
    const std::uint8_t* const from = v6 ? record.v6Fields.srcIp : record.v4Fields.srcIp;
    const std::uint8_t* const to = v6 ? record.v6Fields.dstIp : record.v4Fields.dstIp;
    const std::size_t width = v6 ? 16 : 4, addresses = v6 ? 8 : 12;
    if (!std::equal(from, from + width, ip + addresses) || !std::equal(to, to + width, ip + addresses + width))
      continue;
    // The record's own IP header is written where it overlaps that of the packet, which then takes its place again.
    std::array<std::uint8_t, decode::kSyntheticSize> kept;
    std::copy_n(packet.bytes.begin() + static_cast<std::ptrdiff_t>(at - header), header, kept.begin());
    if (packet.bytes.data() != octets_.data()) std::copy_n(packet.bytes.begin(), at, octets_.begin());
    const std::size_t end = writeIp(record, at - header);
    std::copy_n(kept.begin(), header, octets_.begin() + static_cast<std::ptrdiff_t>(at - header));
    if (end > at) decode::addTransportLayers(written(end), at, record.protocol(), packet);
    return;
  }
}

/// The first IP record of a family, or where there is none of that family, of any.
const PacketRecords::IpRecord* PacketRecords::outerIp(Family wanted) const {
  for (std::size_t i = 0; i < ipCount_; ++i) {
    if (wanted == Family::any || ip_[i].v6 == (wanted == Family::v6)) return &ip_[i];
  }
  return ipCount_ == 0 ? nullptr : &ip_[0];
}

/// `family`: of what follows, any: nothing known. An EtherType that stands for a tag, which the record does not have,
/// gives way to that of the IP header: the type after all tags.
std::size_t PacketRecords::writeEthernet(Family family) {
  std::uint32_t type = ethernet_.type;
  if (family != Family::any && isTag(type)) type = family == Family::v6 ? kIp6Type : kIp4Type;
  return decode::synthesizeEthernet(ethernet_.srcMac, ethernet_.dstMac, type, octets_).size();
}

/// Writes the headers that an IP record tells, from octet `at` on. Where they end.
std::size_t PacketRecords::writeIp(const IpRecord& record, std::size_t at) {
  const std::span<std::uint8_t> room = std::span(octets_).subspan(at);
  if (record.v6) {
    const wire::SampledIpv6& r = record.v6Fields;
    return at + decode::synthesizeIpv6(r.srcIp, r.dstIp, r.protocol, r.srcPort, r.dstPort, r.tcpFlags, r.priority,
                                       r.length, room)
                    .size();
  }
  const wire::SampledIpv4& r = record.v4Fields;
  return at +
         decode::synthesizeIpv4(r.srcIp, r.dstIp, r.protocol, r.srcPort, r.dstPort, r.tcpFlags, r.tos, r.length, room)
             .size();
}

/// The same for an IP record and those that are of the packet inside it, each once.
std::size_t PacketRecords::writeIpChain(const IpRecord& outer, std::size_t at) {
  constexpr std::uint32_t kIp4InIp = 4, kIp6InIp = 41;
  unsigned used = 0;  // a bit for each record
  for (const IpRecord* next = &outer; next != nullptr;) {
    at = writeIp(*next, at);
    used |= 1U << (next - ip_.data());
    const std::uint32_t protocol = next->protocol();
    next = nullptr;
    for (std::size_t i = 0; i < ipCount_ && next == nullptr; ++i) {
      if ((used >> i & 1) == 0 && protocol == (ip_[i].v6 ? kIp6InIp : kIp4InIp)) next = &ip_[i];
    }
  }
  return at;
}

}  // namespace weir::flow
