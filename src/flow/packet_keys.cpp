#include "flow/key_notation.h"
#include "flow/key_readers.h"
#include "flow/names.h"

/// Keys of the sampled packet's header, a section a protocol family.
namespace weir::flow {

namespace {

using decode::Layer;

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
    field("vlandei", Type::boolean, Layer::vlan, 0, 2).part(12, 1).is("false", "drop eligible indicator of the tag"),
    layerValue("vlantpid", Layer::vlan, 2).part(0, 0xFFFF).is("33024", "tag protocol of the tag"),
    field("snapoui", Type::hex, Layer::snap, 0, 3).digits(6).is("00000C", "SNAP organisation"),
    layerValue("snapprotocol", Layer::snap, 2).part(0, 0xFFFF).is("267", "SNAP protocol of that organisation"),
    field("macctlopcode", Type::number, Layer::macctl, 0, 2).is("257", "MAC control: 1 pause, 257 priority pause"),
    field("slowsubtype", Type::number, Layer::slow, 0, 1).is("1", "slow protocols: 1 LACP, 2 marker"),
    field("eapolversion", Type::number, Layer::eapol, 0, 1).is("2", "802.1X version"),
    field("eapoltype", Type::number, Layer::eapol, 1, 1).is("3", "802.1X packet type"),
    field("macsecan", Type::number, Layer::macsec, 0, 1).part(0, 3).is("0", "MACsec association number"),
    field("macsecpn", Type::number, Layer::macsec, 2, 4).is("1001", "MACsec packet number"),
    field("vntagsource", Type::number, Layer::vntag, 2, 2).part(0, 0xFFF).is("1", "VN-Tag: source interface"),
    field("vntagdestination", Type::number, Layer::vntag, 0, 2)
        .part(0, 0x3FFF)
        .is("2", "VN-Tag: destination interface"),
    field("trillhops", Type::number, Layer::trill, 0, 2).part(0, 63).is("20", "TRILL: hops left"),
    field("trillegress", Type::number, Layer::trill, 2, 2).is("2", "TRILL: nickname of the last switch"),
    field("trillingress", Type::number, Layer::trill, 4, 2).is("1", "TRILL: nickname of the first switch"),
    field("fabricpathtree", Type::number, Layer::fabricpath, 0, 2).part(6, 0x3FF).is("1", "FabricPath forwarding tag"),
    field("fabricpathttl", Type::number, Layer::fabricpath, 0, 2).part(0, 63).is("32", "FabricPath time to live"),
    layerValue("frdlci", Layer::fr, 4).is("100", "Frame Relay circuit"),
    layerValue("hdlcprotocol", Layer::hdlc, 2).part(0, 0xFFFF).is("2048", "protocol of a Cisco HDLC frame"),
    field("tokenringsource", Type::mac, Layer::tokenring, 8, 6).is("000000CC0101", "Token Ring source address"),
    field("tokenringdestination", Type::mac, Layer::tokenring, 2, 6).is("000000CC0102", "and destination address"),
    field("fddisource", Type::mac, Layer::fddi, 7, 6).is("000000CC0101", "FDDI source address"),
    field("fddidestination", Type::mac, Layer::fddi, 1, 6).is("000000CC0102", "and destination address"),
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
    layerFunction("mplslabels", Type::text, 64, Layer::mpls, read::mplsLabels)
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
    field("ipheaderlength", Type::number, Layer::ip, 0, 1).part(0, 15).is("5", "header length in units of 4 octets"),
    field("ipchecksum", Type::number, Layer::ip, 10, 2).is("4660", "header checksum"),
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
    layerFunction("ip6extensions", Type::text, 48, Layer::ip6, read::ip6Extensions)
        .is("0-44", "types of the extension headers, joined by `-`; absent without any"),
    layerFunction("ip6fragoffset", Type::number, 2, Layer::ip6, read::ip6FragmentOffset)
        .is("0", "fragment offset in units of 8 octets; 0 without a fragment header"),
    layerFunction("ip6fragm", Type::boolean, 1, Layer::ip6, read::ip6MoreFragments)
        .is("false", "more fragments; filters take `yes` and `no` too"),
    field("ip6version", Type::number, Layer::ip6, 0, 1).part(4, 15).is("6", "version"),
    layerFunction("ip6fragid", Type::number, 4, Layer::ip6, read::ip6FragmentId)
        .is("305419896", "identification of the fragment header"),
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
    field("tcpchecksum", Type::number, Layer::tcp, 16, 2).is("4660", "checksum"),
    field("tcpurgent", Type::number, Layer::tcp, 18, 2).is("0", "urgent pointer"),
    field("udpchecksum", Type::number, Layer::udp, 6, 2).is("4660", "checksum"),
    field("sctptag", Type::number, Layer::sctp, 4, 4).is("305419896", "verification tag"),
    field("sctpchunktype", Type::number, Layer::sctp, 12, 1).is("0", "type of the first chunk; 0 is data"),
    field("espseqno", Type::number, Layer::esp, 4, 4).is("1", "sequence number"),
    field("ahseqno", Type::number, Layer::ah, 8, 4).is("1", "sequence number"),
    field("ahnexthdr", Type::number, Layer::ah, 0, 1).is("6", "next header"),
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
    layerFunction("icmpunreachableport", Type::text, 12, Layer::icmp, read::icmpUnreachablePort)
        .is("udp_53", "protocol and port that is not open (type 3, code 3)"),
    field("icmp6type", Type::number, Layer::icmp6, 0, 1).is("135", "type"),
    field("icmp6code", Type::number, Layer::icmp6, 1, 1).is("0", "code"),
    layerFunction("icmp6unreachablenet", Type::ip6, 16, Layer::icmp6, read::icmp6UnreachableNet)
        .is("2001:DB8::1", "destination of the packet without a route (type 1, codes 0, 5, 6)"),
    layerFunction("icmp6unreachablehost", Type::ip6, 16, Layer::icmp6, read::icmp6UnreachableHost)
        .is("2001:DB8::1", "destination of the packet whose host cannot be reached (type 1, codes 2, 3)"),
    layerFunction("icmp6unreachableport", Type::text, 12, Layer::icmp6, read::icmp6UnreachablePort)
        .is("udp_53", "protocol and port that is not open (type 1, code 4)"),
    field("igmptype", Type::number, Layer::igmp, 0, 1).is("22", "type"),
    field("igmpgroup", Type::ip4, Layer::igmp, 4, 4).is("224.0.0.251", "group address"),
    field("igmpmaxresponse", Type::number, Layer::igmp, 1, 1).is("100", "time to answer, tenths of a second"),
    layerFunction("icmpmtu", Type::number, 2, Layer::icmp, read::icmpMtu)
        .is("1400", "MTU of the next hop (type 3, code 4)"),
    layerFunction("icmpgateway", Type::ip4, 4, Layer::icmp, read::icmpGateway)
        .is("10.0.0.254", "router to use (type 5, redirect)"),
    layerFunction("icmp6mtu", Type::number, 4, Layer::icmp6, read::icmp6Mtu)
        .is("1400", "MTU of the next hop (type 2, packet too big)"),
    layerFunction("icmp6id", Type::number, 2, Layer::icmp6, read::icmp6Id).is("7", "identifier of echo messages"),
    layerFunction("icmp6seqno", Type::number, 2, Layer::icmp6, read::icmp6Sequence)
        .is("1", "sequence number of echo messages"),
    layerFunction("icmp6ndtarget", Type::ip6, 16, Layer::icmp6, read::icmp6NeighborTarget)
        .is("FE80::1", "address that neighbour discovery asks for or tells (types 135, 136)"),
};

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
    layerFunction("vxlangbp", Type::number, 2, Layer::vxlan, read::vxlanGroupPolicy).is("100", "VXLAN group policy id"),
    field("geneveprotocol", Type::number, Layer::geneve, 2, 2).is("25944", "protocol type of Geneve"),
    layerFunction("erspanvlan", Type::number, 2, Layer::erspan, read::erspanVlan)
        .is("100", "VLAN of the mirrored frame"),
    field("gtpbytes", Type::number, Layer::gtp, 2, 2).is("84", "length that the GTP header says"),
    field("pppoecode", Type::number, Layer::pppoe, 1, 1).is("0", "PPPoE code; 0 is a session's data"),
    layerValue("nshspi", Layer::nsh, 4).is("42", "service path of a network service header"),
    field("nshsi", Type::number, Layer::nsh, 7, 1).is("255", "service index of a network service header"),
    field("capwapradio", Type::number, Layer::capwap, 1, 2).part(6, 31).is("1", "radio of a CAPWAP header"),
};

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
    field("grhsource", Type::ip6, Layer::grh, 8, 16).is("FE80::A00:27FF:FEB8:326D", "RoCE version 1: source GID"),
    field("grhdestination", Type::ip6, Layer::grh, 24, 16).is("FE80::A00:27FF:FEB8:326E", "destination GID"),
    field("grhflowlabel", Type::number, Layer::grh, 0, 4).part(0, 0xFFFFF).is("1", "flow label"),
    field("grhtclass", Type::number, Layer::grh, 0, 2).part(4, 0xFF).is("0", "traffic class"),
};

constexpr Key kDnsKeys[] = {
    layerFunction("dnsqname", Type::text, 64, Layer::dns, read::dnsName)
        .is("atlassian.com.", "name that is asked for, in small letters, with a dot at its end"),
    layerFunction("dnsqtype", Type::number, 2, Layer::dns, read::dnsType).is("16", "type that is asked for"),
    layerFunction("dnsqtypename", Type::name, 2, Layer::dns, read::dnsType)
        .named(dnsTypeName, 258)
        .is("TXT", "its name"),
    layerFunction("dnsqclass", Type::number, 2, Layer::dns, read::dnsClass).is("1", "class that is asked for"),
    field("dnsqr", Type::boolean, Layer::dns, 2, 1).part(7, 1).is("true", "false for a query, true for a response"),
    field("dnsid", Type::number, Layer::dns, 0, 2).is("37705", "identifier"),
    field("dnsopcode", Type::number, Layer::dns, 2, 1).part(3, 15).is("0", "operation; 0 is a query"),
    field("dnsaa", Type::boolean, Layer::dns, 2, 1).part(2, 1).is("false", "authoritative answer"),
    field("dnstc", Type::boolean, Layer::dns, 2, 1).part(1, 1).is("true", "truncated"),
    field("dnsrd", Type::boolean, Layer::dns, 2, 1).part(0, 1).is("true", "recursion desired"),
    field("dnsra", Type::boolean, Layer::dns, 3, 1).part(7, 1).is("true", "recursion available"),
    field("dnsad", Type::boolean, Layer::dns, 3, 1).part(5, 1).is("false", "authentic data"),
    field("dnscd", Type::boolean, Layer::dns, 3, 1).part(4, 1).is("false", "checking disabled"),
    field("dnsrcode", Type::number, Layer::dns, 3, 1).part(0, 15).is("0", "response code"),
    field("dnsrcodename", Type::name, Layer::dns, 3, 1)
        .part(0, 15)
        .named(dnsResponseName, 16)
        .is("NOERROR", "its name"),
    field("dnsqdcount", Type::number, Layer::dns, 4, 2).is("1", "questions"),
    field("dnsancount", Type::number, Layer::dns, 6, 2).is("20", "answers"),
    field("dnsnscount", Type::number, Layer::dns, 8, 2).is("0", "authority records"),
    field("dnsarcount", Type::number, Layer::dns, 10, 2).is("1", "additional records"),
};

constexpr Key kDhcpKeys[] = {
    field("dhcpop", Type::number, Layer::dhcp, 0, 1).is("1", "1 from the client, 2 from the server"),
    layerFunction("dhcptype", Type::number, 1, Layer::dhcp, read::dhcpType).is("1", "message type (option 53)"),
    layerFunction("dhcptypename", Type::name, 1, Layer::dhcp, read::dhcpType)
        .named(dhcpTypeName, 9)
        .is("DISCOVER", "its name"),
    field("dhcpxid", Type::number, Layer::dhcp, 4, 4).is("305419896", "transaction"),
    field("dhcphops", Type::number, Layer::dhcp, 3, 1).is("0", "relays passed"),
    field("dhcpclientip", Type::ip4, Layer::dhcp, 12, 4).is("10.0.0.5", "address that the client has"),
    field("dhcpyourip", Type::ip4, Layer::dhcp, 16, 4).is("10.0.0.6", "address that the client gets"),
    field("dhcpserverip", Type::ip4, Layer::dhcp, 20, 4).is("10.0.0.1", "next server"),
    field("dhcprelayip", Type::ip4, Layer::dhcp, 24, 4).is("10.0.0.2", "relay agent"),
    layerFunction("dhcpclientmac", Type::mac, 6, Layer::dhcp, read::dhcpClientMac)
        .is("000000CC0101", "hardware address of the client"),
    layerFunction("dhcphostname", Type::text, 64, Layer::dhcp, read::dhcpHostName)
        .is("laptop", "name of the client (option 12)"),
    layerFunction("dhcpvendorclass", Type::text, 64, Layer::dhcp, read::dhcpVendorClass)
        .is("MSFT 5.0", "kind of client (option 60)"),
    layerFunction("dhcprequestedip", Type::ip4, 4, Layer::dhcp, read::dhcpRequestedIp)
        .is("10.0.0.6", "address that the client asks for (option 50)"),
};

constexpr Key kControlKeys[] = {
    layerFunction("lldpchassisid", Type::text, 64, Layer::lldp, read::lldpChassisId)
        .is("000000CC0101", "LLDP: chassis of the sender"),
    layerFunction("lldpportid", Type::text, 64, Layer::lldp, read::lldpPortId).is("swp1", "LLDP: port of the sender"),
    layerFunction("lldpttl", Type::number, 2, Layer::lldp, read::lldpTimeToLive).is("120", "LLDP: seconds it is valid"),
    layerFunction("lldpportdescription", Type::text, 64, Layer::lldp, read::lldpPortDescription)
        .is("uplink", "LLDP: description of the port"),
    layerFunction("lldpsystemname", Type::text, 64, Layer::lldp, read::lldpSystemName)
        .is("leaf1", "LLDP: name of the sender"),
    layerFunction("lldpsystemdescription", Type::text, 64, Layer::lldp, read::lldpSystemDescription)
        .is("Debian GNU/Linux", "LLDP: description of the sender"),
    field("ospftype", Type::number, Layer::ospf, 1, 1).is("1", "OSPF packet type; 1 is hello"),
    field("ospfrouterid", Type::ip4, Layer::ospf, 4, 4).is("10.0.0.1", "OSPF router"),
    field("ospfarea", Type::ip4, Layer::ospf, 8, 4).is("0.0.0.0", "OSPF area"),
    field("pimtype", Type::number, Layer::pim, 0, 1).part(0, 15).is("0", "PIM message type; 0 is hello"),
    field("vrrpid", Type::number, Layer::vrrp, 1, 1).is("10", "VRRP virtual router"),
    field("vrrppriority", Type::number, Layer::vrrp, 2, 1).is("100", "VRRP priority"),
    field("eigrpopcode", Type::number, Layer::eigrp, 1, 1).is("5", "EIGRP operation; 5 is hello"),
    field("eigrpas", Type::number, Layer::eigrp, 18, 2).is("100", "EIGRP autonomous system"),
    field("rsvptype", Type::number, Layer::rsvp, 1, 1).is("1", "RSVP message type; 1 is path"),
    field("bfdstate", Type::number, Layer::bfd, 1, 1).part(6, 3).is("3", "BFD: 0 admin down, 1 down, 2 init, 3 up"),
    field("bfddiagnostic", Type::number, Layer::bfd, 0, 1).part(0, 31).is("0", "BFD diagnostic"),
    field("bfdmydiscriminator", Type::number, Layer::bfd, 4, 4).is("1", "BFD discriminator of the sender"),
    field("bfdyourdiscriminator", Type::number, Layer::bfd, 8, 4).is("2", "BFD discriminator of the receiver"),
    field("wlantype", Type::number, Layer::wlan, 0, 1).part(2, 3).is("2", "802.11: 0 management, 1 control, 2 data"),
    field("wlansubtype", Type::number, Layer::wlan, 0, 1).part(4, 15).is("8", "802.11 subtype"),
    field("wlanretry", Type::boolean, Layer::wlan, 1, 1).part(3, 1).is("false", "802.11: sent again"),
    field("wlanreceiver", Type::mac, Layer::wlan, 4, 6).is("000000CC0101", "802.11 address 1: who receives"),
    field("wlantransmitter", Type::mac, Layer::wlan, 10, 6).is("000000CC0102", "802.11 address 2: who sends"),
    layerFunction("wlanbssid", Type::mac, 6, Layer::wlan, read::wlanBssid)
        .is("000000CC0103", "802.11 access point (none of a frame between access points)"),
    layerFunction("wlansource", Type::mac, 6, Layer::wlan, read::wlanSource).is("000000CC0104", "802.11 source"),
    layerFunction("wlandestination", Type::mac, 6, Layer::wlan, read::wlanDestination)
        .is("000000CC0105", "802.11 destination"),
};

constexpr Key kOffsetKeys[] = {
#define WEIR_OFFSET_KEY(name, token) \
  layerOffset(#name "_offset", Layer::name, "where the " #name " header begins, octets from the start of the packet"),
    WEIR_LAYERS(WEIR_OFFSET_KEY)
#undef WEIR_OFFSET_KEY
};

constexpr Section kPacketKeySections[] = {
    {"Ethernet, VLAN and other link layers", kEthernetKeys},
    {"ARP", kArpKeys},
    {"MPLS", kMplsKeys},
    {"IPv4", kIpKeys},
    {"IPv6", kIp6Keys},
    {"TCP, UDP, SCTP, DCCP, IPsec", kTransportKeys},
    {"ICMP and IGMP", kIcmpKeys},
    {"DNS", kDnsKeys},
    {"DHCP", kDhcpKeys},
    {"LLDP, routing protocols and 802.11", kControlKeys},
    {"Tunnels and virtual networks", kTunnelKeys},
    {"RoCE", kRoceKeys},
    {"Header offsets", kOffsetKeys},
};

}  // namespace

std::span<const Section> packetSections() {
  return kPacketKeySections;
}

}  // namespace weir::flow
