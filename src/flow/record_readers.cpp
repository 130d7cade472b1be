#include <algorithm>
#include <cstring>
#include <string>

#include "flow/reader_support.h"
#include "wire/flow_records.h"
#include "wire/record_table.h"

/// Readers of flow records. A record that is shorter than its structure, or whose counts do not fit, has no values.
namespace weir::flow::read {

namespace {

using wire::FieldType;
using wire::FieldValue;
using wire::RecordSpace;

// Of lists: more is not read. A text is shortened in a key long before that.
constexpr std::size_t kMostListed = 64;
constexpr std::size_t kListText = kMostListed * 11;

// One field of a sound record. Versions 2 and 4 have some records in another layout: there the name decides.
bool readRecordField(const wire::Record& record, unsigned index, FieldValue& out) {
  const wire::RecordSpec* spec = wire::recordSpec(RecordSpace::flow, record);
  const wire::RecordSpec* known = wire::recordSpec(RecordSpace::flow, record.tag);
  if (spec == nullptr || known == nullptr) return false;
  const std::string_view name = known->fields[index].name;
  wire::FieldReader fields(*spec, record);
  FieldValue value;
  bool found = false;
  for (unsigned i = 0; fields.next(value); ++i) {
    if (spec == known ? i != index : value.name != name) continue;
    out = value;
    found = true;
  }
  return found && fields.fault() == wire::kNoFault;
}

// Numbers joined by `-`.
class List {
 public:
  List(Scratch& scratch, const FlowKeyEntry& entry) : out_(scratch, kListText), entry_(entry) {}
  void add(const Bytes& numbers) {
    for (std::size_t i = 0; i + 4 <= numbers.size() && count_ < kMostListed; i += 4, ++count_) {
      if (count_ != 0) out_.put('-');
      out_.decimal(loadBe32(numbers.data() + i) >> entry_.shift & entry_.mask);
    }
  }
  [[nodiscard]] bool finish(Value& v) const { return out_.finish(v); }

 private:
  TextWriter out_;
  const FlowKeyEntry& entry_;
  std::size_t count_ = 0;
};

// A text that is empty means unknown.
bool asText(const FieldValue& field, const FlowKeyEntry& entry, Scratch& scratch, Value& v) {
  if (field.type == FieldType::str || field.type == FieldType::opaque) {
    return !field.bytes.empty() && octets(v, field.bytes.data(), field.bytes.size());
  }
  List list(scratch, entry);
  if (field.type == FieldType::u32s) {
    list.add(field.bytes);
    return list.finish(v);
  }
  if (field.type != FieldType::aspath) return false;
  wire::AsPathReader path(static_cast<std::uint32_t>(field.number), field.bytes);
  wire::AsPathReader::Segment segment;
  while (path.next(segment)) list.add(segment.asNumbers);
  return list.finish(v);
}

bool asAddress(const FieldValue& field, Scratch& scratch, Value& v) {
  const IpAddress address = field.address();
  if (address.family == IpAddress::Family::none) return false;
  std::uint8_t* at = scratch.take(sizeof address);
  if (at == nullptr) return false;
  std::memcpy(at, &address, sizeof address);
  return octets(v, at, sizeof address);
}

bool asValue(const FieldValue& field, const FlowKeyEntry& entry, Scratch& scratch, Value& v) {
  switch (entry.type) {
    case Type::text:
      return asText(field, entry, scratch, v);
    case Type::address:
      return asAddress(field, scratch, v);
    case Type::mac:
    case Type::ip4:
    case Type::ip6:
      return field.bytes.size() == entry.width && octets(v, field.bytes.data(), entry.width);
    default:
      // All ones in four octets mean unknown; a negative number means nothing in any record.
      if (field.type != FieldType::u64 && field.number >= 0xFFFFFFFF) return false;
      return number(v, field.number >> entry.shift & entry.mask);
  }
}

}  // namespace

bool recordField(const SampleFields& sample, const FlowKeyEntry& entry, Scratch& scratch, Value& value) {
  for (std::size_t i = 0; i < entry.recordFieldCount; ++i) {
    const wire::Record* record = findRecord(sample, entry.recordFields[i].tag, 0);
    FieldValue field;
    if (record == nullptr || !readRecordField(*record, entry.recordFields[i].index, field)) continue;
    if (asValue(field, entry, scratch, value)) return true;
  }
  return false;
}

bool applicationBytes(const SampleFields& sample, double& bytes) {
  static const FlowKeyEntry& request = *findFlowKey("req_bytes");
  static const FlowKeyEntry& response = *findFlowKey("resp_bytes");
  bool found = false;
  bytes = 0;
  for (const FlowKeyEntry* direction : {&request, &response}) {
    Scratch scratch;
    Value value;
    if (!recordField(sample, *direction, scratch, value)) continue;
    bytes += static_cast<double>(value.number);
    found = true;
  }
  return found;
}

// --- extended_router (0:1002): its masks belong to the addresses of the outermost IP header.

namespace {

const wire::Record* routerRecord(const SampleFields& s, wire::ExtendedRouter& router) {
  const wire::Record* record = findRecord(s, wire::tag(0, 1002), 0);
  return record != nullptr && wire::parseExtendedRouter(*record, router) == wire::kNoFault ? record : nullptr;
}

bool isIp6(const SampleFields& s, const wire::ExtendedRouter& router) {
  const decode::LayerRef* ip = findLayer(s, decode::Layer::ip, 0);
  const decode::LayerRef* ip6 = findLayer(s, decode::Layer::ip6, 0);
  if (ip == nullptr && ip6 == nullptr) return router.nexthop.family == IpAddress::Family::v6;
  return ip == nullptr || (ip6 != nullptr && ip6 < ip);
}

bool maskBits(const SampleFields& s, bool ip6, bool source, std::uint32_t& bits) {
  wire::ExtendedRouter router;
  if (routerRecord(s, router) == nullptr || isIp6(s, router) != ip6) return false;
  bits = source ? router.srcMaskLen : router.dstMaskLen;
  return bits <= (ip6 ? 128 : 32);
}

// `10.1.0.0/16`: the network of the packet's address.
bool subnet(const SampleFields& s, bool ip6, bool source, Scratch& scratch, Value& v) {
  std::uint32_t bits = 0;
  if (!maskBits(s, ip6, source, bits)) return false;
  const std::uint8_t* p = ip6 ? layerField(s, decode::Layer::ip6, 0, source ? 8 : 24, 16)
                              : layerField(s, decode::Layer::ip, 0, source ? 12 : 16, 4);
  if (p == nullptr) return false;
  IpAddress network = ip6 ? IpAddress::v6(p) : IpAddress::v4(p);
  for (std::size_t i = 0; i < network.octets.size(); ++i) {
    const std::size_t kept = bits > 8 * i ? std::min<std::size_t>(bits - 8 * i, 8) : 0;
    network.octets[i] &= static_cast<std::uint8_t>(0xFF00 >> kept);
  }
  thread_local std::string text;
  text.clear();
  if (ip6) {
    appendIp6(text, network.octets.data());
  } else {
    appendIp4(text, network.octets.data());
  }
  TextWriter out(scratch, 44);
  out.put(text);
  out.put('/');
  out.decimal(bits);
  return out.finish(v);
}

}  // namespace

#define WEIR_ROUTER_READERS(name, ip6, source)                                     \
  bool name##MaskBits(const SampleFields& s, unsigned, Scratch&, Value& v) {       \
    std::uint32_t bits = 0;                                                        \
    return maskBits(s, ip6, source, bits) && number(v, bits);                      \
  }                                                                                \
  bool name##Subnet(const SampleFields& s, unsigned, Scratch& scratch, Value& v) { \
    return subnet(s, ip6, source, scratch, v);                                     \
  }
WEIR_ROUTER_READERS(ip4Source, false, true)
WEIR_ROUTER_READERS(ip4Destination, false, false)
WEIR_ROUTER_READERS(ip6Source, true, true)
WEIR_ROUTER_READERS(ip6Destination, true, false)
#undef WEIR_ROUTER_READERS

// --- extended_gateway (0:1003)

namespace {

bool gatewayRecord(const SampleFields& s, wire::ExtendedGateway& gateway) {
  const wire::Record* record = findRecord(s, wire::tag(0, 1003), 0);
  return record != nullptr && wire::parseExtendedGateway(*record, gateway) == wire::kNoFault;
}

}  // namespace

// An empty path: the destination is in the agent's own AS.
bool bgpDestinationAs(const SampleFields& s, unsigned, Scratch&, Value& v) {
  wire::ExtendedGateway gateway;
  return gatewayRecord(s, gateway) && number(v, gateway.dstAs != 0 ? gateway.dstAs : gateway.as);
}
bool bgpDestinationPeerAs(const SampleFields& s, unsigned, Scratch&, Value& v) {
  wire::ExtendedGateway gateway;
  return gatewayRecord(s, gateway) && gateway.dstPeerAs != 0 && number(v, gateway.dstPeerAs);
}
bool bgpCommunities(const SampleFields& s, unsigned, Scratch& scratch, Value& v) {
  wire::ExtendedGateway gateway;
  if (!gatewayRecord(s, gateway)) return false;
  TextWriter out(scratch, kListText);
  for (std::size_t i = 0; i < gateway.communityCount() && i < kMostListed; ++i) {
    if (i != 0) out.put('_');
    out.decimal(gateway.community(i) >> 16);
    out.put(':');
    out.decimal(gateway.community(i) & 0xFFFF);
  }
  return out.finish(v);
}

// --- tunnels: ports and flags of the records that are laid out as sampled_ipv4 and sampled_ipv6.

namespace {

struct TunnelHeader {
  std::uint32_t protocol, sourcePort, destinationPort, tcpFlags;
};

bool tunnelHeader(const SampleFields& s, std::uint32_t tag4, std::uint32_t tag6, TunnelHeader& out) {
  wire::SampledIpv4 ip4;
  const wire::Record* record = findRecord(s, tag4, 0);
  if (record != nullptr && wire::parseSampledIpv4(*record, ip4) == wire::kNoFault) {
    out = {ip4.protocol, ip4.srcPort, ip4.dstPort, ip4.tcpFlags};
    return true;
  }
  wire::SampledIpv6 ip6;
  record = findRecord(s, tag6, 0);
  if (record == nullptr || wire::parseSampledIpv6(*record, ip6) != wire::kNoFault) return false;
  out = {ip6.protocol, ip6.srcPort, ip6.dstPort, ip6.tcpFlags};
  return true;
}

}  // namespace

#define WEIR_TUNNEL_READER(name, tag4, tag6, number_, member)                                                 \
  bool name(const SampleFields& s, unsigned, Scratch&, Value& v) {                                            \
    TunnelHeader header{};                                                                                    \
    return tunnelHeader(s, wire::tag(0, tag4), wire::tag(0, tag6), header) && header.protocol == (number_) && \
           number(v, header.member);                                                                          \
  }
#define WEIR_TUNNEL_READERS(side, tag4, tag6)                                  \
  WEIR_TUNNEL_READER(side##TcpSourcePort, tag4, tag6, 6, sourcePort)           \
  WEIR_TUNNEL_READER(side##TcpDestinationPort, tag4, tag6, 6, destinationPort) \
  WEIR_TUNNEL_READER(side##TcpFlags, tag4, tag6, 6, tcpFlags & 0x1FF)          \
  WEIR_TUNNEL_READER(side##UdpSourcePort, tag4, tag6, 17, sourcePort)          \
  WEIR_TUNNEL_READER(side##UdpDestinationPort, tag4, tag6, 17, destinationPort)
WEIR_TUNNEL_READERS(input, 1024, 1026)
WEIR_TUNNEL_READERS(output, 1023, 1025)
#undef WEIR_TUNNEL_READERS
#undef WEIR_TUNNEL_READER

// --- extended_tcp_info (0:2209)

// What a round trip takes longer than the shortest one did: time in queues.
bool tcpRttWait(const SampleFields& s, unsigned, Scratch&, Value& v) {
  const wire::Record* record = findRecord(s, wire::tag(0, 2209), 48);
  if (record == nullptr) return false;
  const std::uint32_t rtt = loadBe32(record->data.data() + 28), shortest = loadBe32(record->data.data() + 44);
  return number(v, rtt > shortest ? rtt - shortest : 0);
}

// --- extended_entities (0:2210): class 0 with index 0 is unknown.

namespace {

bool entity(const SampleFields& s, unsigned at, Value& v) {
  const wire::Record* record = findRecord(s, wire::tag(0, 2210), 16);
  if (record == nullptr) return false;
  const std::uint64_t source = loadBe64(record->data.data() + at);
  return source != 0 && number(v, source);
}

}  // namespace

bool sourceEntity(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return entity(s, 0, v);
}
bool destinationEntity(const SampleFields& s, unsigned, Scratch&, Value& v) {
  return entity(s, 8, v);
}

}  // namespace weir::flow::read
