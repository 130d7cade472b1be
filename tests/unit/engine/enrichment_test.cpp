// Keys that are looked up, through a shard and through the engine: tables that change while samples come.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/host_adapters.h"
#include "engine/host_metrics.h"
#include "support/captures.h"
#include "support/dns_server.h"
#include "support/engine_runner.h"
#include "support/shard_bench.h"
#include "unit/engine/allocation_count.h"

namespace weir::engine {
namespace {

using test::kPort3;
using test::RecordBytes;
using test::ShardBench;
using test::TestAgent;

constexpr const char* kAgent = "10.0.0.30";

/// host_descr and host_adapters of a host or virtual machine with one adapter.
TestAgent& hostWith(TestAgent& agent, const wire::DataSource& source, std::string_view name, std::uint8_t lastOfMac) {
  RecordBytes descr, adapters;
  descr.str(name);
  for (int i = 0; i < 4; ++i) descr.u32(7);
  descr.u32(3).u32(2).str("6.1");
  adapters.u32(1).u32(1).u32(2).octets({0, 0, 0, 0, 0, 0, 0, 0}).octets({0, 0, 0, 0, 0, lastOfMac, 0, 0});
  return agent.records(source, {{wire::tag(0, 2000), descr}, {wire::tag(0, 2001), adapters}});
}

class Enrichment : public testing::Test {
 protected:
  double rate(std::string_view flow, std::string_view key) { return bench.rate(kAgent, kPort3, flow, key); }
  void send(const char* from, std::uint32_t bytes = 1000) {
    bench.send(agent.flow({.source = kPort3, .from = from, .bytes = bytes}));
  }
  ShardBench bench;
  TestAgent agent{kAgent};
};

TEST_F(Enrichment, TablesMayComeAfterTheDefinition) {
  bench.flow("f", "{keys:'group:ipsource:g', value:bytes}");
  bench.flow("n", "{keys:'null:[group:ipsource:g]:none', value:bytes}");
  send("10.0.0.1");
  EXPECT_EQ(rate("n", "none"), 500);
  bench.put(ShardBench::Kind::group, "g", "{a:['10.0.0.0/8']}");
  send("10.0.0.1");
  EXPECT_EQ(rate("f", "a"), 500);
  EXPECT_EQ(rate("n", "a"), 500);
  EXPECT_EQ(rate("n", "none"), 500) << "what was counted before";
}

TEST_F(Enrichment, PortsHaveLinksNodesAndNames) {
  bench.flow("links",
             "{keys:'null:[link:inputifindex]:edge,node:inputifindex,null:[ifname:outputifindex]:-', value:bytes}");
  bench.flow("core", "{value:bytes, filter:'link:inputifindex!=null'}");
  send("10.0.0.1");
  EXPECT_EQ(rate("links", ""), 0) << "no node is known";
  EXPECT_EQ(rate("core", ""), 0);
  const auto put =
      bench.store.putTopology(json::parseLenient("{nodes:{leaf:{agent:'10.0.0.30',ports:{up:{ifindex:1}}}},"
                                                 "links:{l1:{node1:leaf,port1:up,node2:spine,port2:down}}}")
                                  .value());
  ASSERT_TRUE(put) << put.error().text();
  send("10.0.0.1");
  EXPECT_EQ(rate("links", "l1,leaf,-"), 500);
  EXPECT_EQ(rate("core", ""), 500);
  // The agent tells its own names; they are looked at again a second later.
  RecordBytes name;
  name.str("swp9");
  bench.send(agent.records({0, 2}, {{wire::tag(0, 1005), name}}));
  bench.at(1.5);
  send("10.0.0.1");
  EXPECT_GT(rate("links", "l1,leaf,swp9"), 0);
  ASSERT_TRUE(bench.store.putTopology(json::parseLenient("{}").value()));
  hostWith(agent, {2, 1}, "leaf1", 1);
  bench.send(agent);
  bench.at(3);
  send("10.0.0.1");
  EXPECT_GT(rate("links", "edge,leaf1,swp9"), 0) << "without a topology the node is the host";
}

TEST_F(Enrichment, AReplacedGroupLeavesOldTextsAsTheyWere) {
  bench.put(ShardBench::Kind::group, "g", "{one:['10.0.0.0/8'],two:['192.168.0.0/16']}");
  bench.flow("f", "{keys:'ipsource,group:ipsource:g', value:bytes, log:true}");
  send("10.0.0.1");
  send("192.168.0.1");
  // Classes in another order, one gone, one new.
  bench.put(ShardBench::Kind::group, "g", "{three:['192.168.0.0/16'],four:['10.0.0.0/8']}");
  send("10.0.0.1", 2000);
  send("192.168.0.1", 2000);
  bench.store.remove(ShardBench::Kind::group, "g");
  send("10.0.0.1");
  EXPECT_EQ(rate("f", "10.0.0.1,one"), 500);
  EXPECT_EQ(rate("f", "192.168.0.1,two"), 500);
  EXPECT_EQ(rate("f", "10.0.0.1,four"), 1000);
  EXPECT_EQ(rate("f", "192.168.0.1,three"), 1000);
  bench.at(20);
  bench.tick();
  std::vector<std::string> keys;
  for (const auto& record : bench.records()) keys.push_back(record.flowKeys);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<std::string>{"10.0.0.1,four", "10.0.0.1,one", "192.168.0.1,three", "192.168.0.1,two"}));
}

TEST_F(Enrichment, FiltersFollowTheGroup) {
  bench.flow("in", "{value:bytes, filter:'group:ipsource:g=external&group:ipdestination:g!=external,private'}");
  bench.put(ShardBench::Kind::group, "g", "{external:['0.0.0.0/0'],private:['10.0.0.0/8']}");
  send("192.0.2.7");
  EXPECT_EQ(rate("in", ""), 0) << "to 10.0.0.2, which is private";
  bench.put(ShardBench::Kind::group, "g", "{external:['0.0.0.0/0'],site:['10.0.0.2']}");
  send("192.0.2.7");
  send("10.0.0.2");
  EXPECT_EQ(rate("in", ""), 500);
}

TEST_F(Enrichment, ReplacingATableForgetsNoFlow) {
  bench.put(ShardBench::Kind::map, "m", "{a:[80]}");
  bench.flow("f", "{keys:'ipsource', value:bytes}");
  bench.flow("m", "{keys:'map:tcpdestinationport:m', value:bytes}");
  bench.threshold("t", "{metric:m, value:100, byFlow:true, timeout:10}");
  send("10.0.0.1");
  EXPECT_EQ(bench.fired(), "t@3[a]");
  bench.put(ShardBench::Kind::map, "m", "{a:['80'],b:['443']}");
  send("10.0.0.1");
  EXPECT_EQ(bench.fired(), "") << "the threshold has not begun anew";
  EXPECT_EQ(rate("f", "10.0.0.1"), 1000);
  EXPECT_EQ(rate("m", "a"), 1000);
}

TEST_F(Enrichment, LookingUpAllocatesNothing) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "allocations are not counted under the thread sanitizer";
#endif
  bench.put(ShardBench::Kind::group, "g", "{'a class with a long name':['10.0.0.0/8'],b:['::/0']}");
  bench.put(ShardBench::Kind::map, "m", "{'a label with a long name':['80','000000000001','10.0.0.2','eth.ip.tcp']}");
  bench.flow("f",
             "{keys:'group:ipsource:g,map:tcpdestinationport:m,map:stack:m,null:[dns:ipsource]:', value:bytes,"
             "filter:'group:ipsource:g~a.*&map:macsource:m!=null&map:ipdestination:m!=x'}");
  bench.shard.allowNames();
  bench.flow("n", "{keys:'ipsource', value:bytes, filter:'dns:ipsource=null'}");
  std::vector<std::vector<std::uint8_t>> datagrams;
  for (int i = 0; i < 400; ++i) {
    const std::string from = "10.0.0." + std::to_string(i % 200);
    const Bytes payload = agent.flow({.source = kPort3, .from = from.c_str()}).finish(bench.now());
    datagrams.emplace_back(payload.begin(), payload.end());
  }
  for (int i = 0; i < 200; ++i) bench.send(datagrams[static_cast<std::size_t>(i)]);
  const auto before = test::allocationCount();
  for (int i = 200; i < 400; ++i) bench.send(datagrams[static_cast<std::size_t>(i)]);
  EXPECT_EQ(test::allocationCount() - before, 0U);
  EXPECT_GT(rate("f", "a class with a long name,a label with a long name,a label with a long name,"), 0);
}

// --- host names

TEST_F(Enrichment, HostNamesAreAskedForOnlyWhereSomebodyAnswers) {
  bench.flow("f", "{keys:'dns:ipsource', value:bytes}");
  send("10.0.0.1");
  EXPECT_EQ(bench.shard.names(), nullptr);
  bench.shard.allowNames();
  bench.flow("g", "{keys:'dns:ipsource', value:bytes}");
  send("10.0.0.1");
  ASSERT_NE(bench.shard.names(), nullptr);
  EXPECT_EQ(bench.shard.names()->takeWanted(), std::vector<IpAddress>{test::address("10.0.0.1")});
  bench.shard.names()->put({{test::address("10.0.0.1"), "host.example.", 60 * kSecond}});
  send("10.0.0.1");
  EXPECT_EQ(rate("f", "host.example."), 500);
  EXPECT_EQ(rate("g", "host.example."), 500);
}

// --- hosts

TEST_F(Enrichment, HostsOfMacAddresses) {
  bench.flow("h", "{keys:'host:macsource:host_name,host:macdestination:vir_host_name', value:bytes}");
  hostWith(agent, {2, 1}, "server", 1);
  hostWith(agent, {3, 5}, "machine", 2);
  bench.send(agent);
  send("10.0.0.1");
  EXPECT_EQ(rate("h", "server,machine"), 0) << "nobody has shared it yet";
  std::vector<HostRow> rows;
  Cursor cursor;
  const auto metrics = wantedHostMetrics(bench.shard.definitions());
  EXPECT_EQ(metrics, (std::vector<std::string>{"host_name", "vir_host_name"}));
  ASSERT_TRUE(collectHosts(bench.shard, metrics, bench.names, rows, cursor));
  ASSERT_EQ(rows.size(), 2U) << "an address of zeros belongs to nobody";
  bench.shard.adopt(hostTables(rows, metrics));
  send("10.0.0.1");
  EXPECT_EQ(rate("h", "server,machine"), 500);
  bench.put(ShardBench::Kind::group, "unrelated", "{}");
  send("10.0.0.1");
  EXPECT_EQ(rate("h", "server,machine"), 1000) << "new definitions keep what was shared";
}

TEST(HostTables, TheFirstOfSeveralOwners) {
  const IpAddress one = test::address("10.0.0.1"), two = test::address("10.0.0.2");
  std::vector<HostRow> rows{{7, two, {2, 1}, {"b", "x"}}, {7, one, {3, 9}, {"c", "y"}}, {7, one, {2, 1}, {"a", ""}}};
  std::sort(rows.begin(), rows.end());
  test::ShardBench bench;
  const auto tables = hostTables(rows, {"p", "q"});
  bench.flow("h", "{keys:'host:macsource:p,host:macsource:q', value:bytes}");
  bench.shard.adopt(tables);
  TestAgent agent{kAgent};
  std::array<std::uint8_t, 54> frame = test::frameOf({});
  frame[11] = 7;
  wire::Sample sample;
  sample.kind = wire::SampleKind::flow;
  sample.source = kPort3;
  sample.samplingRate = 1;
  agent.writer().beginSample(sample);
  agent.writer().add(wire::SampledHeader{1, 1000, 4, frame});
  ASSERT_TRUE(agent.writer().endSample());
  bench.send(agent);
  EXPECT_EQ(bench.rate(kAgent, kPort3, "h", "a,y"), 500);
}

TEST(ReadAdapters, TakesAnything) {
  RecordBytes adapters;
  adapters.u32(2).u32(1).u32(1).octets({0, 0, 0, 0, 0, 1, 0, 0}).u32(2).u32(0xFFFFFF);
  test::CounterSample sample(2, 1);
  sample.add(wire::tag(0, 2001), adapters);
  std::vector<std::uint64_t> macs;
  EXPECT_TRUE(readAdapters(sample.sample(), macs));
  EXPECT_LE(macs.size(), 1U);
  test::CounterSample other(2, 1);
  other.add(wire::tag(0, 2000), RecordBytes());
  EXPECT_FALSE(readAdapters(other.sample(), macs));
}

// --- determinism

const char* const kLookupDefinitions =
    "{groups:{g:{private:['10.0.0.0/8'],leaf:['10.0.1.0/24'],six:['::/0']}},"
    "maps:{m:{web:[80,443],odd:[1,3,5,7,9]}},"
    "flows:{elephant:{keys:'null:[group:[or:ipsource:ip6source]:g]:none,null:[map:tcpdestinationport:m]:-,"
    "null:[host:macsource:host_name]:nobody,null:[host:macdestination:load_one]:-',value:bytes,log:true,"
    "activeTimeout:3,n:100},"
    "dns:{keys:'null:[dns:ipsource]:unknown',value:bytes,log:true,activeTimeout:5}},"
    "thresholds:{t:{metric:elephant,value:1000,byFlow:true,timeout:1}}}";

/// Switches whose packets name MAC addresses of hosts that are other agents, of other shards.
std::shared_ptr<const test::Capture> capture() {
  auto out = std::make_shared<test::Capture>();
  std::vector<std::unique_ptr<TestAgent>> switches, hosts;
  for (int i = 0; i < 5; ++i) {
    switches.push_back(std::make_unique<TestAgent>("10.9.0." + std::to_string(i + 1)));
    hosts.push_back(std::make_unique<TestAgent>("10.8.0." + std::to_string(i + 1)));
  }
  Nanos now = 1'700'000'000 * kSecond + 123 * kMillisecond;
  const auto take = [&](TestAgent& agent) {
    const Bytes payload = agent.finish(now);
    out->push_back({now, test::address("127.0.0.1"), {payload.begin(), payload.end()}});
  };
  for (unsigned i = 0; i < 6'000; ++i) {
    now += 1 + (i * 7919) % (4 * kMillisecond);
    if (i % 2'000 == 1'999) now += 400 * kSecond;  // what hosts said grows too old
    const std::string from = "10.0." + std::to_string(i % 3) + "." + std::to_string(i % 50);
    TestAgent& from_ = *switches[i % switches.size()];
    take(from_.flow(
        {.source = kPort3, .from = from.c_str(), .rate = 100, .toPort = static_cast<std::uint16_t>(i % 90)}));
    if (i % 37 == 0) {
      const unsigned host = i / 37 % 5;
      // Names change, owners change, and two hosts claim one address.
      const std::string name = "host" + std::to_string(host) + "-" + std::to_string(i / 900);
      take(hostWith(*hosts[host], {2, 1}, name, static_cast<std::uint8_t>(1 + (host + i / 1500) % 3)));
      take(hosts[(host + 1) % 5]->host("plain", static_cast<float>(i % 4)));
    }
  }
  return out;
}

TEST(EnrichmentDeterminism, AnyNumberOfShardsAndAnyPace) {
  const auto telemetry = capture();
  const test::Told one = test::replay(telemetry, kLookupDefinitions, 1, "elephant");
  EXPECT_NE(one.flows.find("leaf,odd,host"), std::string::npos) << "hosts were found";
  EXPECT_NE(one.flows.find("private,odd,nobody"), std::string::npos);
  EXPECT_NE(one.events.find("\"leaf,"), std::string::npos);
  for (const unsigned shards : {2U, 4U}) {
    test::expectSame(one, test::replay(telemetry, kLookupDefinitions, shards, "elephant"),
                     std::to_string(shards) + " shards");
  }
  test::expectSame(one, test::replay(telemetry, kLookupDefinitions, 3, "elephant", 2'000),
                   "2000 times the pace, 3 shards");
}

TEST(EnrichmentDeterminism, SwitchesOfARealFabric) {
  const auto path = test::capturePath("ecmp.pcap");
  if (!path) GTEST_SKIP() << "no captures in " << test::captureFolder();
  const auto telemetry = std::make_shared<const test::Capture>(test::readCapture(*path));
  const char* const definitions =
      "{groups:{g:{rest:['0.0.0.0/0'],host1:['10.0.0.1']}},flows:{elephant:{keys:'null:[group:ipsource:g]:-,"
      "null:[host:macsource:host_name]:-,null:[host:macdestination:host_name]:-,oui:macsource',value:bytes,log:true}}}";
  const test::Told one = test::replay(telemetry, definitions, 1, "elephant");
  EXPECT_NE(one.flows.find("leaf2"), std::string::npos) << "a switch that names its adapters";
  for (const unsigned shards : {2U, 4U}) {
    test::expectSame(one, test::replay(telemetry, definitions, shards, "elephant"), std::to_string(shards) + " shards");
  }
}

// --- the engine, live

class Live : public testing::Test {
 protected:
  void start(Settings settings, std::string_view definitions) {
    settings.live = true;
    settings.address = test::address("127.0.0.1");
    settings.port = 0;
    engine = makeEngine(std::move(settings));
    ASSERT_TRUE(engine->loadDefinitions(json::parseLenient(definitions).value()));
    const auto started = engine->start();
    ASSERT_TRUE(started) << started.error().text();
    socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    place.sin_port = htons(engine->sflowPort());
    ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&place), sizeof place), 0);
  }
  void TearDown() override {
    if (engine) engine->stop();
    if (socket >= 0) ::close(socket);
  }
  void send(TestAgent& agent) {
    const Bytes payload = agent.finish(systemNow());
    ASSERT_EQ(::send(socket, payload.data(), payload.size(), 0), static_cast<ssize_t>(payload.size()));
  }
  std::string activeFlows(const std::string& flow) {
    return test::json(*engine, query::ActiveFlowsQuestion{"ALL", flow});
  }
  /// Sends samples until a flow has that text in its key; the time that passes between is the engine's.
  bool sendUntil(TestAgent& agent, const std::string& flow, const std::string& text) {
    const Nanos end = monotonicNow() + 30 * kSecond;
    while (monotonicNow() < end) {
      send(agent.flow({.source = kPort3}));
      if (activeFlows(flow).find(text) != std::string::npos) return true;
    }
    return false;
  }
  std::unique_ptr<OwnedEngine> engine;
  int socket = -1;
};

TEST_F(Live, HostNamesOfANameServer) {
  test::DnsServer server;
  server.set("1.0.0.10.in-addr.arpa", {"host.example.com", 300});
  Settings settings;
  settings.shards = 2;
  settings.dnsServers = server.place();
  start(settings, "{flows:{n:{keys:'dns:ipsource',value:bytes},none:{keys:'null:[dns:ipdestination]:-',value:bytes}}}");
  EXPECT_EQ(engine->nameServers(), std::vector<std::string>{"127.0.0.1"});
  TestAgent agent{kAgent};
  EXPECT_TRUE(sendUntil(agent, "n", "\"host.example.com.\"")) << activeFlows("n");
  EXPECT_TRUE(sendUntil(agent, "none", "\"-\""));
  EXPECT_EQ(server.asked("1.0.0.10.in-addr.arpa"), 1U);
}

TEST_F(Live, HostsOfOtherAgents) {
  Settings settings;
  settings.shards = 4;
  start(settings, "{flows:{h:{keys:'host:macsource:host_name',value:bytes}}}");
  TestAgent host{"10.8.0.1"}, agent{kAgent};
  send(hostWith(host, {2, 1}, "server", 1));
  EXPECT_TRUE(sendUntil(agent, "h", "\"server\"")) << activeFlows("h");
}

TEST_F(Live, NoSampleIsLostWhileALargeGroupIsReplaced) {
  constexpr unsigned kPrefixes = 100'000, kDatagrams = 20'000;
  Settings settings;
  settings.shards = 2;
  start(settings, "{flows:{g:{keys:'null:[group:ipsource:g]:none',value:frames,n:100}}}");
  std::atomic<bool> sent{false};
  std::atomic<unsigned> replaced{0};
  std::thread replacer([&] {
    while (!sent || replaced < 2) {
      boost::json::array prefixes;
      for (unsigned i = 0; i < kPrefixes; ++i) {
        prefixes.emplace_back(std::to_string(11 + i / 65'536) + "." + std::to_string(i / 256 % 256) + "." +
                              std::to_string(i % 256) + ".0/24");
      }
      boost::json::object body{{"class" + std::to_string(replaced), boost::json::array{"10.0.0.0/8"}},
                               {"many", std::move(prefixes)}};
      EXPECT_TRUE(engine->put(Engine::Kind::group, "g", body));
      ++replaced;
    }
  });
  TestAgent agent{kAgent};
  for (unsigned i = 0; i < kDatagrams; ++i) {
    send(agent.flow({.source = kPort3}));
    if (i % 200 == 199) std::this_thread::yield();
  }
  sent = true;
  replacer.join();
  EXPECT_GE(replaced, 2U);
  EXPECT_TRUE(sendUntil(agent, "g", "class" + std::to_string(replaced - 1)));
  const auto agents = test::ask(*engine, query::AgentsQuestion{});
  const auto& state = agents.as_object().at(kAgent).as_object();
  EXPECT_EQ(state.at("sFlowDatagramsLost").to_number<int>(), 0);
  EXPECT_GE(state.at("sFlowFlowSamples").to_number<unsigned>(), kDatagrams);
}

TEST(EngineTables, FilesAreReadAtTheStart) {
  std::string folder = (std::filesystem::temp_directory_path() / "weir-engine-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string country = folder + "/c.csv", asn = folder + "/a.csv", oui = folder + "/oui.txt";
  std::ofstream(country) << "10.0.0.0/8,US,United States\n";
  std::ofstream(asn) << "10.0.0.0,10.0.0.255,64500,Example\n";
  std::ofstream(oui) << "00-00-00   (hex)\t\tVendor\n";
  auto telemetry = std::make_shared<test::Capture>();
  TestAgent agent{kAgent};
  const Bytes payload = agent.flow({.source = kPort3}).finish(kSecond);
  telemetry->push_back({kSecond, test::address("127.0.0.1"), {payload.begin(), payload.end()}});
  const auto engineWith = [&](const std::string& countryFile) {
    Settings settings;
    settings.live = false;
    settings.speed.reset();
    settings.countryFiles = {countryFile};
    settings.asnFiles = {asn};
    settings.vendorFile = oui;
    auto engine = makeEngine(settings, std::make_unique<test::VectorSource>(telemetry));
    EXPECT_TRUE(engine->loadDefinitions(
        json::parseLenient("{flows:{f:{keys:'country:ipsource:both,asn:ipsource,oui:macsource:name',value:bytes}}}")
            .value()));
    return engine;
  };
  auto engine = engineWith(country);
  ASSERT_TRUE(engine->start());
  engine->waitForReplay();
  EXPECT_EQ(engine->nameServers(), std::vector<std::string>()) << "in replay nobody is asked";
  const auto answer = test::json(*engine, query::ActiveFlowsQuestion{"ALL", "f", 10});
  EXPECT_NE(answer.find("\"US-United States,64500,Vendor\""), std::string::npos) << answer;
  engine->stop();
  const auto started = engineWith(folder + "/missing.mmdb")->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().attribute, "geo.country");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace weir::engine
