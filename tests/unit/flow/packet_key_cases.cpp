#include "key_cases.h"

namespace weir::flow::test {

namespace {

using decode::Layer;

constexpr const char* kQuotedIp = "4500 0054 0000 0000 40 11 0000 0A000001 0A090001 C001 0035 0000 0000";
constexpr const char* kQuotedIp6 =
    "60000000 0008 11 40 20010DB8000000000000000000000009 20010DB8000000000000000000000001 C001 0035 0000 0000";
std::string join(std::initializer_list<const char*> parts) {
  std::string out;
  for (const char* part : parts) out += part;
  return out;
}

}  // namespace

std::vector<Case> packetCases() {
  std::vector<Case> all;
  all.push_back({"sample",
                 [](TestSample& s) {
                   s.layer(Layer::eth, kEth, 0x0800).layer(Layer::vlan, "0064 0800").layer(Layer::ip, kIp, 6);
                   s.layer(Layer::tcp, "CB84 01BB", 443);
                   s.sample.sequence = 1042;
                   s.sample.samplePool = 208400;
                   s.sample.drops = 2;
                 },
                 {{"inputifindex", "3"},
                  {"outputifindex", "5"},
                  {"direction", "ingress"},
                  {"bytes", "1500"},
                  {"frames", "1"},
                  {"requests", "1"},
                  {"stripped", "4"},
                  {"stack", "eth.ip.tcp"},
                  {"samplingrate", "100"},
                  {"sampleseqno", "1042"},
                  {"samplepool", "208400"},
                  {"sampledrops", "2"},
                  {"agent", "192.168.0.11"},
                  {"datasource", "3"}}});
  all.push_back(
      {"special ports",
       [](TestSample& s) {
         s.sample.source = {2, 7};
         s.sample.input = {0, wire::kNoInterface};
         s.sample.output = {2, 4};
         s.layer(Layer::eth, kEth, 0x0800);
         s.agent = *IpAddress::parse("2001:db8::1");
       },
       {{"inputifindex", "internal"}, {"outputifindex", "multiple"}, {"datasource", "2.7"}, {"agent", "2001:DB8::1"}}});
  all.push_back({"unknown and discard",
                 [](TestSample& s) {
                   s.sample.source = {0, 5};
                   s.sample.input = {0, 0};
                   s.sample.output = {1, 258};
                   s.layer(Layer::eth, kEth, 0x0800);
                 },
                 {{"inputifindex", "unknown"}, {"outputifindex", "discard"}}});
  all.push_back({"egress",
                 [](TestSample& s) {
                   s.sample.source = {0, 5};
                   s.layer(Layer::eth, kEth);
                 },
                 {{"direction", "egress"}}});
  all.push_back({"drop",
                 [](TestSample& s) {
                   s.sample.kind = wire::SampleKind::discard;
                   s.sample.reason = 258;
                 },
                 {{"reason", "acl"}, {"frames", "1"}}});
  all.push_back({"custom fields",
                 [](TestSample& s) { s.customFields("billing", 5); },
                 {{"rtsource", "billing"},
                  {"customer", "acme"},
                  {"billing.customer", "acme"},
                  {"mac", "000000CC0101"},
                  {"ip", "10.0.0.1"},
                  {"billing.ip6", "2001:DB8::1"},
                  {"count", "7"},
                  {"billing.total", "1099511627776"},
                  {"ratio", "0.5"},
                  {"load", "3"},
                  {"requests", "1"}}});
  all.push_back({"new reason",
                 [](TestSample& s) {
                   s.sample.kind = wire::SampleKind::discard;
                   s.sample.reason = 40000;
                 },
                 {{"reason", "40000"}}});
  all.push_back({"ethernet",
                 [](TestSample& s) {
                   s.layer(Layer::eth, kEth, 0x0800).layer(Layer::vlan, "6064 8100").layer(Layer::vlan, "A0C8 0800");
                   s.layer(Layer::llc, "4243 03").layer(Layer::eth, "FFFFFFFFFFFF 000000CC0102 0806", 0x0806);
                   s.layer(Layer::eth, "01005E000001 000000CC0103 0806", 0x0806);
                 },
                 {{"macdestination", "00259058DFCC"},
                  {"macsource", "000000CC0101"},
                  {"ethernetprotocol", "2048"},
                  {"ethernetprotocol.1", "2054"},
                  {"macsource.1", "000000CC0102"},
                  {"macsource.2", "000000CC0103"},
                  {"isunicast", "true"},
                  {"isbroadcast", "false"},
                  {"ismulticast", "false"},
                  {"isunicast.1", "false"},
                  {"isbroadcast.1", "true"},
                  {"ismulticast.1", "false"},
                  {"ismulticast.2", "true"},
                  {"vlan", "100"},
                  {"priority", "3"},
                  {"vlan.1", "200"},
                  {"priority.1", "5"},
                  {"llcdsap", "66"},
                  {"llcssap", "67"}}});
  all.push_back(
      {"arp",
       [](TestSample& s) { s.layer(Layer::arp, "0001 0800 06 04 0002 000000CC0101 0A000001 000000CC0102 0A000002"); },
       {{"arpoperation", "2"},
        {"arpmacsender", "000000CC0101"},
        {"arpipsender", "10.0.0.1"},
        {"arpmactarget", "000000CC0102"},
        {"arpiptarget", "10.0.0.2"}}});
  all.push_back({"mpls",
                 [](TestSample& s) { s.layer(Layer::mpls, "03E81A3F 00018140", 2).layer(Layer::mpls, "00022101", 1); },
                 {{"mplslabel", "16001"},
                  {"mplslabel.1", "24"},
                  {"mplslabel.2", "34"},
                  {"mplsexp", "5"},
                  {"mplsexp.1", "0"},
                  {"mplsttl", "63"},
                  {"mplsttl.1", "64"},
                  {"mplsbottom", "false"},
                  {"mplsbottom.1", "true"},
                  {"mplslabels", "16001-24"},
                  {"mplslabels.1", "34"}}});
  all.push_back({"ip",
                 [](TestSample& s) {
                   s.layer(Layer::ip, kIp, 6).layer(Layer::ip, "45BB 0100 0001 20B9 01 11 0000 C0A80001 E0000001", 17);
                 },
                 {{"ipsource", "10.0.0.1"},
                  {"ipdestination", "10.0.0.2"},
                  {"ipprotocol", "6"},
                  {"ipbytes", "1500"},
                  {"ipversion", "4"},
                  {"iptos", "01100000"},
                  {"ipdscp", "24"},
                  {"ipdscpname", "cs3(24)"},
                  {"ipecn", "00"},
                  {"ipid", "4711"},
                  {"ipflags", "010"},
                  {"ipfragoffset", "0"},
                  {"ipttl", "64"},
                  {"ipsource.1", "192.168.0.1"},
                  {"ipdestination.1", "224.0.0.1"},
                  {"ipflags.1", "001"},
                  {"ipfragoffset.1", "185"},
                  {"ipecn.1", "11"},
                  {"ipdscpname.1", "ef(46)"},
                  {"iptos.1", "10111011"},
                  {"ipttl.1", "1"}}});
  all.push_back({"ip6",
                 [](TestSample& s) { s.layer(Layer::ip6, kIp6, 17U | 2U << 8 | 48U << 16); },
                 {{"ip6source", "FE80::A00:27FF:FEB8:326D"},
                  {"ip6destination", "FF02::1"},
                  {"ip6nexthdr", "17"},
                  {"ip6bytes", "60"},
                  {"ip6tos", "01100000"},
                  {"ip6dscp", "24"},
                  {"ip6dscpname", "cs3(24)"},
                  {"ip6ecn", "00"},
                  {"ip6flowlabel", "501244"},
                  {"ip6ttl", "63"},
                  {"ip6extensions", "0-44"},
                  {"ip6fragoffset", "185"},
                  {"ip6fragm", "true"}}});
  all.push_back({"ip6 without extensions",
                 [](TestSample& s) { s.layer(Layer::ip6, std::string(kIp6).substr(0, 92), 17); },
                 {{"ip6fragoffset", "0"}, {"ip6fragm", "false"}}});
  all.push_back({"transport",
                 [](TestSample& s) {
                   s.layer(Layer::tcp, "CB84 01BB 12345678 00000009 5112 FAF0 0000 0000", 443);
                   s.layer(Layer::udp, "14E9 0035 0030 0000", 53).layer(Layer::sctp, "0B59 0B5A", 2906);
                   s.layer(Layer::dccp, "138C 138D", 5005).layer(Layer::esp, "12345678 00000001", 0x12345678);
                   s.layer(Layer::ah, "06040000 00000102 00000001");
                 },
                 {{"tcpsourceport", "52100"},
                  {"tcpdestinationport", "443"},
                  {"tcpflags", "100010010"},
                  {"tcpseqno", "305419896"},
                  {"tcpackno", "9"},
                  {"tcpoffset", "5"},
                  {"tcpwindow", "64240"},
                  {"udpsourceport", "5353"},
                  {"udpdestinationport", "53"},
                  {"udpbytes", "48"},
                  {"sctpsourceport", "2905"},
                  {"sctpdestinationport", "2906"},
                  {"dccpsourceport", "5004"},
                  {"dccpdestinationport", "5005"},
                  {"espspi", "305419896"},
                  {"ahspi", "258"}}});
  all.push_back({"icmp echo",
                 [](TestSample& s) { s.layer(Layer::icmp, "0800 0000 0007 0001"); },
                 {{"icmptype", "8"}, {"icmpcode", "0"}, {"icmpid", "7"}, {"icmpseqno", "1"}}});
  const auto unreachable = [](const char* head, const char* quoted, Layer layer) {
    return [=](TestSample& s) { s.layer(layer, join({head, quoted})); };
  };
  all.push_back(
      {"net", unreachable("0300 0000 00000000", kQuotedIp, Layer::icmp), {{"icmpunreachablenet", "10.9.0.1"}}});
  all.push_back(
      {"host", unreachable("0301 0000 00000000", kQuotedIp, Layer::icmp), {{"icmpunreachablehost", "10.9.0.1"}}});
  all.push_back(
      {"protocol", unreachable("0302 0000 00000000", kQuotedIp, Layer::icmp), {{"icmpunreachableprotocol", "17"}}});
  all.push_back(
      {"port", unreachable("0303 0000 00000000", kQuotedIp, Layer::icmp), {{"icmpunreachableport", "udp_53"}}});
  all.push_back({"net6",
                 unreachable("0100 0000 00000000", kQuotedIp6, Layer::icmp6),
                 {{"icmp6unreachablenet", "2001:DB8::1"}, {"icmp6type", "1"}, {"icmp6code", "0"}}});
  all.push_back({"host6",
                 unreachable("0103 0000 00000000", kQuotedIp6, Layer::icmp6),
                 {{"icmp6unreachablehost", "2001:DB8::1"}}});
  all.push_back(
      {"port6", unreachable("0104 0000 00000000", kQuotedIp6, Layer::icmp6), {{"icmp6unreachableport", "udp_53"}}});
  all.push_back({"igmp",
                 [](TestSample& s) { s.layer(Layer::igmp, "1600 0000 E00000FB"); },
                 {{"igmptype", "22"}, {"igmpgroup", "224.0.0.251"}}});
  all.push_back(
      {"tunnels",
       [](TestSample& s) {
         s.layer(Layer::vxlan, "0800000000138900", 5001).layer(Layer::geneve, "0000655800138A00", 5002);
         s.layer(Layer::gre, "20006558 00138B07", 0x6558U | 4U << 16).layer(Layer::nvgre, "00138B07", 5003);
         s.layer(Layer::erspan, "1001000C 00000000", 12).layer(Layer::gtp, "30FF0000 12345678", 0x12345678);
         s.layer(Layer::l2tp, "00000007", 7).layer(Layer::pppoe, "1100 0011 0002", 17).layer(Layer::ppp, "0021", 33);
         s.layer(Layer::isid, "00000100", 256).layer(Layer::vxlan, "0800000000000900", 9);
       },
       {{"vxlanvni", "5001"},
        {"vni", "5001"},
        {"vni.1", "9"},
        {"genevevni", "5002"},
        {"grevsid", "5003"},
        {"greprotocol", "25944"},
        {"grekey", "1280775"},
        {"erspansession", "12"},
        {"gtpteid", "305419896"},
        {"gtptype", "255"},
        {"l2tpsession", "7"},
        {"pppoesession", "17"},
        {"pppprotocol", "33"},
        {"isid", "256"}}});
  all.push_back(
      {"roce write",
       [](TestSample& s) { s.layer(Layer::ibbt, "06 A3 FFFF 000000D2 80CF1710 000055FF00000020 0000181C 00010000"); },
       {{"ibbtopcode", "6"},
        {"ibbtoptransport", "RC"},
        {"ibbtopname", "RDMA_WRITE_FIRST"},
        {"ibbtse", "true"},
        {"ibbtm", "false"},
        {"ibbtpadcnt", "2"},
        {"ibbttver", "3"},
        {"ibbtpkey", "65535"},
        {"ibbtdestinationqp", "210"},
        {"ibbtdestqp", "210"},
        {"ibbtackreq", "true"},
        {"ibbtpsn", "13571856"},
        {"ibbtrdmava", "94553705021472"},
        {"ibbtrdmarkey", "6172"},
        {"ibbtrdmalen", "65536"}}});
  all.push_back({"roce acknowledgement",
                 [](TestSample& s) { s.layer(Layer::ibbt, "11 40 FFFF 000000D2 00CF1710 1F000004"); },
                 {{"ibbtaethack", "31"}, {"ibbtaethmsn", "4"}, {"ibbtopname", "ACKNOWLEDGE"}, {"ibbtm", "true"}}});
  all.push_back({"roce congestion",
                 [](TestSample& s) { s.layer(Layer::ibbt, "81 00 FFFF 000000D2 00000000"); },
                 {{"ibbtopcode", "129"}, {"ibbtopname", "CNP"}, {"ibbtoptransport", "CNP"}}});
  all.push_back({"link layers",
                 [](TestSample& s) {
                   s.layer(Layer::vlan, "1064 8100", 0x8100).layer(Layer::snap, "00000C 010B", 0x010B);
                   s.layer(Layer::macctl, "0101").layer(Layer::slow, "01").layer(Layer::eapol, "0203 0000");
                   s.layer(Layer::macsec, "2E00 000003E9 000000CC01010001").layer(Layer::vntag, "0002 0001 0800");
                   s.layer(Layer::trill, "0014 0002 0001").layer(Layer::fabricpath, "0060");
                   s.layer(Layer::fr, "1841", 100).layer(Layer::hdlc, "0F000800", 0x0800);
                   s.layer(Layer::tokenring, "1040 000000CC0102 000000CC0101");
                   s.layer(Layer::fddi, "50 000000CC0104 000000CC0103");
                 },
                 {{"vlandei", "true"},
                  {"vlantpid", "33024"},
                  {"snapoui", "00000C"},
                  {"snapprotocol", "267"},
                  {"macctlopcode", "257"},
                  {"slowsubtype", "1"},
                  {"eapolversion", "2"},
                  {"eapoltype", "3"},
                  {"macsecan", "2"},
                  {"macsecpn", "1001"},
                  {"vntagsource", "1"},
                  {"vntagdestination", "2"},
                  {"trillhops", "20"},
                  {"trillegress", "2"},
                  {"trillingress", "1"},
                  {"fabricpathtree", "1"},
                  {"fabricpathttl", "32"},
                  {"frdlci", "100"},
                  {"hdlcprotocol", "2048"},
                  {"tokenringsource", "000000CC0101"},
                  {"tokenringdestination", "000000CC0102"},
                  {"fddisource", "000000CC0103"},
                  {"fddidestination", "000000CC0104"}}});
  all.push_back({"more of IP and transport",
                 [](TestSample& s) {
                   s.layer(Layer::ip, kIp, 6).layer(Layer::ip6, kIp6, 17U | 2U << 8 | 48U << 16);
                   s.layer(Layer::tcp, "CB84 01BB 12345678 00000009 5112 FAF0 1234 0007", 443);
                   s.layer(Layer::udp, "14E9 0035 0030 4321", 53);
                   s.layer(Layer::sctp, "0B59 0B5A 12345678 00000000 0103000C", 2906);
                   s.layer(Layer::esp, "00000100 00000005", 256).layer(Layer::ah, "06040000 00000102 00000006", 6);
                 },
                 {{"ipheaderlength", "5"},
                  {"ipchecksum", "4660"},
                  {"ip6version", "6"},
                  {"ip6fragid", "1"},
                  {"tcpchecksum", "4660"},
                  {"tcpurgent", "7"},
                  {"udpchecksum", "17185"},
                  {"sctptag", "305419896"},
                  {"sctpchunktype", "1"},
                  {"espseqno", "5"},
                  {"ahseqno", "6"},
                  {"ahnexthdr", "6"}}});
  all.push_back(
      {"icmp too big", [](TestSample& s) { s.layer(Layer::icmp, "0304 0000 00000578"); }, {{"icmpmtu", "1400"}}});
  all.push_back({"icmp redirect",
                 [](TestSample& s) { s.layer(Layer::icmp, "0501 0000 0A0000FE"); },
                 {{"icmpgateway", "10.0.0.254"}}});
  all.push_back({"icmp6 echo",
                 [](TestSample& s) { s.layer(Layer::icmp6, "8000 0000 0007 0001"); },
                 {{"icmp6id", "7"}, {"icmp6seqno", "1"}}});
  all.push_back(
      {"icmp6 too big", [](TestSample& s) { s.layer(Layer::icmp6, "0200 0000 00000578"); }, {{"icmp6mtu", "1400"}}});
  all.push_back({"neighbour",
                 [](TestSample& s) { s.layer(Layer::icmp6, "8700 0000 00000000 FE800000000000000000000000000001"); },
                 {{"icmp6ndtarget", "FE80::1"}}});
  all.push_back(
      {"igmp query", [](TestSample& s) { s.layer(Layer::igmp, "1164 0000 00000000"); }, {{"igmpmaxresponse", "100"}}});
  all.push_back({"more of tunnels",
                 [](TestSample& s) {
                   s.layer(Layer::vxlan, "88000064 00138900", 5001).layer(Layer::geneve, "0000655800138A00", 5002);
                   s.layer(Layer::erspan, "1064000C 00000000", 12).layer(Layer::gtp, "30FF0054 12345678", 0x12345678);
                   s.layer(Layer::pppoe, "1109 0000 0002").layer(Layer::nsh, "0FC60103 00002AFE", 42);
                   s.layer(Layer::capwap, "0010 4200 00000000");
                   s.layer(Layer::grh,
                           "62000001 0010 1B 40 FE800000000000000A0027FFFEB8326D"
                           "FE800000000000000A0027FFFEB8326E");
                 },
                 {{"vxlangbp", "100"},
                  {"geneveprotocol", "25944"},
                  {"erspanvlan", "100"},
                  {"gtpbytes", "84"},
                  {"pppoecode", "9"},
                  {"nshspi", "42"},
                  {"nshsi", "254"},
                  {"capwapradio", "1"},
                  {"grhsource", "FE80::A00:27FF:FEB8:326D"},
                  {"grhdestination", "FE80::A00:27FF:FEB8:326E"},
                  {"grhflowlabel", "1"},
                  {"grhtclass", "32"}}});
  all.push_back({"dns",
                 [](TestSample& s) {
                   // The answer's question, in letters of both sizes as resolvers send them.
                   s.layer(Layer::dns,
                           "1267 87B3 0001 0002 0003 0004 03 577777 07 6578414D706C65 03 636F6D 00 001C 0001");
                 },
                 {{"dnsqname", "www.example.com."},
                  {"dnsqtype", "28"},
                  {"dnsqtypename", "AAAA"},
                  {"dnsqclass", "1"},
                  {"dnsqr", "true"},
                  {"dnsid", "4711"},
                  {"dnsopcode", "0"},
                  {"dnsaa", "true"},
                  {"dnstc", "true"},
                  {"dnsrd", "true"},
                  {"dnsra", "true"},
                  {"dnsad", "true"},
                  {"dnscd", "true"},
                  {"dnsrcode", "3"},
                  {"dnsrcodename", "NXDOMAIN"},
                  {"dnsqdcount", "1"},
                  {"dnsancount", "2"},
                  {"dnsnscount", "3"},
                  {"dnsarcount", "4"}}});
  all.push_back({"dhcp",
                 [](TestSample& s) {
                   s.layer(Layer::dhcp,
                           join({"01010600 12345678 0000 0000 0A000005 0A000006 0A000001 0A000002"
                                 "000000CC0101 00000000000000000000",
                                 std::string(2 * 192, '0').c_str(),
                                 "63825363 350101 00 3204 0A000006 0C07 6C6170746F7000 3C08 4D53465420352E30 FF"}));
                 },
                 {{"dhcpop", "1"},
                  {"dhcptype", "1"},
                  {"dhcptypename", "DISCOVER"},
                  {"dhcpxid", "305419896"},
                  {"dhcphops", "0"},
                  {"dhcpclientip", "10.0.0.5"},
                  {"dhcpyourip", "10.0.0.6"},
                  {"dhcpserverip", "10.0.0.1"},
                  {"dhcprelayip", "10.0.0.2"},
                  {"dhcpclientmac", "000000CC0101"},
                  {"dhcphostname", "laptop"},
                  {"dhcpvendorclass", "MSFT 5.0"},
                  {"dhcprequestedip", "10.0.0.6"}}});
  all.push_back({"lldp",
                 [](TestSample& s) {
                   s.layer(Layer::lldp,
                           "0207 04 000000CC0101 0405 05 73777031 0602 0078 0806 75706C696E6B 0A05 6C65616631"
                           "0C06 44656269616E 0000");
                 },
                 {{"lldpchassisid", "000000CC0101"},
                  {"lldpportid", "swp1"},
                  {"lldpttl", "120"},
                  {"lldpportdescription", "uplink"},
                  {"lldpsystemname", "leaf1"},
                  {"lldpsystemdescription", "Debian"}}});
  all.push_back({"lldp addresses",
                 [](TestSample& s) {
                   s.layer(Layer::lldp, "0206 05 01 0A000001 0412 04 02 20010DB8000000000000000000000001 0000");
                   s.layer(Layer::lldp, "0206 05 01 0A000001 0407 03 000000CC0102 0000");
                 },
                 {{"lldpchassisid", "10.0.0.1"}, {"lldpportid", "2001:DB8::1"}, {"lldpportid.1", "000000CC0102"}}});
  all.push_back({"control protocols",
                 [](TestSample& s) {
                   s.layer(Layer::ospf, "0201 002C 0A000001 00000001 0000 0000").layer(Layer::pim, "2300 0000");
                   s.layer(Layer::vrrp, "210A 6401 0001 0000");
                   s.layer(Layer::eigrp, "0205 0000 00000000 00000000 00000000 0000 0064");
                   s.layer(Layer::rsvp, "1001 0000 40000010").layer(Layer::bfd, "20C0 0318 00000001 00000002");
                 },
                 {{"ospftype", "1"},
                  {"ospfrouterid", "10.0.0.1"},
                  {"ospfarea", "0.0.0.1"},
                  {"pimtype", "3"},
                  {"vrrpid", "10"},
                  {"vrrppriority", "100"},
                  {"eigrpopcode", "5"},
                  {"eigrpas", "100"},
                  {"rsvptype", "1"},
                  {"bfdstate", "3"},
                  {"bfddiagnostic", "0"},
                  {"bfdmydiscriminator", "1"},
                  {"bfdyourdiscriminator", "2"}}});
  const char* addresses = "0000 000000CC0101 000000CC0102 000000CC0103 0000 000000CC0104";
  const auto wlan = [=](const char* control) {
    return [=](TestSample& s) { s.layer(Layer::wlan, join({control, addresses})); };
  };
  all.push_back({"wlan between stations",
                 wlan("8808"),
                 {{"wlantype", "2"},
                  {"wlansubtype", "8"},
                  {"wlanretry", "true"},
                  {"wlanreceiver", "000000CC0101"},
                  {"wlantransmitter", "000000CC0102"},
                  {"wlanbssid", "000000CC0103"},
                  {"wlansource", "000000CC0102"},
                  {"wlandestination", "000000CC0101"}}});
  all.push_back({"wlan to the access point",
                 wlan("8801"),
                 {{"wlanbssid", "000000CC0101"}, {"wlansource", "000000CC0102"}, {"wlandestination", "000000CC0103"}}});
  all.push_back({"wlan from the access point",
                 wlan("8802"),
                 {{"wlanbssid", "000000CC0102"}, {"wlansource", "000000CC0103"}, {"wlandestination", "000000CC0101"}}});
  all.push_back({"wlan between access points",
                 wlan("8803"),
                 {{"wlansource", "000000CC0104"}, {"wlandestination", "000000CC0103"}}});
  for (std::size_t i = 0; i < decode::kLayerKinds; ++i) {
    const auto kind = static_cast<Layer>(i);
    const std::string name(decode::layerName(kind));
    all.push_back(
        {name + " offset",
         [kind](TestSample& s) { s.layer(Layer::eth, kEth, 0x0800).layer(kind, "00000000").layer(kind, "0000"); },
         {{name + "_offset" + (kind == Layer::eth ? ".1" : ""), "14"},
          {name + "_offset" + (kind == Layer::eth ? ".2" : ".1"), "18"}}});
  }
  return all;
}

}  // namespace weir::flow::test
