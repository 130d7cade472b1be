// Several records of one sample that combine or repeat (the column `several` of wire/records.def), through one shard.
#include "wire/records.h"

#include <gtest/gtest.h>

#include "model/metric_value.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::RecordBytes;
using test::TestAgent;

constexpr wire::DataSource kPortOfRecords{0, 3};
constexpr std::uint32_t kHeader = 1, kEthernet = 2, kIp4 = 3, kIp6 = 4;

using Record = std::pair<std::uint32_t, RecordBytes>;

Record ethernet(std::uint32_t length, std::uint32_t type) {
  RecordBytes r;
  r.u32(length).octets({2, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0}).u32(type);
  return {kEthernet, r};
}
Record ip4(std::uint32_t length, std::uint32_t protocol, std::uint8_t host, std::uint32_t toPort) {
  RecordBytes r;
  r.u32(length)
      .u32(protocol)
      .octets({198, 51, 100, host})
      .octets({203, 0, 113, 2})
      .u32(40000)
      .u32(toPort)
      .u32(2)
      .u32(0);
  return {kIp4, r};
}
Record ip6(std::uint32_t length, std::uint32_t protocol, std::uint8_t host, std::uint32_t toPort) {
  RecordBytes r;
  r.u32(length).u32(protocol);
  r.octets({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host});
  r.octets({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
  r.u32(40000).u32(toPort).u32(2).u32(0);
  return {kIp6, r};
}
/// A sampled header of 1,500 octets of which the first `captured` are there: VLAN 7, IPv4 from 198.51.100.9, TCP to
/// 443.
Record header(std::size_t captured, std::uint32_t protocol = 1) {
  std::vector<std::uint8_t> frame = {2, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 9, 0x81, 0, 0, 7, 8, 0, 0x45, 0, 5, 0xDC};
  frame.resize(58);
  frame[26] = 61;  // time to live
  frame[27] = 6;
  const std::uint8_t addresses[] = {198, 51, 100, 9, 203, 0, 113, 2};
  std::copy_n(addresses, 8, frame.begin() + 30);
  storeBe16(&frame[38], 50000);
  storeBe16(&frame[40], 443);
  frame[50] = 0x50;
  if (protocol != 1) frame.erase(frame.begin(), frame.begin() + 18);
  RecordBytes r;
  r.u32(protocol).u32(1500).u32(4).u32(static_cast<std::uint32_t>(captured));
  r.bytes.insert(r.bytes.end(), frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(captured));
  r.bytes.resize((r.bytes.size() + 3) & ~std::size_t{3});
  return {kHeader, r};
}

class Records : public testing::Test {
 protected:
  void sample(const std::vector<Record>& records, wire::SampleKind kind = wire::SampleKind::flow) {
    wire::Sample s;
    s.kind = kind;
    s.expanded = true;
    s.source = kPortOfRecords;
    s.samplingRate = 1;
    s.sequence = ++sequence;
    s.input = {0, 3};
    agent.writer().beginSample(s);
    for (const auto& [tag, record] : records) agent.writer().add(tag, record.bytes);
    ASSERT_TRUE(agent.writer().endSample());
    bench.send(agent);
  }
  /// The flows of a definition of these keys, fed with one sample: `key=octets`, blanks between.
  std::string seen(const std::string& keys, const std::vector<Record>& records, const char* more = "") {
    const std::string name = "f" + std::to_string(++definitions);
    bench.flow(name, "{keys:'" + keys + "', value:bytes, log:true, activeTimeout:1" + more + "}");
    sample(records, *more == 0 ? wire::SampleKind::flow : wire::SampleKind::discard);
    bench.at(at += 10);
    bench.tick();
    std::string out;
    for (const auto& record : bench.records()) {
      if (record.flowName != name) continue;
      out += (out.empty() ? "" : " ") + record.flowKeys + "=" + std::to_string(static_cast<long>(record.value));
    }
    bench.store.remove(Engine::Kind::flow, name);
    return out;
  }
  double metric(std::string_view name, const wire::DataSource& source = kPortOfRecords) {
    model::MetricValue value;
    const AgentState* state = bench.shard.findAgent(test::address("10.0.0.30"));
    return state != nullptr && state->sources.at(source.key())->counters.value(bench.names.find(name), value)
               ? value.number
               : -1;
  }
  std::uint64_t faults() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : bench.shard.figures().faults) sum += count;
    return sum;
  }

  test::ShardBench bench;
  TestAgent agent{"10.0.0.30"};
  std::uint32_t sequence = 0;
  int definitions = 0;
  double at = 0;
};

const char* const kAll =
    "macsource,macdestination,ethernetprotocol,or:ipsource:ip6source,or:udpdestinationport:tcpdestinationport";
const char* const kIpOnly = "or:ipsource:ip6source";

TEST_F(Records, EthernetAndIpAreLayersOfOnePacketInAnyOrder) {
  const std::string want = "020000000001,020000000002,2048,198.51.100.1,53=200";
  EXPECT_EQ(seen(kAll, {ethernet(200, 2048), ip4(182, 17, 1, 53)}), want);
  EXPECT_EQ(seen(kAll, {ip4(182, 17, 1, 53), ethernet(200, 2048)}), want);
  EXPECT_EQ(seen(kAll, {ethernet(300, 34525), ip6(282, 6, 1, 443)}),
            "020000000001,020000000002,34525,2001:DB8::1,443=300");
  EXPECT_EQ(seen(kIpOnly, {ethernet(200, 2048), ip4(182, 17, 1, 53)}), "198.51.100.1=200") << "octets count once";
  EXPECT_EQ(seen("macsource,ethernetprotocol", {ethernet(64, 0x0806)}), "020000000001,2054=64");
  EXPECT_EQ(seen(kIpOnly, {ip4(182, 17, 1, 53)}), "198.51.100.1=182");
  EXPECT_EQ(faults(), 0U);
}

TEST_F(Records, DiscardedPacketsToo) {
  EXPECT_EQ(seen(kAll, {ip4(182, 17, 1, 53), ethernet(200, 2048)}, ", dropped:true"),
            "020000000001,020000000002,2048,198.51.100.1,53=200");
  bench.flow("frommac", "{keys:ipsource, value:frames, filter:'macsource=020000000001', dropped:true}");
  sample({ethernet(200, 2048), ip4(182, 17, 1, 53)}, wire::SampleKind::discard);
  EXPECT_GT(bench.rate("10.0.0.30", kPortOfRecords, "frommac", "198.51.100.1"), 0);
}

TEST_F(Records, AnEtherTypeOfATagGivesWayToThatOfTheIpHeader) {
  for (const std::uint32_t type : {0x8100U, 0x88A8U, 0U}) {
    EXPECT_EQ(seen("macsource,ethernetprotocol,ip6source", {ethernet(300, type), ip6(282, 6, 1, 443)}),
              "020000000001,34525,2001:DB8::1=300")
        << type;
  }
  EXPECT_EQ(seen("ethernetprotocol,ipsource", {ethernet(300, 0x8847), ip4(282, 6, 1, 443)}), "34887,198.51.100.1=300");
}

TEST_F(Records, AnIpRecordInsideAnother) {
  EXPECT_EQ(seen("ipsource,ipsource.1,udpdestinationport", {ip4(220, 4, 1, 0), ip4(200, 17, 2, 53)}),
            "198.51.100.1,198.51.100.2,53=220")
      << "IP in IP, as the first says";
  EXPECT_EQ(
      seen("ipsource,ip6source,tcpdestinationport", {ethernet(250, 2048), ip4(220, 41, 1, 0), ip6(200, 6, 7, 80)}),
      "198.51.100.1,2001:DB8::7,80=250");
  EXPECT_EQ(seen("stack", {ethernet(250, 2048), ip6(200, 4, 7, 80), ip4(220, 41, 1, 0)}), "eth.ip.ip6=250")
      << "the Ethernet header says which is the outer one";
  EXPECT_EQ(seen("ipsource,null:ipsource.1:none,udpdestinationport", {ip4(220, 17, 1, 53), ip4(999, 17, 2, 54)}),
            "198.51.100.1,none,53=220")
      << "of two that are not one inside the other the first counts";
}

TEST_F(Records, AHeaderIsThePacketWhateverStandsBesideIt) {
  const std::vector<Record> all = {ethernet(200, 2048), header(58), ip4(182, 17, 1, 53), ip6(100, 17, 1, 53)};
  EXPECT_EQ(seen("macsource,vlan,ipsource,ipttl,tcpdestinationport", all), "020000000009,7,198.51.100.9,61,443=1500");
  EXPECT_EQ(seen("stack", all), "eth.ip.tcp=1500");
  EXPECT_EQ(seen("ipttl", {header(58), header(22)}), "61=1500") << "the first of several";
}

TEST_F(Records, RecordsTellWhatACutHeaderDoesNot) {
  for (const std::size_t captured : {18U, 24U, 37U}) {
    EXPECT_EQ(seen("macsource,vlan,ipsource,udpdestinationport", {header(captured), ip4(1482, 17, 1, 53)}),
              "020000000009,7,198.51.100.1,53=1500")
        << captured << " octets end before the IP header does";
  }
  EXPECT_EQ(seen("macsource,ipsource", {ip4(1482, 17, 1, 53), header(14)}), "020000000009,198.51.100.1=1500")
      << "the tag is cut";
  EXPECT_EQ(seen("macsource,ipsource", {header(6), ethernet(200, 2048), ip4(1482, 17, 1, 53)}),
            "020000000001,198.51.100.1=1500")
      << "nothing of the header is whole";
  EXPECT_EQ(seen("vlan,null:ip6source:none", {header(18), ip6(1482, 17, 1, 53)}), "7,none=1500")
      << "its EtherType says IPv4";
  EXPECT_EQ(seen("ipttl,tcpdestinationport", {header(38), ip4(1482, 6, 9, 8080)}), "61,8080=1500")
      << "cut before the ports";
  EXPECT_EQ(seen("ipttl,null:tcpdestinationport:none", {header(38), ip4(1482, 6, 8, 8080)}), "61,none=1500")
      << "the record is about other addresses";
  EXPECT_EQ(seen("ipttl,tcpdestinationport", {header(58), ip4(1482, 6, 9, 8080)}), "61,443=1500");
  EXPECT_EQ(faults(), 0U);
}

TEST_F(Records, AnEthernetRecordStandsInFrontOfAnIpHeader) {
  EXPECT_EQ(
      seen("macsource,ethernetprotocol,ipsource,ipttl,tcpdestinationport", {header(40, 11), ethernet(1504, 2048)}),
      "020000000001,2048,198.51.100.9,61,443=1500");
}

TEST_F(Records, UnsoundOnesDoNotHideSoundOnes) {
  Record cut = ip4(182, 17, 7, 53), wrong{1001, {}}, vlan{1001, {}};
  cut.second.bytes.resize(12);
  wrong.second.u32(1);
  vlan.second.u32(12).u32(0).u32(13).u32(0);
  EXPECT_EQ(seen("ipsource,vlansource", {cut, wrong, vlan, ip4(182, 17, 1, 53)}), "198.51.100.1,12=182");
  EXPECT_EQ(faults(), 2U);
  Record second{1001, {}};
  second.second.u32(99).u32(0).u32(98).u32(0);
  EXPECT_EQ(seen("vlansource,vlandestination", {vlan, second, ip4(182, 17, 1, 53)}), "12,13=182") << "the first counts";
}

TEST_F(Records, IfCountersOfAServiceAreNotThePorts) {
  const auto port = [](std::uint64_t octets) {
    return Record{1, test::Interface{.index = 3, .inOctets = octets}.record()};
  };
  const auto service = [](std::uint32_t index, std::uint64_t octets) {
    return Record{1, test::Interface{.index = index, .speed = 1'000'000, .inOctets = octets}.record()};
  };
  bench.send(agent.records(kPortOfRecords, {service(1001, 900'000), port(1'000), service(1002, 5)}));
  bench.at(10);
  bench.send(agent.records(kPortOfRecords, {port(21'000), service(1001, 1), service(1002, 9'000'000)}));
  EXPECT_EQ(metric("ifinoctets"), 2'000) << "in whatever order, and though a service began anew";
  EXPECT_EQ(metric("ifspeed"), 10'000'000'000);
  bench.at(20);
  bench.send(agent.records(kPortOfRecords, {service(1001, 2)}));
  EXPECT_EQ(metric("ifinoctets"), 2'000) << "nothing of the port in this sample";
  bench.at(30);
  bench.send(agent.records(kPortOfRecords, {port(61'000), port(0)}));
  EXPECT_EQ(metric("ifinoctets"), 2'000) << "40,000 in 20 s; of two of one port the first counts";
  bench.send(agent.records({0, 4}, {service(1001, 2)}));
  EXPECT_EQ(metric("ifspeed", {0, 4}), -1) << "the data source is known, its counters are not";
  bench.send(agent.records({0, 5}, {Record{1, test::Interface{.index = 0, .speed = 7}.record()}}));
  EXPECT_EQ(metric("ifspeed", {0, 5}), 7) << "0 names no port";
  bench.send(agent.records({3, 5}, {service(1001, 2)}));
  EXPECT_EQ(metric("ifspeed", {3, 5}), 1'000'000) << "other classes have no ifIndex";
}

TEST_F(Records, CountersOfAnotherVlanAreNotThoseOfTheDataSource) {
  const auto vlan = [](std::uint32_t id, std::uint64_t octets) {
    RecordBytes r;
    r.u32(id).u64(octets).u32(0).u32(0).u32(0).u32(0);
    return Record{5, r};
  };
  bench.send(agent.records({1, 100}, {vlan(99, 7), vlan(100, 1'000)}));
  bench.at(10);
  bench.send(agent.records({1, 100}, {vlan(99, 0), vlan(100, 21'000)}));
  EXPECT_EQ(metric("vlan_octets", {1, 100}), 2'000);
  EXPECT_EQ(metric("vlan_id", {1, 100}), 100);
}

}  // namespace
}  // namespace weir::engine
