#include "flow/key_table.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "capture_samples.h"
#include "key_cases.h"
#include "wire/record_table.h"

namespace weir::flow {
namespace {

using decode::Layer;
using test::Case;
using test::kEth;
using test::kIp;
using test::kIp6;
using test::TestSample;

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
  for (const Case& one : test::keyCases()) {
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
  EXPECT_LE(flowKeyTable().size(), kMaxFlowKeys);
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
  const std::set<std::string_view> ofTheSample{"inputifindex", "outputifindex", "direction",  "requests",
                                               "samplingrate", "sampleseqno",   "samplepool", "sampledrops",
                                               "agent",        "datasource"};
  for (const FlowKeyEntry& entry : flowKeyTable()) {
    const auto text = test::keyText(std::string(entry.name), fields);
    EXPECT_EQ(text.has_value(), ofTheSample.count(entry.name) != 0) << entry.name;
  }
}

// A header cut anywhere gives keys a value or none, and never reads behind it (run with AddressSanitizer).
TEST(KeyTable, CutHeadersAreSafe) {
  for (const Case& one : test::keyCases()) {
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

// The same for records: a count or length may say anything about octets that are not there.
TEST(KeyTable, CutAndLyingRecordsAreSafe) {
  for (const Case& one : test::recordCases()) {
    TestSample whole;
    one.build(whole);
    SampleFields fields = whole.fields();
    if (fields.recordCount == 0) continue;
    const Bytes octets = fields.records[0].data;
    KeysSeen seen;
    Nanos now = kSecond;
    for (std::size_t size = 0; size < octets.size(); ++size) {
      const std::vector<std::uint8_t> cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
      fields.records[0].data = cut;
      for (const auto& [key, text] : one.keys) {
        const auto shown = test::keyText(key, fields);
        if (!wire::recordSpec(wire::RecordSpace::flow, fields.records[0])->fixedLength || key == "requests") continue;
        EXPECT_NE(shown, text) << one.name << ": a record that is too short has no value: " << key;
      }
    }
    for (std::size_t at = 0; at < octets.size(); at += 4) {
      std::vector<std::uint8_t> lying(octets.begin(), octets.end());
      for (const std::uint8_t octet : {std::uint8_t{0xFF}, std::uint8_t{0x7F}, std::uint8_t{0}}) {
        std::fill_n(lying.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(4, lying.size() - at),
                    octet);
        fields.records[0].data = lying;
        seen.note(fields, now += 2 * kSecond);
        EXPECT_FALSE(seen.list().empty());
      }
    }
  }
}

// A record field without a key is a gap (issue 3): all but the header records, which layers show.
TEST(KeyTable, EveryRecordFieldHasAKey) {
  std::set<std::pair<std::uint32_t, std::size_t>> shown;
  for (const FlowKeyEntry& entry : flowKeyTable()) {
    for (std::size_t i = 0; i < entry.recordFieldCount; ++i)
      shown.emplace(entry.recordFields[i].tag, entry.recordFields[i].index);
  }
  const std::set<std::string> without{"extended_80211_payload.data", "extended_80211_aggregation.pdus"};
  std::size_t fields = 0;
  for (const wire::RecordSpec& spec : wire::recordTable()) {
    if (spec.space != wire::RecordSpace::flow || spec.name.starts_with("sampled_")) continue;
    for (std::size_t i = 0; i < spec.fields.size(); ++i, ++fields) {
      const std::string name = std::string(spec.name) + '.' + std::string(spec.fields[i].name);
      EXPECT_NE(shown.count({spec.tag, i}) != 0, without.count(name) != 0) << name;
    }
  }
  std::printf("record fields with a key: %zu of %zu\n", shown.size(), fields);
}

TEST(KeyTable, NamesInDnsMessagesEndWhateverTheySay) {
  const auto name = [](const char* question) {
    TestSample s;
    s.layer(Layer::dns, std::string("1267 0100 0001 0000 0000 0000") + question);
    return test::keyText("dnsqname", s.fields());
  };
  EXPECT_EQ(name("00 0001 0001"), ".");
  EXPECT_EQ(name("03 612E5C 00 0001 0001"), "a\\.\\\\.");
  EXPECT_EQ(name("02 00FF 00 0001 0001"), "\\000\\255.");
  EXPECT_EQ(name("01 61 C00C"), std::nullopt) << "a pointer to its own name";
  EXPECT_EQ(name("C00E 01 61 00"), std::nullopt) << "a pointer forwards";
  EXPECT_EQ(name("C000 0001 0001"), std::nullopt) << "a label of the header that is cut";
  EXPECT_EQ(name("40"), std::nullopt) << "a length of another kind";
  EXPECT_EQ(name("05 6162"), std::nullopt) << "cut";
  std::string labels;
  for (unsigned i = 0; i < 5; ++i) labels += "3F" + std::string(126, '6');
  EXPECT_EQ(name((labels + "00").c_str()), std::nullopt) << "more than 255 octets";
}

// Keys in what real agents sent: all texts that a definition's keys have in a capture.
std::set<std::string> textsIn(const char* capture, const char* keys) {
  std::set<std::string> texts;
  const auto samples = test::readSamples(capture, 10'000);
  for (const SampleFields& fields : samples->fields) {
    if (const auto text = test::keyText(keys, fields)) texts.insert(*text);
  }
  return texts;
}

TEST(KeyTable, CapturesOfRealAgentsHaveWhatTheReferenceDecoderSays) {
  if (!weir::test::capturePath("akvorado-1140.pcap")) GTEST_SKIP() << "no captures";
  EXPECT_EQ(textsIn("akvorado-1140.pcap", "bgpas,bgpnexthop,bgpdestinationaspath,bgpdestinationas")
                .count("39421,31.14.69.110,203698-6762-26615,26615"),
            1U);
  EXPECT_EQ(textsIn("akvorado-1140.pcap", "bgpsourceas,bgpsourcepeeras,bgpdestinationas").count("13335,203698,39421"),
            1U)
      << "an empty path: the destination is in the router's own AS";
  EXPECT_EQ(textsIn("akvorado-1140.pcap", "prefix:bgpcommunities:_:2").count("39421:1000_39421:1001"), 1U);
  EXPECT_EQ(textsIn("akvorado-1140.pcap", "ipnexthoprouter,ipsourcemaskbits,ipdestinationmaskbits,ipsourcesubnet")
                .count("45.90.161.46,20,27,104.26.0.0/20"),
            1U);
  EXPECT_EQ(textsIn("akvorado-1140.pcap", "vlansource,vlandestination").count("100,100"), 1U);
  EXPECT_EQ(textsIn("gopacket-vectors-a.pcap", "inputipsource,inputipdestination,inputipprotocol")
                .count("192.168.0.84,192.168.0.83,47"),
            1U);
  EXPECT_EQ(
      textsIn("oxyflow-multi-agent-1.pcap", "dnsqname,dnsqtypename,dnsqr,dnsid").count("atlassian.com.,TXT,true,37705"),
      1U);
  EXPECT_EQ(textsIn("oxyflow-multi-agent-1.pcap", "dnsqname").count("play-live.mojapp.in.txlivecdn.com."), 1U)
      << "sent in letters of both sizes";
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
