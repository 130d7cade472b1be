// Flow records of definitions with ipfixCollectors: what a shard makes of them, and what leaves the engine.
#include "engine/ipfix_export.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/socket_address.h"
#include "support/dns_server.h"
#include "support/engine_runner.h"
#include "support/ipfix_decoder.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::IpfixDecoder;
using test::kPort3;
using test::TestAgent;

/// The record's elements and octets, by way of its template.
IpfixDecoder::DataRecord decoded(const ipfix::Record& record) {
  IpfixDecoder::DataRecord out;
  std::size_t at = 0;
  for (const ipfix::Element& field : record.of->elements(record.ip6Agent)) {
    const auto octets = record.octets.substr(at, field.size);
    out.fields.emplace_back(field.id, std::vector<std::uint8_t>(octets.begin(), octets.end()));
    at += field.size;
  }
  EXPECT_EQ(at, record.octets.size());
  return out;
}

TEST(IpfixExport, RecordOfAShard) {
  test::ShardBench bench;
  bench.shard.allowExport();
  bench.flow("four",
             "{keys:'ipsource,tcpdestinationport,ipprotocol,inputifindex,outputifindex', value:bytes, values:frames, "
             "ipfixCollectors:'10.0.0.9'}");
  bench.flow("both", "{value:frames, log:true, aggMode:AGENT, ipfixCollectors:['10.0.0.9','flows:9995']}");
  bench.flow("logged", "{value:bytes, log:true}");
  TestAgent agent("2001:db8::30");
  bench.send(agent.flow({.source = kPort3, .bytes = 1000, .rate = 10, .input = 3, .output = 0x40000001}));
  bench.at(2);
  bench.send(agent.flow({.source = kPort3, .bytes = 500, .rate = 10, .input = 3, .output = 0x40000001}));
  bench.at(7.1);
  bench.tick();
  std::map<std::string, Output> outputs;
  for (Output& output : bench.shard.outputs()) {
    outputs.emplace(std::get<event::FlowRecord>(output.record).flowName, std::move(output));
  }
  ASSERT_EQ(outputs.size(), 3U);
  EXPECT_FALSE(outputs["logged"].exported);
  EXPECT_TRUE(outputs["logged"].logged);
  EXPECT_TRUE(outputs["both"].logged);
  EXPECT_FALSE(outputs["four"].logged) << "log is false";

  ASSERT_TRUE(outputs["four"].exported);
  const auto four = decoded(*outputs["four"].exported);
  EXPECT_EQ(four.number(8), 0x0A000001U);
  EXPECT_EQ(four.number(11), 80U);
  EXPECT_EQ(four.number(4), 6U);
  EXPECT_EQ(four.number(10), 3U);
  EXPECT_EQ(four.number(14), 0U) << "discarded";
  EXPECT_EQ(four.number(1), 15'000U) << "scaled by the sampling rate";
  EXPECT_EQ(four.number(2), 20U);
  EXPECT_EQ(four.octets(131).front(), 0x20);
  EXPECT_EQ(four.number(138), 3U);
  EXPECT_EQ(four.number(152), test::kStart / kMillisecond);
  EXPECT_EQ(four.number(153), test::kStart / kMillisecond + 2'000);
  EXPECT_EQ(four.number(136), 1U);
  ASSERT_TRUE(outputs["both"].exported);
  EXPECT_EQ(decoded(*outputs["both"].exported).number(2), 20U);
  EXPECT_EQ(outputs["both"].exported->of->collectors(),
            (std::vector<ipfix::Collector>{{"10.0.0.9", 4739}, {"flows", 9995}}));
}

TEST(IpfixExport, DroppedPacketsHaveElementsOfTheirOwn) {
  test::ShardBench bench;
  bench.shard.allowExport();
  bench.flow("drops", "{keys:ipsource, value:frames, dropped:true, flowStart:true, ipfixCollectors:'10.0.0.9'}");
  TestAgent agent("10.0.0.30");
  bench.send(agent.discard({.source = kPort3}));
  ASSERT_EQ(bench.shard.outputs().size(), 1U);
  const auto record = decoded(bench.shard.outputs()[0].exported.value());
  EXPECT_EQ(record.number(133), 1U);
  EXPECT_FALSE(record.has(2));
  EXPECT_FALSE(record.has(136)) << "a flow that began has not ended";
}

TEST(IpfixExport, WithoutExporterThereAreNoRecords) {
  test::ShardBench bench;
  bench.flow("four", "{keys:ipsource, value:bytes, flowStart:true, ipfixCollectors:'10.0.0.9'}");
  TestAgent agent("10.0.0.30");
  bench.send(agent.flow({.source = kPort3}));
  EXPECT_TRUE(bench.shard.outputs().empty());
}

/// A collector on loopback: its port, and the records that come.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    SocketAddress place(test::address("127.0.0.1"), 0);
    EXPECT_EQ(::bind(socket_, place.get(), place.size), 0);
    ::getsockname(socket_, place.get(), &place.size);
    port_ = std::to_string(ntohs(reinterpret_cast<sockaddr_in*>(place.get())->sin_port));
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  [[nodiscard]] const std::string& port() const { return port_; }
  std::vector<IpfixDecoder::DataRecord> records(std::size_t count) {
    std::vector<IpfixDecoder::DataRecord> all;
    std::uint8_t buffer[2048];
    for (pollfd wait{socket_, POLLIN, 0}; all.size() < count && ::poll(&wait, 1, 30'000) == 1;) {
      const ssize_t size = ::recv(socket_, buffer, sizeof buffer, 0);
      for (auto& record : decoder_.decode({buffer, static_cast<std::size_t>(size)}).records) {
        all.push_back(std::move(record));
      }
    }
    EXPECT_EQ(all.size(), count);
    return all;
  }

 private:
  int socket_;
  std::string port_;
  IpfixDecoder decoder_;
};

query::EngineFigures figures(OwnedEngine& engine) {
  return test::outcome(engine, query::AnalyzerQuestion{}).value().engine;
}

TEST(IpfixExport, AnEngineThatReplaysExportsToACollectorByItsName) {
  test::DnsServer server;
  Listener collector;
  server.setHost("flows.example.com", {test::address("127.0.0.1")});
  Settings settings;
  settings.live = false;
  settings.speed.reset();
  settings.dnsServers = server.place();
  const auto capture = std::make_shared<const test::Capture>(test::simulate(20));
  const auto engine = makeEngine(settings, std::make_unique<test::VectorSource>(capture));
  const std::string definitions =
      "{flows:{pairs:{keys:'ipsource,ipdestination',value:bytes,activeTimeout:3,log:true,ipfixCollectors:"
      "'flows.example.com.:" +
      collector.port() + "'}}}";
  ASSERT_TRUE(engine->loadDefinitions(json::parseLenient(definitions).value()));
  ASSERT_TRUE(engine->start());
  EXPECT_TRUE(engine->nameServers().empty()) << "dns: asks nobody in replay";
  engine->waitForReplay();
  const std::uint64_t logged = figures(*engine).flowsGenerated;
  ASSERT_GT(logged, 10U);
  // The first records may have come before the name server's answer.
  std::uint64_t sent = 0, lost = 0;
  for (const Nanos end = monotonicNow() + 60 * kSecond; sent + lost < logged && monotonicNow() < end;) {
    sent = figures(*engine).ipfix.recordsSent;
    lost = figures(*engine).ipfix.recordsLost;
  }
  EXPECT_EQ(sent + lost, logged);
  engine->stop();
  const auto records = collector.records(sent);
  for (const auto& record : records) EXPECT_GT(record.number(1), 0U);
  EXPECT_GE(server.asked("flows.example.com"), 1U);
}

TEST(IpfixExport, TheFlowLogDoesNotChange) {
  const auto capture = std::make_shared<const test::Capture>(test::simulate(20));
  const std::string start = "{flows:{elephant:{keys:'ipsource,ipdestination',value:bytes,log:true,activeTimeout:3";
  const std::string more =
      ",ipfixCollectors:'127.0.0.1:9'}, silent:{keys:ipprotocol,value:frames,ipfixCollectors:'127.0.0.1:9'}}}";
  const test::Told without = test::replay(capture, start + "}}}", 2, "elephant");
  const test::Told with = test::replay(capture, start + more, 3, "elephant");
  EXPECT_EQ(test::difference(without.flows, with.flows), "");
  EXPECT_EQ(test::difference(without.observed, with.observed), "");
  EXPECT_GT(without.flows.size(), 1'000U);
}

}  // namespace
}  // namespace weir::engine
