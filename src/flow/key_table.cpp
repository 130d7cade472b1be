#include "flow/key_table.h"

#include <unordered_map>
#include <vector>

#include "flow/key_readers.h"
#include "flow/names.h"

namespace weir::flow {

namespace {

using decode::Layer;

constexpr std::uint8_t widthOf(Type type, unsigned octets) {
  switch (type) {
    case Type::boolean:
      return 1;
    case Type::mac:
      return 6;
    case Type::ip4:
      return 4;
    case Type::ip6:
      return 16;
    case Type::address:
      return 17;
    case Type::layers:
      return decode::kMaxLayers;
    case Type::interface:
      return 4;
    case Type::dataSource:
      return 8;
    default:
      return octets <= 2 ? static_cast<std::uint8_t>(octets) : octets <= 4 ? 4 : 8;
  }
}

// The notation of the table: one function a source, and what refines it.
struct Key : FlowKeyEntry {
  constexpr Key part(std::uint8_t shiftBits, std::uint64_t maskBits) const {
    Key k = *this;
    k.shift = shiftBits;
    k.mask = maskBits;
    return k;
  }
  constexpr Key digits(std::uint8_t n) const {
    Key k = *this;
    k.bits = n;
    return k;
  }
  constexpr Key named(NameOf nameOf, std::uint16_t limit) const {
    Key k = *this;
    k.names = nameOf;
    k.domain = limit;
    return k;
  }
  constexpr Key alias(std::string_view names_) const {
    Key k = *this;
    k.aliases = names_;
    return k;
  }
  constexpr Key is(std::string_view exampleText, std::string_view docText) const {
    Key k = *this;
    k.example = exampleText;
    k.doc = docText;
    return k;
  }
};

constexpr Key field(std::string_view name, Type type, Layer layer, std::uint8_t at, std::uint8_t size) {
  Key k;
  k.name = name;
  k.type = type;
  k.width = widthOf(type, size);
  k.source = Source::field;
  k.layered = true;
  k.layer = layer;
  k.at = at;
  k.size = size;
  return k;
}

constexpr Key layerValue(std::string_view name, Layer layer, std::uint8_t octets) {
  Key k = field(name, Type::number, layer, 0, octets);
  k.source = Source::layerValue;
  return k;
}

constexpr Key layerOffset(std::string_view name, Layer layer, std::string_view doc) {
  Key k = field(name, Type::number, layer, 0, 2);
  k.source = Source::layerOffset;
  k.example = "14";
  k.doc = doc;
  return k;
}

constexpr Key record(std::string_view name, Type type, std::uint32_t tag, std::uint8_t at, std::uint8_t size) {
  Key k;
  k.name = name;
  k.type = type;
  k.width = widthOf(type, size);
  k.source = Source::record;
  k.recordTag = tag;
  k.at = at;
  k.size = size;
  return k;
}

/// A function of a header layer.
constexpr Key layerFunction(std::string_view name, Type type, std::uint8_t octets, Layer layer, Reader read) {
  Key k = field(name, type, layer, 0, octets);
  k.source = Source::function;
  k.read = read;
  return k;
}

/// A function of the whole sample.
constexpr Key sampleFunction(std::string_view name, Type type, std::uint8_t octets, Reader read) {
  Key k = layerFunction(name, type, octets, Layer::eth, read);
  k.layered = false;
  return k;
}

constexpr Key text(Key k, std::uint8_t octets) {
  k.type = Type::text;
  k.width = octets;
  return k;
}

constexpr Key kSampleKeys[] = {
    sampleFunction("inputifindex", Type::interface, 4, read::inputIfIndex)
        .is("3",
            "ifIndex of the port the packet came in by; `unknown` (filters take `0` too), `internal`, `discard`, "
            "`multiple`"),
    sampleFunction("outputifindex", Type::interface, 4, read::outputIfIndex)
        .is("multiple", "ifIndex of the port the packet left by; texts as for inputifindex"),
    sampleFunction("direction", Type::name, 1, read::direction)
        .named(read::directionName, 3)
        .is("ingress",
            "`ingress` when the data source is the input port, `egress` when it is the output port, else absent"),
    sampleFunction("bytes", Type::number, 4, read::bytes).is("1518", "length of the sampled frame in octets"),
    sampleFunction("frames", Type::number, 1, read::frames)
        .is("1", "1 for every sampled packet and every drop notification"),
    sampleFunction("requests", Type::number, 1, read::requests).is("1", "1 for every sample"),
    sampleFunction("stripped", Type::number, 4, read::stripped)
        .is("4", "octets removed before sampling (FCS, encapsulation) that `bytes` counts"),
    sampleFunction("stack", Type::layers, 0, read::stack)
        .is("eth.ip.tcp", "protocol layers of the header, joined by `.`"),
    sampleFunction("samplingrate", Type::number, 4, read::samplingRate)
        .is("20000", "sampling rate of the sample, 1 in N"),
    sampleFunction("agent", Type::address, 17, read::agent).is("192.168.0.11", "address of the sFlow agent"),
    sampleFunction("datasource", Type::dataSource, 8, read::dataSource)
        .is("37", "data source of the sample: its ifIndex, or class.index"),
    sampleFunction("reason", Type::name, 4, read::reason)
        .named(discardReason, 512)
        .is("acl", "why the packet was dropped; drop notifications only"),
    record("queueindex", Type::number, wire::tag(0, 1036), 0, 4).is("2", "egress queue (record 0:1036)"),
    record("queuedepth", Type::number, wire::tag(0, 1040), 0, 4)
        .is("1500", "octets in the egress queue (record 0:1040)"),
    record("transitdelay", Type::number, wire::tag(0, 1039), 0, 4)
        .is("250", "ns from ingress to egress (record 0:1039)"),
};

constexpr Key kEthernetKeys[] = {
    field("macsource", Type::mac, Layer::eth, 6, 6).is("000000CC0101", "source address"),
    field("macdestination", Type::mac, Layer::eth, 0, 6).is("FFFFFFFFFFFF", "destination address"),
    layerValue("ethernetprotocol", Layer::eth, 2)
        .part(0, 0xFFFF)
        .is("2048", "EtherType after all tags (802.3: the length)"),
    layerFunction("isbroadcast", Type::boolean, 1, Layer::eth, read::isBroadcast)
        .is("false", "the destination address is FFFFFFFFFFFF"),
    layerFunction("ismulticast", Type::boolean, 1, Layer::eth, read::isMulticast)
        .is("false", "the destination is a group address, but not broadcast"),
    layerFunction("isunicast", Type::boolean, 1, Layer::eth, read::isUnicast)
        .is("true", "the destination is an individual address"),
    field("vlan", Type::number, Layer::vlan, 0, 2)
        .part(0, 0xFFF)
        .is("100", "VLAN id of the tag; `vlan.1` of the second tag"),
    field("priority", Type::number, Layer::vlan, 0, 2).part(13, 7).is("0", "802.1p priority of the tag"),
    field("llcdsap", Type::number, Layer::llc, 0, 1).is("66", "802.2 destination service access point"),
    field("llcssap", Type::number, Layer::llc, 1, 1).is("66", "802.2 source service access point"),
};

constexpr Key kArpKeys[] = {
    layerFunction("arpoperation", Type::number, 2, Layer::arp, read::arpOperation).is("1", "1 request, 2 reply"),
    layerFunction("arpmacsender", Type::mac, 6, Layer::arp, read::arpMacSender)
        .is("000000CC0101", "sender's MAC address"),
    layerFunction("arpipsender", Type::ip4, 4, Layer::arp, read::arpIpSender).is("10.0.0.1", "sender's IPv4 address"),
    layerFunction("arpmactarget", Type::mac, 6, Layer::arp, read::arpMacTarget)
        .is("000000000000", "target's MAC address"),
    layerFunction("arpiptarget", Type::ip4, 4, Layer::arp, read::arpIpTarget).is("10.0.0.2", "target's IPv4 address"),
};

constexpr Key kMplsKeys[] = {
    layerFunction("mplslabel", Type::number, 4, Layer::mpls, read::mplsLabel)
        .is("16001", "label of the top entry; the suffix counts entries: `mplslabel.1` is the second"),
    layerFunction("mplsexp", Type::number, 1, Layer::mpls, read::mplsExp).is("0", "traffic class of the entry"),
    layerFunction("mplsbottom", Type::boolean, 1, Layer::mpls, read::mplsBottom)
        .is("true", "the entry is the last of its stack"),
    layerFunction("mplsttl", Type::number, 1, Layer::mpls, read::mplsTtl).is("63", "time to live of the entry"),
    text(layerFunction("mplslabels", Type::text, 1, Layer::mpls, read::mplsLabels), 64)
        .is("16001-24", "all labels of a stack, top first"),
};

constexpr Key kIpKeys[] = {
    field("ipsource", Type::ip4, Layer::ip, 12, 4).is("10.0.0.1", "source address"),
    field("ipdestination", Type::ip4, Layer::ip, 16, 4).is("10.0.0.2", "destination address"),
    field("ipprotocol", Type::number, Layer::ip, 9, 1).is("6", "protocol"),
    field("ipbytes", Type::number, Layer::ip, 2, 2).is("1500", "total length"),
    field("ipversion", Type::number, Layer::ip, 0, 1).part(4, 15).is("4", "version"),
    field("iptos", Type::bits, Layer::ip, 1, 1).digits(8).is("01100000", "type of service octet"),
    field("ipdscp", Type::number, Layer::ip, 1, 1).part(2, 63).is("46", "differentiated services code point"),
    field("ipdscpname", Type::name, Layer::ip, 1, 1)
        .part(2, 63)
        .named(dscpName, 64)
        .is("ef(46)", "its name and number"),
    field("ipecn", Type::bits, Layer::ip, 1, 1).part(0, 3).digits(2).is("00", "explicit congestion notification"),
    field("ipid", Type::number, Layer::ip, 4, 2).is("4711", "identification"),
    field("ipflags", Type::bits, Layer::ip, 6, 2)
        .part(13, 7)
        .digits(3)
        .is("010", "reserved, don't fragment, more fragments"),
    field("ipfragoffset", Type::number, Layer::ip, 6, 2)
        .part(0, 0x1FFF)
        .is("0", "fragment offset in units of 8 octets"),
    field("ipttl", Type::number, Layer::ip, 8, 1).is("64", "time to live"),
};

constexpr Key kIp6Keys[] = {
    field("ip6source", Type::ip6, Layer::ip6, 8, 16).is("FE80::A00:27FF:FEB8:326D", "source address"),
    field("ip6destination", Type::ip6, Layer::ip6, 24, 16).is("FF02::1", "destination address"),
    layerValue("ip6nexthdr", Layer::ip6, 1).part(0, 0xFF).is("17", "next header behind all extension headers"),
    field("ip6bytes", Type::number, Layer::ip6, 4, 2).is("60", "payload length"),
    field("ip6tos", Type::bits, Layer::ip6, 0, 2).part(4, 0xFF).digits(8).is("01100000", "traffic class"),
    field("ip6dscp", Type::number, Layer::ip6, 0, 2).part(6, 63).is("0", "differentiated services code point"),
    field("ip6dscpname", Type::name, Layer::ip6, 0, 2)
        .part(6, 63)
        .named(dscpName, 64)
        .is("be(0)", "its name and number"),
    field("ip6ecn", Type::bits, Layer::ip6, 0, 2).part(4, 3).digits(2).is("00", "explicit congestion notification"),
    field("ip6flowlabel", Type::number, Layer::ip6, 0, 4).part(0, 0xFFFFF).is("501244", "flow label"),
    field("ip6ttl", Type::number, Layer::ip6, 7, 1).is("63", "hop limit"),
    text(layerFunction("ip6extensions", Type::text, 1, Layer::ip6, read::ip6Extensions), 48)
        .is("0-44", "types of the extension headers, joined by `-`; absent without any"),
    layerFunction("ip6fragoffset", Type::number, 2, Layer::ip6, read::ip6FragmentOffset)
        .is("0", "fragment offset in units of 8 octets; 0 without a fragment header"),
    layerFunction("ip6fragm", Type::boolean, 1, Layer::ip6, read::ip6MoreFragments)
        .is("false", "more fragments; filters take `yes` and `no` too"),
};

constexpr Key kTransportKeys[] = {
    field("tcpsourceport", Type::number, Layer::tcp, 0, 2).is("52100", "source port"),
    field("tcpdestinationport", Type::number, Layer::tcp, 2, 2).is("443", "destination port"),
    field("tcpflags", Type::bits, Layer::tcp, 12, 2)
        .part(0, 0x1FF)
        .digits(9)
        .is("000000010", "NS CWR ECE URG ACK PSH RST SYN FIN"),
    field("tcpseqno", Type::number, Layer::tcp, 4, 4).is("305419896", "sequence number"),
    field("tcpackno", Type::number, Layer::tcp, 8, 4).is("0", "acknowledgement number"),
    field("tcpoffset", Type::number, Layer::tcp, 12, 1).part(4, 15).is("5", "header length in units of 4 octets"),
    field("tcpwindow", Type::number, Layer::tcp, 14, 2).is("64240", "window"),
    field("udpsourceport", Type::number, Layer::udp, 0, 2).is("5353", "source port"),
    field("udpdestinationport", Type::number, Layer::udp, 2, 2).is("53", "destination port"),
    field("udpbytes", Type::number, Layer::udp, 4, 2).is("48", "length of header and data"),
    field("sctpsourceport", Type::number, Layer::sctp, 0, 2).is("2905", "source port"),
    field("sctpdestinationport", Type::number, Layer::sctp, 2, 2).is("2905", "destination port"),
    field("dccpsourceport", Type::number, Layer::dccp, 0, 2).is("5004", "source port"),
    field("dccpdestinationport", Type::number, Layer::dccp, 2, 2).is("5004", "destination port"),
    field("espspi", Type::number, Layer::esp, 0, 4).is("305419896", "security parameters index"),
    field("ahspi", Type::number, Layer::ah, 4, 4).is("305419896", "security parameters index"),
};

constexpr Key kIcmpKeys[] = {
    field("icmptype", Type::number, Layer::icmp, 0, 1).is("8", "type"),
    field("icmpcode", Type::number, Layer::icmp, 1, 1).is("0", "code"),
    layerFunction("icmpid", Type::number, 2, Layer::icmp, read::icmpId).is("7", "identifier of echo and other queries"),
    layerFunction("icmpseqno", Type::number, 2, Layer::icmp, read::icmpSequence)
        .is("1", "sequence number of echo and other queries"),
    layerFunction("icmpunreachablenet", Type::ip4, 4, Layer::icmp, read::icmpUnreachableNet)
        .is("10.9.0.1", "destination of the packet whose network cannot be reached (type 3, codes 0, 6, 9, 11)"),
    layerFunction("icmpunreachablehost", Type::ip4, 4, Layer::icmp, read::icmpUnreachableHost)
        .is("10.9.0.1", "destination of the packet whose host cannot be reached (type 3, codes 1, 7, 10, 12)"),
    layerFunction("icmpunreachableprotocol", Type::number, 1, Layer::icmp, read::icmpUnreachableProtocol)
        .is("47", "protocol that the host does not have (type 3, code 2)"),
    text(layerFunction("icmpunreachableport", Type::text, 1, Layer::icmp, read::icmpUnreachablePort), 12)
        .is("udp_53", "protocol and port where nobody listens (type 3, code 3)"),
    field("icmp6type", Type::number, Layer::icmp6, 0, 1).is("135", "type"),
    field("icmp6code", Type::number, Layer::icmp6, 1, 1).is("0", "code"),
    layerFunction("icmp6unreachablenet", Type::ip6, 16, Layer::icmp6, read::icmp6UnreachableNet)
        .is("2001:DB8::1", "destination of the packet without a route (type 1, codes 0, 5, 6)"),
    layerFunction("icmp6unreachablehost", Type::ip6, 16, Layer::icmp6, read::icmp6UnreachableHost)
        .is("2001:DB8::1", "destination of the packet whose host cannot be reached (type 1, codes 2, 3)"),
    text(layerFunction("icmp6unreachableport", Type::text, 1, Layer::icmp6, read::icmp6UnreachablePort), 12)
        .is("udp_53", "protocol and port where nobody listens (type 1, code 4)"),
    field("igmptype", Type::number, Layer::igmp, 0, 1).is("22", "type"),
    field("igmpgroup", Type::ip4, Layer::igmp, 4, 4).is("224.0.0.251", "group address"),
};

constexpr std::uint32_t kIngress4 = wire::tag(0, 1024), kIngress6 = wire::tag(0, 1026);
constexpr std::uint32_t kEgress4 = wire::tag(0, 1023), kEgress6 = wire::tag(0, 1025);

// The tunnel records are laid out as sampled_ipv4 and sampled_ipv6.
#define WEIR_TUNNEL_KEYS(prefix, tag4, tag6, side)                                                                   \
  record(prefix "ipsource", Type::ip4, tag4, 8, 4).is("10.0.0.1", "source address of the " side " tunnel header"),   \
      record(prefix "ipdestination", Type::ip4, tag4, 12, 4).is("10.0.0.2", "its destination address"),              \
      record(prefix "ipprotocol", Type::number, tag4, 4, 4).is("17", "its protocol"),                                \
      record(prefix "ipbytes", Type::number, tag4, 0, 4).is("1550", "its total length"),                             \
      record(prefix "iptos", Type::bits, tag4, 28, 4).part(0, 0xFF).digits(8).is("00000000", "its type of service"), \
      record(prefix "ip6source", Type::ip6, tag6, 8, 16).is("2001:DB8::1", "its source address, IPv6"),              \
      record(prefix "ip6destination", Type::ip6, tag6, 24, 16).is("2001:DB8::2", "its destination address, IPv6"),   \
      record(prefix "ip6nexthdr", Type::number, tag6, 4, 4).is("17", "its final next header"),                       \
      sampleFunction(prefix "tcpsourceport", Type::number, 2, read::tunnelPort<tag4, 4, 16, 6>)                      \
          .is("52100", "its TCP source port (IPv4)"),                                                                \
      sampleFunction(prefix "tcpdestinationport", Type::number, 2, read::tunnelPort<tag4, 4, 20, 6>)                 \
          .is("443", "its TCP destination port (IPv4)"),                                                             \
      sampleFunction(prefix "udpsourceport", Type::number, 2, read::tunnelPort<tag4, 4, 16, 17>)                     \
          .is("52100", "its UDP source port (IPv4)"),                                                                \
      sampleFunction(prefix "udpdestinationport", Type::number, 2, read::tunnelPort<tag4, 4, 20, 17>)                \
          .is("4789", "its UDP destination port (IPv4)")

constexpr Key kTunnelKeys[] = {
    layerValue("vxlanvni", Layer::vxlan, 4).alias("vni").is("5001", "VXLAN network identifier"),
    layerValue("genevevni", Layer::geneve, 4).is("5001", "Geneve network identifier"),
    layerValue("grevsid", Layer::nvgre, 4).is("5001", "NVGRE virtual subnet identifier"),
    layerValue("greprotocol", Layer::gre, 2).part(0, 0xFFFF).is("25944", "protocol type"),
    layerFunction("grekey", Type::number, 4, Layer::gre, read::greKey).is("7", "key"),
    layerValue("erspansession", Layer::erspan, 2).is("12", "ERSPAN session"),
    layerValue("gtpteid", Layer::gtp, 4).is("305419896", "GTP tunnel endpoint identifier"),
    field("gtptype", Type::number, Layer::gtp, 1, 1).is("255", "GTP message type"),
    layerValue("l2tpsession", Layer::l2tp, 4).is("7", "L2TP session"),
    layerValue("pppoesession", Layer::pppoe, 2).is("17", "PPPoE session"),
    layerValue("pppprotocol", Layer::ppp, 2).is("33", "PPP protocol"),
    layerValue("isid", Layer::isid, 4).is("256", "service instance of provider backbone bridging"),
    record("inputvni", Type::number, wire::tag(0, 1030), 0, 4)
        .is("5001", "virtual network the packet came from (record 0:1030)"),
    record("outputvni", Type::number, wire::tag(0, 1029), 0, 4)
        .is("5001", "virtual network the packet went to (record 0:1029)"),
    WEIR_TUNNEL_KEYS("input", kIngress4, kIngress6, "removed"),
    WEIR_TUNNEL_KEYS("output", kEgress4, kEgress6, "added"),
};
#undef WEIR_TUNNEL_KEYS

constexpr Key kRoceKeys[] = {
    field("ibbtopcode", Type::number, Layer::ibbt, 0, 1).is("129", "opcode; 129 is a congestion notification"),
    field("ibbtoptransport", Type::name, Layer::ibbt, 0, 1)
        .part(5, 7)
        .named(ibTransportName, 8)
        .is("RC", "RC, UC, RD, UD, CNP, XRC"),
    field("ibbtopname", Type::name, Layer::ibbt, 0, 1).named(ibOperationName, 256).is("RDMA_WRITE_FIRST", "operation"),
    field("ibbtse", Type::boolean, Layer::ibbt, 1, 1).part(7, 1).is("false", "solicited event"),
    field("ibbtm", Type::boolean, Layer::ibbt, 1, 1).part(6, 1).is("false", "migration state"),
    field("ibbtpadcnt", Type::number, Layer::ibbt, 1, 1).part(4, 3).is("0", "octets of padding"),
    field("ibbttver", Type::number, Layer::ibbt, 1, 1).part(0, 15).is("0", "header version"),
    field("ibbtpkey", Type::number, Layer::ibbt, 2, 2).is("65535", "partition key"),
    field("ibbtdestinationqp", Type::number, Layer::ibbt, 4, 4)
        .part(0, 0xFFFFFF)
        .alias("ibbtdestqp")
        .is("210", "destination queue pair"),
    field("ibbtackreq", Type::boolean, Layer::ibbt, 8, 1).part(7, 1).is("true", "acknowledgement requested"),
    field("ibbtpsn", Type::number, Layer::ibbt, 8, 4).part(0, 0xFFFFFF).is("13571856", "packet sequence number"),
    layerFunction("ibbtrdmava", Type::number, 8, Layer::ibbt, read::ibRdmaAddress)
        .is("94558848655360", "RDMA virtual address"),
    layerFunction("ibbtrdmarkey", Type::number, 4, Layer::ibbt, read::ibRdmaKey).is("6172", "RDMA remote key"),
    layerFunction("ibbtrdmalen", Type::number, 4, Layer::ibbt, read::ibRdmaLength).is("65536", "RDMA DMA length"),
    layerFunction("ibbtaethack", Type::number, 1, Layer::ibbt, read::ibAckCredits)
        .is("31", "credits of an acknowledgement"),
    layerFunction("ibbtaethmsn", Type::number, 4, Layer::ibbt, read::ibAckMessage)
        .is("4", "message sequence number of an acknowledgement"),
};

constexpr std::uint32_t kSwitch = wire::tag(0, 1001);

constexpr Key kSwitchKeys[] = {
    record("vlansource", Type::number, kSwitch, 0, 4).is("100", "VLAN of the received frame"),
    record("prioritysource", Type::number, kSwitch, 4, 4).is("0", "802.1p priority of the received frame"),
    record("vlandestination", Type::number, kSwitch, 8, 4).is("200", "VLAN of the sent frame"),
    record("prioritydestination", Type::number, kSwitch, 12, 4).is("0", "802.1p priority of the sent frame"),
};

constexpr Key kOffsetKeys[] = {
#define WEIR_OFFSET_KEY(name, token) \
  layerOffset(#name "_offset", Layer::name, "where the " #name " header begins, octets from the start of the packet"),
    WEIR_LAYERS(WEIR_OFFSET_KEY)
#undef WEIR_OFFSET_KEY
};

struct Section {
  std::string_view title;
  std::span<const Key> keys;
};

const Section kSections[] = {
    {"Sample", kSampleKeys},
    {"Ethernet and VLAN", kEthernetKeys},
    {"ARP", kArpKeys},
    {"MPLS", kMplsKeys},
    {"IPv4", kIpKeys},
    {"IPv6", kIp6Keys},
    {"TCP, UDP, SCTP, DCCP, IPsec", kTransportKeys},
    {"ICMP and IGMP", kIcmpKeys},
    {"Tunnels and virtual networks", kTunnelKeys},
    {"RoCEv2", kRoceKeys},
    {"Extended switch record", kSwitchKeys},
    {"Header offsets", kOffsetKeys},
};

std::vector<FlowKeyEntry> makeTable() {
  std::vector<FlowKeyEntry> table;
  for (const Section& section : kSections) {
    for (const Key& key : section.keys) {
      table.push_back(key);
      table.back().section = section.title;
    }
  }
  return table;
}

using Index = std::unordered_map<std::string_view, const FlowKeyEntry*>;

Index makeIndex() {
  Index index;
  for (const FlowKeyEntry& entry : flowKeyTable()) {
    index.emplace(entry.name, &entry);
    std::string_view rest = entry.aliases;
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      index.emplace(rest.substr(0, end), &entry);
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  return index;
}

}  // namespace

std::span<const FlowKeyEntry> flowKeyTable() {
  static const std::vector<FlowKeyEntry> table = makeTable();
  return table;
}

const FlowKeyEntry* findFlowKey(std::string_view name) {
  static const Index index = makeIndex();
  const auto it = index.find(name);
  return it == index.end() ? nullptr : it->second;
}

}  // namespace weir::flow
