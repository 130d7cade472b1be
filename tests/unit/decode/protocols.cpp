// Packets and what they decode to, one or more per protocol. A layer reads `name@offset+headerLength:value` (value in
// hexadecimal, left out when 0).
#include <gtest/gtest.h>

#include <string>

#include "encap_capture.h"

namespace weir::decode {
namespace {

std::string hex(unsigned long long value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llx", digits, value);
  return text;
}

// Pieces of packets. Total and payload lengths are 0, "as captured", where a case is not about them.
std::string eth(unsigned type) {
  return "0200000000aa0200000000bb" + hex(type, 4);
}
std::string ip4(unsigned protocol, unsigned length = 0, unsigned fragment = 0) {
  return "4500" + hex(length, 4) + "0001" + hex(fragment, 4) + "40" + hex(protocol, 2) + "0000" + "0a0000010a000002";
}
std::string ip6(unsigned nextHeader, unsigned length = 0) {
  return "60000000" + hex(length, 4) + hex(nextHeader, 2) + "40" + "20010db8000000000000000000000001" +
         "20010db8000000000000000000000002";
}
std::string tcp() {
  return "d4310050"
         "00000001"
         "00000000"
         "5002ffff"
         "00000000";
}
std::string udp(unsigned destination, unsigned source = 50000) {
  return hex(source, 4) + hex(destination, 4) + "00000000";
}
std::string icmp() {
  return "0800"
         "0000"
         "00010001";
}
std::string snap(unsigned long oui, unsigned id) {
  return "aaaa03" + hex(oui, 6) + hex(id, 4);
}

std::string describe(const Packet& packet) {
  std::string out;
  for (unsigned i = 0; i < packet.layerCount; ++i) {
    const LayerRef& ref = packet.layers[i];
    if (i != 0) out += ' ';
    out += std::string(layerName(ref.kind)) + "@" + std::to_string(ref.offset) + "+" + std::to_string(ref.headerLength);
    if (ref.value != 0) out += ":" + hex(ref.value, 1);
  }
  return out;
}

std::string decoded(unsigned protocol, const std::string& text, std::uint32_t frameLength = 0) {
  const auto bytes = test::unhex(text);
  Packet packet;
  decodeHeader(protocol, frameLength != 0 ? frameLength : static_cast<std::uint32_t>(bytes.size()) + 4, 4, bytes,
               packet);
  return describe(packet);
}

struct Case {
  const char* name;
  unsigned protocol;
  std::string packet;
  const char* layers;
};

const std::string kTcp4 = ip4(6) + tcp();
const std::string kFrame = eth(0x0800) + kTcp4;  // a whole inner frame

// clang-format off
const Case kCases[] = {
    // Ethernet, tags, LLC
    {"tcp", 1, kFrame, "eth@0+14:800 ip@14+20:6 tcp@34+20:50"},
    {"tcp6", 1, eth(0x86DD) + ip6(6) + tcp(), "eth@0+14:86dd ip6@14+40:6 tcp@54+20:50"},
    {"unknownEtherType", 1, eth(0x9999) + kTcp4, "eth@0+14:9999"},
    {"undefinedType1501", 1, eth(1501) + snap(0, 0x0800) + kTcp4, "eth@0+14:5dd"},
    {"vlan", 1, eth(0x8100) + "20640800" + kTcp4, "eth@0+14:800 vlan@14+4:8100 ip@18+20:6 tcp@38+20:50"},
    {"qinq", 1, eth(0x88A8) + "0064810000c80800" + kTcp4,
     "eth@0+14:800 vlan@14+4:88a8 vlan@18+4:8100 ip@22+20:6 tcp@42+20:50"},
    {"qinq9100", 1, eth(0x9100) + "0064920000c8930000c90800" + kTcp4,
     "eth@0+14:800 vlan@14+4:9100 vlan@18+4:9200 vlan@22+4:9300 ip@26+20:6 tcp@46+20:50"},
    {"nineTags", 1, eth(0x8100) + "00018100000181000001810000018100000181000001810000018100" "000181000001" "0800" +
     kTcp4,
     "eth@0+14:8100 vlan@14+4:8100 vlan@18+4:8100 vlan@22+4:8100 vlan@26+4:8100 vlan@30+4:8100 vlan@34+4:8100 "
     "vlan@38+4:8100 vlan@42+4:8100"},
    {"tagCut", 1, eth(0x8100) + "0064", "eth@0+14:8100"},
    {"llcSnapIp", 1, eth(48) + snap(0, 0x0800) + kTcp4,
     "eth@0+14:30 llc@14+3:aaaa snap@17+5:800 ip@22+20:6 tcp@42+20:50"},
    {"llcSnapF8", 1, eth(48) + snap(0xF8, 0x0800) + kTcp4,
     "eth@0+14:30 llc@14+3:aaaa snap@17+5:800 ip@22+20:6 tcp@42+20:50"},
    {"llcSnapVlan", 1, eth(52) + snap(0, 0x8100) + "00050800" + kTcp4,
     "eth@0+14:34 llc@14+3:aaaa snap@17+5:8100 vlan@22+4:8100 ip@26+20:6 tcp@46+20:50"},
    {"llcSnapCdp", 1, eth(48) + snap(0x0C, 0x2000) + "02b4", "eth@0+14:30 llc@14+3:aaaa snap@17+5:2000"},
    {"llcIp", 1, eth(43) + "060603" + kTcp4, "eth@0+14:2b llc@14+3:606 ip@17+20:6 tcp@37+20:50"},
    {"llcSpanningTree", 1, eth(38) + "424203" "0000", "eth@0+14:26 llc@14+3:4242"},
    {"llcTwoOctetControl", 1, eth(38) + "f0f0" "0102", "eth@0+14:26 llc@14+4:f0f0"},
    {"rawIpx", 1, eth(40) + "ffff0028", "eth@0+14:28"},
    {"lengthBoundsLlc", 1, eth(3) + snap(0, 0x0800) + kTcp4, "eth@0+14:3 llc@14+3:aaaa"},
    {"vlanThenLength", 1, eth(0x8100) + "00640026" "424203", "eth@0+14:26 vlan@14+4:8100 llc@18+3:4242"},
    {"arp", 1, eth(0x0806) + "0001080006040001" "0200000000aa0a000001" "0000000000000a000002",
     "eth@0+14:806 arp@14+28"},
    {"rarp", 1, eth(0x8035) + "0001080006040003" "0200000000aa00000000" "020000000000aa000000",
     "eth@0+14:8035 arp@14+28"},
    {"lldp", 1, eth(0x88CC) + "0207", "eth@0+14:88cc lldp@14+2"},
    {"lacp", 1, eth(0x8809) + "0101", "eth@0+14:8809 slow@14+1"},
    {"pause", 1, eth(0x8808) + "0001ffff", "eth@0+14:8808 macctl@14+2"},
    {"eapol", 1, eth(0x888E) + "01010000", "eth@0+14:888e eapol@14+4"},
    {"macsecClear", 1, eth(0x88E5) + "0000" "00000007" "0800" + kTcp4,
     "eth@0+14:88e5 macsec@14+6 ip@22+20:6 tcp@42+20:50"},
    {"macsecClearSci", 1, eth(0x88E5) + "2000" "00000007" "0200000000aa0001" "0800" + kTcp4,
     "eth@0+14:88e5 macsec@14+14 ip@30+20:6 tcp@50+20:50"},
    {"macsecEncrypted", 1, eth(0x88E5) + "2c00" "00000007" "0200000000aa0001" "0800" + kTcp4,
     "eth@0+14:88e5 macsec@14+14"},
    {"providerBackbone", 1, eth(0x88A8) + "000588e7" "00012345" + kFrame,
     "eth@0+14:88e7 vlan@14+4:88a8 isid@18+4:12345 eth@22+14:800 ip@36+20:6 tcp@56+20:50"},
    {"trill", 1, eth(0x22F3) + "003f00010002" + kFrame,
     "eth@0+14:22f3 trill@14+6 eth@20+14:800 ip@34+20:6 tcp@54+20:50"},
    {"trillOptions", 1, eth(0x22F3) + "007f00010002" "00000000" + kFrame,
     "eth@0+14:22f3 trill@14+10 eth@24+14:800 ip@38+20:6 tcp@58+20:50"},
    {"fabricPath", 1, eth(0x8903) + "0060" + kFrame,
     "eth@0+14:8903 fabricpath@14+2 eth@16+14:800 ip@30+20:6 tcp@50+20:50"},
    {"vntagBetweenTags", 1, eth(0x8100) + "000a8926" "00338100" "8100" "000a0800" + kTcp4,
     "eth@0+14:800 vlan@14+4:8100 vntag@18+6 vlan@24+4:8100 ip@28+20:6 tcp@48+20:50"},
    {"nsh", 1, eth(0x894F) + "0fc60101" "000001ff" "00000001000000020000000300000004" + ip4(1) + icmp(),
     "eth@0+14:894f nsh@14+24:1 ip@38+20:1 icmp@58+4"},
    {"nshEthernet", 1, eth(0x894F) + "0fc20203" "000002fe" + kFrame,
     "eth@0+14:894f nsh@14+8:2 eth@22+14:800 ip@36+20:6 tcp@56+20:50"},
    {"nshTooShort", 1, eth(0x894F) + "0fc10201" "000002fe" + kTcp4, "eth@0+14:894f"},

    // MPLS
    {"mplsIp", 1, eth(0x8847) + "000640ff" "000c81ff" + ip4(6, 40) + tcp(),
     "eth@0+14:8847 mpls@14+8:2 ip@22+20:6 tcp@42+20:50"},
    {"mplsIpSourceLikeEtherType", 1, eth(0x8847) + "000c81ff" "45000028000100004006" "0000" "080600010a000002" + tcp(),
     "eth@0+14:8847 mpls@14+4:1 ip@18+20:6 tcp@38+20:50"},
    {"mplsIp6", 1, eth(0x8848) + "000c81ff" + ip6(6, 20) + tcp(), "eth@0+14:8848 mpls@14+4:1 ip6@18+40:6 tcp@58+20:50"},
    {"mplsRaw", 13, "000c81ff" + ip4(6, 40) + tcp(), "mpls@0+4:1 ip@4+20:6 tcp@24+20:50"},
    {"mplsControlWord", 1, eth(0x8847) + "000c81ff" "00000001" + eth(0x0800) + ip4(6, 40) + tcp(),
     "eth@0+14:8847 mpls@14+4:1 eth@22+14:800 ip@36+20:6 tcp@56+20:50"},
    {"mplsNoControlWordMac02", 1, eth(0x8847) + "000c81ff" + eth(0x0800) + ip4(6, 40) + tcp(),
     "eth@0+14:8847 mpls@14+4:1 eth@18+14:800 ip@32+20:6 tcp@52+20:50"},
    {"mplsNoControlWordMac45", 1, eth(0x8847) + "000c81ff" "4500c00000aa0200000000bb0800" + ip4(6, 40) + tcp(),
     "eth@0+14:8847 mpls@14+4:1 eth@18+14:800 ip@32+20:6 tcp@52+20:50"},
    {"mplsNoControlWordMac64", 1, eth(0x8847) + "000c81ff" "64a0e70000aa0200000000bb86dd" + ip6(6, 20) + tcp(),
     "eth@0+14:8847 mpls@14+4:1 eth@18+14:86dd ip6@32+40:6 tcp@72+20:50"},
    {"mplsAssociatedChannel", 1, eth(0x8847) + "000c81ff" "10000021" + kFrame, "eth@0+14:8847 mpls@14+4:1"},
    {"mplsGal", 1, eth(0x8847) + "000c80ff" "0000d101" "10000007" + kFrame, "eth@0+14:8847 mpls@14+8:2"},
    {"mplsCut", 1, eth(0x8847) + "000c80ff" "0000", "eth@0+14:8847 mpls@14+4:1"},

    // PPP
    {"pppoeSession", 1, eth(0x8864) + "110000120016" "0021" + ip4(6) + tcp(),
     "eth@0+14:8864 pppoe@14+6:12 ppp@20+2:21 ip@22+20:6"},
    {"pppoeIp6", 1, eth(0x8864) + "11000012003e" "0057" + ip6(6) + tcp(),
     "eth@0+14:8864 pppoe@14+6:12 ppp@20+2:57 ip6@22+40:6 tcp@62+20:50"},
    {"pppoeCompressed", 1, eth(0x8864) + "110000120029" "21" + ip4(6) + tcp(),
     "eth@0+14:8864 pppoe@14+6:12 ppp@20+1:21 ip@21+20:6 tcp@41+20:50"},
    {"pppoeDiscovery", 1, eth(0x8863) + "1109000000040101" "0000", "eth@0+14:8863 pppoe@14+6"},
    {"pppoeVersion", 1, eth(0x8864) + "21000012002a" "0021" + kTcp4, "eth@0+14:8864"},
    {"ppp", 7, "ff030021" + kTcp4, "ppp@0+4:21 ip@4+20:6 tcp@24+20:50"},
    {"pppBare", 7, "0021" + kTcp4, "ppp@0+2:21 ip@2+20:6 tcp@22+20:50"},
    {"pppLcp", 7, "ff03c02101", "ppp@0+4:c021"},
    {"pppMpls", 7, "ff030281" "000c81ff" + ip4(6, 40) + tcp(), "ppp@0+4:281 mpls@4+4:1 ip@8+20:6 tcp@28+20:50"},
    {"pos", 14, "ff030057" + ip6(17) + udp(9), "ppp@0+4:57 ip6@4+40:11 udp@44+8:9"},
    {"ciscoHdlc", 14, "0f000800" + kTcp4, "hdlc@0+4:800 ip@4+20:6 tcp@24+20:50"},
    {"ciscoHdlcMulticast", 7, "8f002000" "02b4", "hdlc@0+4:2000"},

    // IP
    {"rawIp4", 11, kTcp4, "ip@0+20:6 tcp@20+20:50"},
    {"rawIp6", 12, ip6(58) + "80000000", "ip6@0+40:3a icmp6@40+4"},
    {"aal5Ip4", 10, kTcp4, "ip@0+20:6 tcp@20+20:50"},
    {"aal5Ip6", 10, ip6(6) + tcp(), "ip6@0+40:6 tcp@40+20:50"},
    {"ipVersionMismatch", 1, eth(0x0800) + ip6(6) + tcp(), "eth@0+14:800"},
    {"ip6VersionMismatch", 1, eth(0x86DD) + kTcp4 + kTcp4, "eth@0+14:86dd"},
    {"ipHeaderLength16", 11, "44" + kTcp4.substr(2), ""},
    {"ipOptions", 11, "46000000000100004006" "0000" "0a0000010a000002" "94040000" + tcp(), "ip@0+24:6 tcp@24+20:50"},
    {"ipOptionsCut", 11, "4f000000000100004006" "0000" "0a0000010a000002" "94040000", "ip@0+60:6"},
    {"ipFirstFragment", 11, ip4(6, 0, 0x2000) + tcp(), "ip@0+20:6 tcp@20+20:50"},
    {"ipLaterFragment", 11, ip4(6, 0, 0x2001) + tcp(), "ip@0+20:6"},
    {"ipLastFragment", 11, ip4(4, 0, 0x00B9) + kTcp4, "ip@0+20:4"},
    {"ipLengthBeforePorts", 11, ip4(6, 22) + tcp(), "ip@0+20:6"},
    {"ipLengthBelowHeader", 11, ip4(6, 7) + tcp(), "ip@0+20:6"},
    {"ipInIp", 11, ip4(4) + kTcp4, "ip@0+20:4 ip@20+20:6 tcp@40+20:50"},
    {"ipip94", 11, ip4(94) + kTcp4, "ip@0+20:5e ip@20+20:6 tcp@40+20:50"},
    {"ip6InIp4", 11, ip4(41) + ip6(6) + tcp(), "ip@0+20:29 ip6@20+40:6 tcp@60+20:50"},
    {"ip4InIp6", 12, ip6(4) + kTcp4, "ip6@0+40:4 ip@40+20:6 tcp@60+20:50"},
    {"hopByHop", 12, ip6(0) + "3a00050200000100" "83000000", "ip6@0+48:13a icmp6@48+4"},
    {"segmentRouting", 12, ip6(43) + "06020401" "00000000" "20010db8000000000000000000000009" + tcp(),
     "ip6@0+64:106 tcp@64+20:50"},
    {"ip6FirstFragment", 12, ip6(44) + "0600000100000007" + tcp(), "ip6@0+48:280106 tcp@48+20:50"},
    {"ip6LaterFragment", 12, ip6(44) + "0600000900000007" + tcp(), "ip6@0+48:280106"},
    {"ip6OptionsThenFragment", 12, ip6(60) + "2c00010400000000" "1100000000000007" + udp(9),
     "ip6@0+56:300211 udp@56+8:9"},
    {"ip6ExtensionCut", 12, ip6(0) + "3a01050200000100" "83000000", "ip6@0+40"},
    {"ip6NoNextHeader", 12, ip6(59) + tcp(), "ip6@0+40:3b"},
    {"ip6MobilityHipShim", 12, ip6(135) + "8b00000000000000" "8c00000000000000" "0600000000000000" + tcp(),
     "ip6@0+64:306 tcp@64+20:50"},
    {"ip6PayloadBounds", 12, ip6(6, 3) + tcp(), "ip6@0+40:6"},
    {"ah", 11, ip4(51) + "06040000" "00000101" "00000001" "000102030405060708090a0b" + tcp(),
     "ip@0+20:33 ah@20+24:6 tcp@44+20:50"},
    {"ahThenOptions", 12, ip6(51) + "3c040000" "00000101" "00000001" "000102030405060708090a0b" "0600010400000000" +
     tcp(),
     "ip6@0+40:33 ah@40+24:3c tcp@72+20:50"},
    {"ahTunnel", 12, ip6(51) + "29010000" "00000101" "00000001" + ip6(6) + tcp(),
     "ip6@0+40:33 ah@40+12:29 ip6@52+40:6 tcp@92+20:50"},
    {"esp", 11, ip4(50) + "00000101" "00000001" + kTcp4, "ip@0+20:32 esp@20+8:101"},
    {"srv6Ethernet", 12, ip6(143) + kFrame, "ip6@0+40:8f eth@40+14:800 ip@54+20:6 tcp@74+20:50"},
    {"mplsInIp", 11, ip4(137) + "000c81ff" + ip4(6, 40) + tcp(), "ip@0+20:89 mpls@20+4:1 ip@24+20:6 tcp@44+20:50"},
    {"etherIp", 11, ip4(97) + "3000" + kFrame, "ip@0+20:61 etherip@20+2 eth@22+14:800 ip@36+20:6 tcp@56+20:50"},
    {"etherIpVersion", 11, ip4(97) + "4000" + kFrame, "ip@0+20:61"},

    // Transport and control
    {"tcpPortsOnly", 11, ip4(6) + "d4310050", "ip@0+20:6 tcp@20+20:50"},
    {"tcpThreeOctets", 11, ip4(6) + "d43100", "ip@0+20:6"},
    {"tcpOptions", 11, ip4(6) + "d4310050" "00000001" "00000000" "a002ffff" "00000000" "020405b4",
     "ip@0+20:6 tcp@20+40:50"},
    {"udpPortsOnly", 11, ip4(17) + "c35012b5", "ip@0+20:11 udp@20+8:12b5"},
    {"udpLite", 11, ip4(136) + udp(9), "ip@0+20:88 udp@20+8:9"},
    {"sctp", 11, ip4(132) + "0b590b59" "00000001" "00000000", "ip@0+20:84 sctp@20+12:b59"},
    {"dccp", 11, ip4(33) + "13891388" "04000000" "00000000" "00000000", "ip@0+20:21 dccp@20+16:1388"},
    {"icmp", 11, ip4(1) + "0301" "0000" "00000000" + kTcp4, "ip@0+20:1 icmp@20+4"},
    {"igmp", 11, ip4(2) + "16000000e0000001", "ip@0+20:2 igmp@20+8"},
    {"ospf", 11, ip4(89) + "0201002c0a000001000000000000000000000000", "ip@0+20:59 ospf@20+16"},
    {"pim", 11, ip4(103) + "20000000", "ip@0+20:67 pim@20+4"},
    {"vrrp", 11, ip4(112) + "2101640100010000", "ip@0+20:70 vrrp@20+8"},
    {"eigrp", 11, ip4(88) + "0205000000000000000000000000000000000001", "ip@0+20:58 eigrp@20+20"},
    {"rsvp", 11, ip4(46) + "10010000ff000020", "ip@0+20:2e rsvp@20+8"},

    // GRE
    {"gre", 11, ip4(47) + "00000800" + kTcp4, "ip@0+20:2f gre@20+4:800 ip@24+20:6 tcp@44+20:50"},
    {"greChecksumKeySequence", 11, ip4(47) + "b00086dd" "00000000" "0000002a" "00000001" + ip6(6) + tcp(),
     "ip@0+20:2f gre@20+16:886dd ip6@36+40:6 tcp@76+20:50"},
    {"greMpls", 11, ip4(47) + "00008847" "000c81ff" + ip4(6, 40) + tcp(),
     "ip@0+20:2f gre@20+4:8847 mpls@24+4:1 ip@28+20:6 tcp@48+20:50"},
    {"greBridging", 11, ip4(47) + "00006558" + kFrame,
     "ip@0+20:2f gre@20+4:6558 eth@24+14:800 ip@38+20:6 tcp@58+20:50"},
    {"nvgre", 11, ip4(47) + "20006558" "00123407" + kFrame,
     "ip@0+20:2f gre@20+8:46558 nvgre@24+4:1234 eth@28+14:800 ip@42+20:6 tcp@62+20:50"},
    {"greVersion2", 11, ip4(47) + "00020800" + kTcp4, "ip@0+20:2f"},
    {"greFrameRelay", 11, ip4(47) + "00006559" "184103cc" + kTcp4,
     "ip@0+20:2f gre@20+4:6559 fr@24+2:64 ip@28+20:6 tcp@48+20:50"},
    {"pptp", 11, ip4(47) + "3081880b" "002c0007" "00000001" "00000002" "ff030021" + ip4(6) + tcp(),
     "ip@0+20:2f gre@20+16:4880b ppp@36+4:21 ip@40+20:6 tcp@60+20:50"},
    {"pptpAcknowledgement", 11, ip4(47) + "2081880b" "00000007" "00000002", "ip@0+20:2f gre@20+12:4880b"},
    {"erspan1", 11, ip4(47) + "000088be" + kFrame,
     "ip@0+20:2f gre@20+4:88be erspan@24+0 eth@24+14:800 ip@38+20:6 tcp@58+20:50"},
    {"erspan2", 11, ip4(47) + "100088be" "00000001" "100a0c64" "00000000" + kFrame,
     "ip@0+20:2f gre@20+8:88be erspan@28+8:64 eth@36+14:800 ip@50+20:6 tcp@70+20:50"},
    {"erspan3", 11, ip4(47) + "100022eb" "00000001" "200a0c64" "00000000" "00000000" + kFrame,
     "ip@0+20:2f gre@20+8:22eb erspan@28+12:64 eth@40+14:800 ip@54+20:6 tcp@74+20:50"},
    {"erspan3Subheader", 11, ip4(47) + "100022eb" "00000001" "200a0c64" "00000000" "00000001" "0000000000000000" +
     kFrame,
     "ip@0+20:2f gre@20+8:22eb erspan@28+20:64 eth@48+14:800 ip@62+20:6 tcp@82+20:50"},
    {"erspan3Ip", 11, ip4(47) + "100022eb" "00000001" "200a0c64" "00000000" "00000800" + kTcp4,
     "ip@0+20:2f gre@20+8:22eb erspan@28+12:64 ip@40+20:6 tcp@60+20:50"},

    // UDP tunnels and applications
    {"vxlan", 11, ip4(17) + udp(4789) + "0800000000138900" + kFrame,
     "ip@0+20:11 udp@20+8:12b5 vxlan@28+8:1389 eth@36+14:800 ip@50+20:6 tcp@70+20:50"},
    {"vxlanLinux", 11, ip4(17) + udp(8472) + "0800000000138900" + eth(0x9999),
     "ip@0+20:11 udp@20+8:2118 vxlan@28+8:1389 eth@36+14:9999"},
    {"vxlanAci", 11, ip4(17) + udp(48879) + "c800400100138980" + eth(0x9999),
     "ip@0+20:11 udp@20+8:beef vxlan@28+8:1389 eth@36+14:9999"},
    {"vxlanGroupPolicy", 11, ip4(17) + udp(4789) + "8800000a00138900" + eth(0x9999),
     "ip@0+20:11 udp@20+8:12b5 vxlan@28+8:1389 eth@36+14:9999"},
    {"vxlanNoVni", 11, ip4(17) + udp(4789) + "0000000000138900" + kFrame, "ip@0+20:11 udp@20+8:12b5"},
    {"vxlanSourcePortOnly", 11, ip4(17) + udp(50000, 4789) + "0800000000138900" + kFrame, "ip@0+20:11 udp@20+8:c350"},
    {"vxlanGpeIp", 11, ip4(17) + udp(4790) + "0c00000100138900" + kTcp4,
     "ip@0+20:11 udp@20+8:12b6 vxlan@28+8:1389 ip@36+20:6 tcp@56+20:50"},
    {"vxlanGpeNsh", 11, ip4(17) + udp(4790) + "0c00000400138900" "0fc20203" "000002fe" + eth(0x9999),
     "ip@0+20:11 udp@20+8:12b6 vxlan@28+8:1389 nsh@36+8:2 eth@44+14:9999"},
    {"vxlanGpePlain", 11, ip4(17) + udp(4790) + "0800000000138900" + eth(0x9999),
     "ip@0+20:11 udp@20+8:12b6 vxlan@28+8:1389 eth@36+14:9999"},
    {"geneve", 11, ip4(17) + udp(6081) + "00006558" "00002a00" + eth(0x9999),
     "ip@0+20:11 udp@20+8:17c1 geneve@28+8:2a eth@36+14:9999"},
    {"geneveOptions", 11, ip4(17) + udp(6081) + "02000800" "00002a00" "0104000100000007" + kTcp4,
     "ip@0+20:11 udp@20+8:17c1 geneve@28+16:2a ip@44+20:6 tcp@64+20:50"},
    {"geneveOptionsCut", 11, ip4(17) + udp(6081) + "03000800" "00002a00" "01040001",
     "ip@0+20:11 udp@20+8:17c1 geneve@28+20:2a"},
    {"geneveVersion", 11, ip4(17) + udp(6081) + "40000800" "00002a00" + kTcp4, "ip@0+20:11 udp@20+8:17c1"},
    {"gtpUser", 11, ip4(17) + udp(2152) + "30ff0000" "0000abcd" + kTcp4,
     "ip@0+20:11 udp@20+8:868 gtp@28+8:abcd ip@36+20:6 tcp@56+20:50"},
    {"gtpSequence", 11, ip4(17) + udp(2152) + "32ff0000" "0000abcd" "00010000" + ip6(6) + tcp(),
     "ip@0+20:11 udp@20+8:868 gtp@28+12:abcd ip6@40+40:6 tcp@80+20:50"},
    {"gtpExtensions", 11, ip4(17) + udp(2152) + "34ff0000" "0000abcd" "00000085" "01000940" "020000000000000" "0" +
     kTcp4,
     "ip@0+20:11 udp@20+8:868 gtp@28+24:abcd ip@52+20:6 tcp@72+20:50"},
    {"gtpExtensionZero", 11, ip4(17) + udp(2152) + "34ff0000" "0000abcd" "00000085" "00000940" + kTcp4,
     "ip@0+20:11 udp@20+8:868 gtp@28+12:abcd"},
    {"gtpEcho", 11, ip4(17) + udp(2152) + "32010004" "00000000" "00010000" + kTcp4,
     "ip@0+20:11 udp@20+8:868 gtp@28+12"},
    {"gtpPrime", 11, ip4(17) + udp(2152) + "20ff0004" "00000000" + kTcp4, "ip@0+20:11 udp@20+8:868"},
    {"gtpControl1", 11, ip4(17) + udp(2123) + "32100004" "00000042" "00010000", "ip@0+20:11 udp@20+8:84b gtp@28+12:42"},
    {"gtpControl2", 11, ip4(17) + udp(2123) + "48200008" "00000042" "00000100", "ip@0+20:11 udp@20+8:84b gtp@28+12:42"},
    {"teredo", 11, ip4(17) + udp(3544) + ip6(6, 20) + tcp(),
     "ip@0+20:11 udp@20+8:dd8 teredo@28+0 ip6@28+40:6 tcp@68+20:50"},
    {"teredoToClient", 11, ip4(17) + udp(50000, 3544) + ip6(6, 20) + tcp(),
     "ip@0+20:11 udp@20+8:c350 teredo@28+0 ip6@28+40:6 tcp@68+20:50"},
    {"teredoAuthOrigin", 11, ip4(17) + udp(3544) + "00010000" "000000000000000000" "0000fffffefdfcfb" + ip6(6, 20) +
     tcp(),
     "ip@0+20:11 udp@20+8:dd8 teredo@28+21 ip6@49+40:6 tcp@89+20:50"},
    {"teredoNotIp6", 11, ip4(17) + udp(3544) + kTcp4 + tcp(), "ip@0+20:11 udp@20+8:dd8"},
    {"espInUdp", 11, ip4(17) + udp(4500) + "00000101" "00000001", "ip@0+20:11 udp@20+8:1194 esp@28+8:101"},
    {"ikeInUdp", 11, ip4(17) + udp(4500) + "00000000" "00000001", "ip@0+20:11 udp@20+8:1194"},
    {"greInUdp", 11, ip4(17) + udp(4754) + "20000800" "00000007" + kTcp4,
     "ip@0+20:11 udp@20+8:1292 gre@28+8:40800 ip@36+20:6 tcp@56+20:50"},
    {"greInUdpReserved", 11, ip4(17) + udp(4754) + "01000800" + kTcp4, "ip@0+20:11 udp@20+8:1292"},
    {"mplsInUdp", 11, ip4(17) + udp(6635) + "000c81ff" + ip4(6, 40) + tcp(),
     "ip@0+20:11 udp@20+8:19eb mpls@28+4:1 ip@32+20:6 tcp@52+20:50"},
    {"mplsInUdpNoBottom", 11, ip4(17) + udp(6635) + "000c80ff" "000c80ff" "000c80ff", "ip@0+20:11 udp@20+8:19eb"},
    {"l2tpData", 11, ip4(17) + udp(1701) + "0002" "00010007" "ff030021" + kTcp4,
     "ip@0+20:11 udp@20+8:6a5 l2tp@28+6:7 ppp@34+4:21 ip@38+20:6 tcp@58+20:50"},
    {"l2tpAllFields", 11, ip4(17) + udp(1701) + "4a02" "0000" "00010007" "00000000" "0002" "0000" "0021" + kTcp4,
     "ip@0+20:11 udp@20+8:6a5 l2tp@28+16:7 ppp@44+2:21 ip@46+20:6 tcp@66+20:50"},
    {"l2tpControl", 11, ip4(17) + udp(1701) + "c802" "000c" "00010000" "00000000",
     "ip@0+20:11 udp@20+8:6a5 l2tp@28+12"},
    {"l2tpVersion3Udp", 11, ip4(17) + udp(1701) + "00030000" "00000009", "ip@0+20:11 udp@20+8:6a5 l2tp@28+8:9"},
    {"l2tpReserved", 11, ip4(17) + udp(1701) + "0012" "00010007" "ff030021" + kTcp4, "ip@0+20:11 udp@20+8:6a5"},
    {"l2tp3", 11, ip4(115) + "00000009" + eth(0x0800) + ip4(6, 40) + tcp(),
     "ip@0+20:73 l2tp@20+4:9 eth@24+14:800 ip@38+20:6 tcp@58+20:50"},
    {"l2tp3Cookie", 11, ip4(115) + "00000009" "1122334455667788" + eth(0x0800) + ip4(6, 40) + tcp(),
     "ip@0+20:73 l2tp@20+4:9 eth@32+14:800 ip@46+20:6 tcp@66+20:50"},
    {"l2tp3Control", 11, ip4(115) + "00000000" "c8030000" + kFrame, "ip@0+20:73 l2tp@20+4"},
    {"capwapEthernet", 11, ip4(17) + udp(5247) + "00100000" "00000000" + kFrame,
     "ip@0+20:11 udp@20+8:147f capwap@28+8 eth@36+14:800 ip@50+20:6 tcp@70+20:50"},
    {"capwapWlan", 11, ip4(17) + udp(5247) + "00100100" "00000000" "08010000"
     "0200000000010200000000020200000000030000" + snap(0, 0x0800) + kTcp4,
     "ip@0+20:11 udp@20+8:147f capwap@28+8 wlan@36+24 llc@60+3:aaaa snap@63+5:800 ip@68+20:6 tcp@88+20:50"},
    {"capwapLaterFragment", 11, ip4(17) + udp(5247) + "00100080" "00010010" + kFrame,
     "ip@0+20:11 udp@20+8:147f capwap@28+8"},
    {"capwapEncrypted", 11, ip4(17) + udp(5247) + "01000000" "16feff0000000000", "ip@0+20:11 udp@20+8:147f"},
    {"roceV2", 11, ip4(17) + udp(4791) + "0640ffff" "00000012" "00000001", "ip@0+20:11 udp@20+8:12b7 ibbt@28+12"},
    {"roceV2Version", 11, ip4(17) + udp(4791) + "0641ffff" "00000012" "00000001", "ip@0+20:11 udp@20+8:12b7"},
    {"roceV1", 1, eth(0x8915) + ip6(0x1B, 12) + "0640ffff" "00000012" "00000001", "eth@0+14:8915 grh@14+40 ibbt@54+12"},
    {"bfd", 11, ip4(17) + udp(3784) + "20c00318" "0000000100000002" "000f4240000f424000000000",
     "ip@0+20:11 udp@20+8:ec8 bfd@28+24"},
    {"dnsQuery", 11, ip4(17) + udp(53) + "1234010000010000" "00000000", "ip@0+20:11 udp@20+8:35 dns@28+12"},
    {"dnsInTcp", 11, ip4(6) + "d4310035 00000001 00000000 5018ffff00000000" "0010" "1234010000010000" "00000000",
     "ip@0+20:6 tcp@20+20:35 dns@42+12"},
    {"dnsInTcpWithOptions", 11,
     ip4(6) + "0035d431 00000001 00000000 6018ffff00000000 01010101" "0010" "1234810000010001" "00000000",
     "ip@0+20:6 tcp@20+24:d431 dns@46+12"},
    {"dnsInTcpMiddle", 11, ip4(6) + "d4310035 00000001 00000000 5018ffff00000000" "0010" "1234014000010000" "00000000",
     "ip@0+20:6 tcp@20+20:35"},
    {"dnsInTcpNoMessage", 11, ip4(6) + "d4310035 00000001 00000000 5018ffff00000000" "0010" "123401", "ip@0+20:6 tcp@20+20:35"},
    {"dnsAnswer", 11, ip4(17) + udp(50000, 53) + "1234810000010001" "00000000", "ip@0+20:11 udp@20+8:c350 dns@28+12"},
    {"dhcp", 11, ip4(17) + udp(67, 68) + "0101060000003d1d", "ip@0+20:11 udp@20+8:43 dhcp@28+236"},
    {"notDhcp", 11, ip4(17) + udp(67, 68) + "0901060000003d1d", "ip@0+20:11 udp@20+8:43"},

    // 802.11 and the other link layers
    {"wlanToDs", 15, "08010000" "0200000000010200000000020200000000030000" + snap(0, 0x0800) + kTcp4,
     "wlan@0+24 llc@24+3:aaaa snap@27+5:800 ip@32+20:6 tcp@52+20:50"},
    {"wlanQosFourAddresses", 15, "88030000" "0200000000010200000000020200000000030000" "020000000004" "0000" +
     snap(0, 0x0800) + kTcp4,
     "wlan@0+32 llc@32+3:aaaa snap@35+5:800 ip@40+20:6 tcp@60+20:50"},
    {"wlanQosHt", 15, "88810000" "0200000000010200000000020200000000030000" "0000" "00000000" + snap(0, 0x86DD) +
     ip6(6) + tcp(),
     "wlan@0+30 llc@30+3:aaaa snap@33+5:86dd ip6@38+40:6 tcp@78+20:50"},
    {"wlanAmsdu", 15, "88020000" "0200000000010200000000020200000000030000" "8000" + eth(48) + snap(0, 0x0800) + kTcp4,
     "wlan@0+26 eth@26+14:30 llc@40+3:aaaa snap@43+5:800 ip@48+20:6 tcp@68+20:50"},
    {"wlanProtected", 15, "08410000" "0200000000010200000000020200000000030000" + snap(0, 0x0800) + kTcp4, "wlan@0+24"},
    {"wlanNull", 15, "48010000" "0200000000010200000000020200000000030000", "wlan@0+24"},
    {"wlanBeacon", 15, "80000000" "ffffffffffff0200000000020200000000030000", "wlan@0+24"},
    {"wlanAck", 15, "d4000000" "020000000001", "wlan@0+10"},
    {"wlanVersion", 15, "09010000" "0200000000010200000000020200000000030000" + snap(0, 0x0800) + kTcp4, ""},
    {"ampdu", 16, "0040ff4e" "08010000" "0200000000010200000000020200000000030000" + snap(0, 0x0800) + kTcp4,
     "wlan@4+24 llc@28+3:aaaa snap@31+5:800 ip@36+20:6 tcp@56+20:50"},
    {"ampduSignature", 16, "0040ff4f" "08010000" "0200000000010200000000020200000000030000", ""},
    {"amsduSubframe", 17, eth(48) + snap(0, 0x0800) + kTcp4,
     "eth@0+14:30 llc@14+3:aaaa snap@17+5:800 ip@22+20:6 tcp@42+20:50"},
    {"tokenRing", 3, "1040" "0200000000aa0200000000bb" + snap(0, 0x0800) + kTcp4,
     "tokenring@0+14 llc@14+3:aaaa snap@17+5:800 ip@22+20:6 tcp@42+20:50"},
    {"tokenRingRouted", 3, "1040" "0200000000aa8200000000bb" "06300011002 0" + snap(0, 0x0800) + kTcp4,
     "tokenring@0+20 llc@20+3:aaaa snap@23+5:800 ip@28+20:6 tcp@48+20:50"},
    {"fddi", 4, "50" "0200000000aa0200000000bb" + snap(0, 0x0800) + kTcp4,
     "fddi@0+13 llc@13+3:aaaa snap@16+5:800 ip@21+20:6 tcp@41+20:50"},
    {"frameRelay", 5, "184103cc" + kTcp4, "fr@0+2:64 ip@4+20:6 tcp@24+20:50"},
    {"frameRelaySnap", 5, "18410300" "80" "0000000800" + kTcp4, "fr@0+2:64 snap@5+5:800 ip@10+20:6 tcp@30+20:50"},
    {"frameRelayBridged", 5, "18410300" "80" "0080c20007" + kFrame,
     "fr@0+2:64 snap@5+5:7 eth@10+14:800 ip@24+20:6 tcp@44+20:50"},
    {"frameRelayEtherType", 5, "18410800" + kTcp4, "fr@0+2:64 ip@4+20:6 tcp@24+20:50"},
    {"aal5Snap", 9, snap(0, 0x0800) + kTcp4, "llc@0+3:aaaa snap@3+5:800 ip@8+20:6 tcp@28+20:50"},
    {"aal5Bridged", 9, snap(0x80C2, 7) + "0000" + kFrame,
     "llc@0+3:aaaa snap@3+5:7 eth@10+14:800 ip@24+20:6 tcp@44+20:50"},
    {"aal5Nlpid", 9, "fefe03cf" "0021" + kTcp4, "llc@0+3:fefe ppp@4+2:21 ip@6+20:6 tcp@26+20:50"},
    {"x25", 6, kTcp4, ""},
    {"infiniband", 18, kTcp4, ""},
    {"unknownProtocol", 4711, kTcp4, ""},
    {"empty", 1, "", ""},
};
// clang-format on

TEST(Protocols, EachPacketGivesItsLayers) {
  for (const Case& c : kCases) EXPECT_EQ(decoded(c.protocol, c.packet), c.layers) << c.name;
}

TEST(Protocols, DepthIsCapped) {
  std::string packet;
  for (int i = 0; i < 40; ++i) packet += ip4(4);
  Packet p;
  const auto bytes = test::unhex(packet);
  decodeHeader(11, 0, 0, bytes, p);
  EXPECT_EQ(p.layerCount, kMaxLayers);
  EXPECT_EQ(p.layer(Layer::ip, kMaxLayers - 1)->offset, 20 * (kMaxLayers - 1));
  EXPECT_EQ(p.layer(Layer::ip, kMaxLayers), nullptr);
}

TEST(Protocols, IpLengthBoundsEveryInnerLayer) {
  // 20 octets of padding behind an IP packet of 40 octets: no reader may see them.
  const auto bytes = test::unhex(eth(0x0800) + ip4(6, 40) + tcp() + std::string(40, 'f'));
  Packet p;
  decodeHeader(1, 78, 4, bytes, p);
  EXPECT_EQ(p.layer(Layer::eth)->available, 74);
  EXPECT_EQ(p.layer(Layer::ip)->available, 40);
  EXPECT_EQ(p.layer(Layer::tcp)->available, 20);
  EXPECT_NE(p.field(p.layer(Layer::tcp), 18, 2), nullptr);
  EXPECT_EQ(p.field(p.layer(Layer::tcp), 19, 2), nullptr);
}

TEST(Protocols, AUsedPacketIsReset) {
  Packet p;
  decodeHeader(1, 0, 0, test::unhex(kFrame), p);
  const auto arp = test::unhex(eth(0x0806) + "0001080006040001");
  decodeHeader(1, 60, 4, arp, p);
  EXPECT_EQ(describe(p), "eth@0+14:806 arp@14+28");
  EXPECT_EQ(p.layer(Layer::ip), nullptr);
  EXPECT_EQ(p.layer(Layer::tcp), nullptr);
  EXPECT_EQ(p.frameLength, 60u);
  EXPECT_EQ(p.stripped, 4u);
}

TEST(Protocols, HeadersBeyond64KiBAreCut) {
  const std::vector<std::uint8_t> bytes(70000, 0);
  Packet p;
  decodeHeader(1, 70004, 4, bytes, p);
  ASSERT_GE(p.layerCount, 1);
  EXPECT_EQ(p.layers[0].available, 0xFFFF);
}

TEST(Layers, NamesAndTokens) {
  EXPECT_EQ(layerName(Layer::vlan), "vlan");
  EXPECT_EQ(layerToken(Layer::vlan), "");
  EXPECT_EQ(layerToken(Layer::ip6), "ip6");
  EXPECT_EQ(layerName(Layer::fddi), "fddi");
  EXPECT_EQ(layerName(Layer::count), "");
}

}  // namespace
}  // namespace weir::decode
