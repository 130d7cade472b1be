#include "flow/key_table.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "test_sample.h"

namespace weir::flow {
namespace {

using decode::Layer;
using test::TestSample;

// What one packet has under each key. The suffix form is tested where the packet has the layer twice.
struct Case {
  std::string name;
  std::function<void(TestSample&)> build;
  std::map<std::string, std::string> keys;
};

constexpr const char* kEth = "00259058DFCC 000000CC0101 0800";
constexpr const char* kIp = "4560 05DC 1267 4000 40 06 0000 0A000001 0A000002";
// Hop-by-hop and fragment header, UDP; offset 185, more fragments.
constexpr const char* kIp6 =
    "6607A5FC 003C 00 3F FE800000000000000A0027FFFEB8326D FF020000000000000000000000000001"
    "2C00010400000000 110005C900000001";
constexpr const char* kQuotedIp = "4500 0054 0000 0000 40 11 0000 0A000001 0A090001 C001 0035 0000 0000";
constexpr const char* kQuotedIp6 =
    "60000000 0008 11 40 20010DB8000000000000000000000009 20010DB8000000000000000000000001 C001 0035 0000 0000";
constexpr const char* kTunnel4 = "0000060E 00000011 0A000001 0A000002 0000CB84 000012B5 00000000 000000B8";
constexpr const char* kTunnel6 =
    "0000060E 00000011 20010DB8000000000000000000000001 20010DB8000000000000000000000002 00000000 00000000 00000000 "
    "00000000";

std::string join(std::initializer_list<const char*> parts) {
  std::string out;
  for (const char* part : parts) out += part;
  return out;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  all.push_back({"sample",
                 [](TestSample& s) {
                   s.layer(Layer::eth, kEth, 0x0800).layer(Layer::vlan, "0064 0800").layer(Layer::ip, kIp, 6);
                   s.layer(Layer::tcp, "CB84 01BB", 443);
                   s.record(wire::tag(0, 1036), "00000002").record(wire::tag(0, 1040), "000005DC");
                   s.record(wire::tag(0, 1039), "000000FA");
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
                  {"agent", "192.168.0.11"},
                  {"datasource", "3"},
                  {"queueindex", "2"},
                  {"queuedepth", "1500"},
                  {"transitdelay", "250"}}});
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
         s.record(wire::tag(0, 1030), "00001389").record(wire::tag(0, 1029), "0000138A");
         s.record(wire::tag(0, 1024), kTunnel4).record(wire::tag(0, 1026), kTunnel6);
         s.record(wire::tag(0, 1023), kTunnel4).record(wire::tag(0, 1025), kTunnel6);
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
        {"isid", "256"},
        {"inputvni", "5001"},
        {"outputvni", "5002"}}});
  for (const std::string side : {"input", "output"}) {
    all.back().keys.insert({{side + "ipsource", "10.0.0.1"},
                            {side + "ipdestination", "10.0.0.2"},
                            {side + "ipprotocol", "17"},
                            {side + "ipbytes", "1550"},
                            {side + "iptos", "10111000"},
                            {side + "ip6source", "2001:DB8::1"},
                            {side + "ip6destination", "2001:DB8::2"},
                            {side + "ip6nexthdr", "17"},
                            {side + "udpsourceport", "52100"},
                            {side + "udpdestinationport", "4789"}});
    all.push_back({side + " tcp tunnel",
                   [side](TestSample& s) {
                     s.layer(Layer::eth, kEth)
                         .record(wire::tag(0, side == "input" ? 1024 : 1023),
                                 "0000060E 00000006 0A000001 0A000002 0000CB84 000001BB 00000002 00000000");
                   },
                   {{side + "tcpsourceport", "52100"}, {side + "tcpdestinationport", "443"}}});
    std::swap(all[all.size() - 1], all[all.size() - 2]);  // the tunnels stay last
  }
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
  all.push_back(
      {"switch",
       [](TestSample& s) {
         s.layer(Layer::eth, kEth).record(wire::tag(0, 1001), "00000064 00000003 000000C8 00000005");
       },
       {{"vlansource", "100"}, {"prioritysource", "3"}, {"vlandestination", "200"}, {"prioritydestination", "5"}}});
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

// Escapes what regular expressions and filters mark.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::ispunct(static_cast<unsigned char>(c)) != 0) out += '\\';
    out += c;
  }
  return out;
}

TEST(KeyTable, EveryKeyOfTheTableHasItsTextInItsPacket) {
  std::set<const FlowKeyEntry*> tested;
  for (const Case& one : cases()) {
    TestSample sample;
    one.build(sample);
    const SampleFields& fields = sample.fields();
    const bool dropped = sample.sample.kind == wire::SampleKind::discard;
    for (const auto& [key, text] : one.keys) {
      SCOPED_TRACE(one.name + ": " + key);
      EXPECT_EQ(test::keyText(key, fields, dropped), text);
      // The same through the general evaluator, in a slot of several forms, and compared in filters.
      EXPECT_EQ(test::keyText("concat:/:" + key + ":" + key, fields, dropped), text + "/" + text);
      EXPECT_EQ(test::keyText("or:nosuchkey:" + key + ":stack", fields, dropped), text);
      EXPECT_EQ(test::keyText("null:" + key + ":none", fields, dropped), text);
      EXPECT_EQ(test::filterHolds(key + "=" + text, fields, dropped), true);
      EXPECT_EQ(test::filterHolds(key + "=" + text + "x", fields, dropped), false);
      EXPECT_EQ(test::filterHolds(key + "!=" + text, fields, dropped), false);
      EXPECT_EQ(test::filterHolds(key + "!=null", fields, dropped), true);
      EXPECT_EQ(test::filterHolds(key + "~" + quoted(text), fields, dropped), true);
      EXPECT_EQ(test::filterHolds(key + "!~" + quoted(text) + "x?", fields, dropped), false);
      EXPECT_EQ(test::filterHolds("eq:" + key + ":" + key + "=true", fields, dropped), true);
      const std::size_t dot = key.find('.');
      if (const auto* entry = findFlowKey(key.substr(0, dot)); entry != nullptr) tested.insert(entry);
    }
  }
  std::printf("keys tested: %zu of %zu in the table\n", tested.size(), flowKeyTable().size());
  for (const FlowKeyEntry& entry : flowKeyTable()) {
    EXPECT_TRUE(tested.count(&entry) != 0) << "no packet for " << entry.name;
    EXPECT_FALSE(entry.doc.empty()) << entry.name;
    EXPECT_FALSE(entry.example.empty()) << entry.name;
    EXPECT_GT(entry.width, 0) << entry.name;
    EXPECT_EQ(findFlowKey(entry.name), &entry) << "a name twice in the table";
  }
}

TEST(KeyTable, KeysOfAnEmptyPacketHaveNoValue) {
  TestSample sample;
  const SampleFields& fields = sample.fields();
  const std::set<std::string_view> ofTheSample{"inputifindex", "outputifindex", "direction", "requests",
                                               "samplingrate", "agent",         "datasource"};
  for (const FlowKeyEntry& entry : flowKeyTable()) {
    const auto text = test::keyText(std::string(entry.name), fields);
    EXPECT_EQ(text.has_value(), ofTheSample.count(entry.name) != 0) << entry.name;
  }
}

// A header cut anywhere gives keys a value or none, and never reads behind it (run with AddressSanitizer).
TEST(KeyTable, CutHeadersAreSafe) {
  for (const Case& one : cases()) {
    TestSample whole;
    one.build(whole);
    const decode::Packet packet = whole.fields().hasPacket ? whole.fields().packet : decode::Packet{};
    for (std::size_t size = 0; size < packet.bytes.size(); ++size) {
      const std::vector<std::uint8_t> cut(packet.bytes.begin(),
                                          packet.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      SampleFields fields = whole.fields();
      fields.packet.bytes = cut;
      fields.packet.layerCount = 0;
      std::fill(std::begin(fields.packet.firstOf), std::end(fields.packet.firstOf), decode::kNoLayer);
      for (unsigned i = 0; i < packet.layerCount && packet.layers[i].offset <= size; ++i) {
        fields.packet.layers[i].available = static_cast<std::uint16_t>(size - packet.layers[i].offset);
        auto& first = fields.packet.firstOf[static_cast<std::size_t>(packet.layers[i].kind)];
        if (first == decode::kNoLayer) first = static_cast<std::uint8_t>(i);
        ++fields.packet.layerCount;
      }
      KeysSeen seen;
      seen.note(fields, kSecond);
      EXPECT_FALSE(seen.list().empty());
    }
  }
}

TEST(KeyTable, ReferencePageIsWhatTheTableSays) {
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/docs/flow-keys.md";
  if (std::getenv("WEIR_UPDATE_DOCS") != nullptr) std::ofstream(path) << flowKeysMarkdown();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), flowKeysMarkdown()) << "run this test with WEIR_UPDATE_DOCS=1";
}

TEST(KeysSeen, ListsKeysWithTheirSuffixesAndTimes) {
  TestSample one;
  one.layer(Layer::eth, kEth, 0x0800).layer(Layer::ip, kIp, 6).layer(Layer::ip, kIp, 6);
  TestSample two;
  two.layer(Layer::eth, kEth, 0x86DD).layer(Layer::ip6, kIp6, 17);
  KeysSeen seen;
  EXPECT_TRUE(seen.list().empty());
  seen.note(one.fields(), 10 * kSecond);
  seen.note(two.fields(), 11 * kSecond);
  seen.note(two.fields(), 11 * kSecond + kMillisecond);
  std::map<std::string, Nanos> list;
  for (const auto& [name, time] : seen.list()) list[name] = time;
  EXPECT_EQ(list["ipsource"], 10 * kSecond);
  EXPECT_EQ(list["ipsource.1"], 10 * kSecond);
  EXPECT_EQ(list.count("ipsource.2"), 0U);
  EXPECT_EQ(list["ip6source"], 11 * kSecond + kMillisecond);
  EXPECT_EQ(list["macsource"], 11 * kSecond + kMillisecond);
  EXPECT_EQ(list.count("tcpflags"), 0U);
  EXPECT_EQ(list.count("reason"), 0U);
  const auto names = seen.list();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

}  // namespace
}  // namespace weir::flow
