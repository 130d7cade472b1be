// The same telemetry gives the same events, flow records and metrics, octet for octet, whatever the number of shards,
// the pace, and the slices that the capture is cut into.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "engine/definition_store.h"
#include "engine/record_sequencer.h"
#include "engine/shard.h"
#include "ingest/shard.h"
#include "support/captures.h"
#include "support/engine_runner.h"

namespace weir::engine {
namespace {

const char* const kCaptureDefinitions =
    "{flows:{"
    "elephant:{keys:'ipsource,ipdestination',value:bytes},"
    "log:{keys:'ipsource,ipdestination,or:tcpsourceport:udpsourceport',value:bytes,log:true,activeTimeout:3},"
    "start:{keys:'ipprotocol,inputifindex',value:frames,log:true,flowStart:true,activeTimeout:2,n:20},"
    "agent:{keys:'or:ipsource:ip6source',value:bytes,aggMode:AGENT,t:0.5,log:true,activeTimeout:7},"
    "sources:{keys:ipdestination,value:'count:ipsource',values:'avg:bytes,min:bytes,last:ipttl,frames',log:true},"
    "total:{value:bytes,t:10}},"
    "thresholds:{"
    "each:{metric:elephant,value:1000000,byFlow:true,timeout:1},"
    "low:{metric:agent,value:1000,byFlow:true,timeout:0.1},"
    "many:{metric:sources,value:2,byFlow:true,timeout:1},"
    "all:{metric:total,value:2000000,timeout:2},"
    "fast:{metric:total,value:1000000,timeout:0.5,filter:{ifspeed:'1*'}},"
    "port:{metric:ifinoctets,value:100000,timeout:10,filter:{ifspeed:['1*','4*']}},"
    "out:{metric:ifoutoctets,value:10000,timeout:1},"
    "load:{metric:load_one,value:0.1,timeout:5}}}";

/// Replays by hand: datagrams dealt to shards, in slices that `cut` ends (it answers how many datagrams come next).
std::string replayBy(const test::Capture& capture, unsigned shardCount, const std::function<std::size_t()>& cut) {
  model::MetricNames names;
  std::vector<std::unique_ptr<Shard>> shards;
  for (unsigned i = 0; i < shardCount; ++i) shards.push_back(std::make_unique<Shard>(names));
  const auto adopt = [&](const auto& definitions) {
    for (auto& shard : shards) shard->adopt(definitions);
  };
  DefinitionStore store(names, adopt, [] { return Nanos{0}; });
  EXPECT_TRUE(store.load(json::parseLenient(kCaptureDefinitions).value()));
  const auto listeners = std::make_shared<Listeners>(Listeners::Clock::replay, [] { return Nanos{0}; });
  RecordSequencer sequencer(10'000'000, 10'000'000, *listeners);
  std::string out;
  auto listener =
      listeners->subscribe({.name = "test", .events = true, .flowRecords = true, .inReplay = test::InReplay::waits});
  listener.listen([&](const News& news) { test::appendObserved(out, news); });
  Nanos now = 0;
  for (std::size_t at = 0; at < capture.size();) {
    const std::size_t end = std::min(capture.size(), at + cut());
    for (; at < end; ++at) {
      now = std::max(now, capture[at].time);
      Shard& shard = *shards[ingest::shardOfDatagram(capture[at].payload, capture[at].sender, shardCount)];
      shard.datagram(capture[at].payload, capture[at].sender, now, at);
    }
    std::vector<Output> all;
    for (auto& shard : shards) {
      shard->flush();
      shard->advance(now);
      std::move(shard->outputs().begin(), shard->outputs().end(), std::back_inserter(all));
      shard->outputs().clear();
    }
    std::stable_sort(all.begin(), all.end(), before);
    sequencer.publish(all);
  }
  listeners->settle(true, {});
  return out;
}

void expectDeterministic(std::shared_ptr<const test::Capture> capture) {
  ASSERT_FALSE(capture->empty());
  const test::Told one = test::replay(capture, kCaptureDefinitions, 1, "elephant");
  EXPECT_GT(std::count(one.observed.begin(), one.observed.end(), '\n'), 10);
  EXPECT_NE(one.dump, "[]");
  for (const unsigned shards : {2U, 3U, 4U, 7U}) {
    test::expectSame(one, test::replay(capture, kCaptureDefinitions, shards, "elephant"),
                     std::to_string(shards) + " shards");
  }
  std::mt19937_64 random(7);
  for (const unsigned shards : {1U, 3U}) {
    const std::string what = std::to_string(shards) + " shards, ";
    EXPECT_EQ(test::difference(one.observed, replayBy(*capture, shards, [] { return 1; })), "") << what << "one by one";
    EXPECT_EQ(test::difference(one.observed, replayBy(*capture, shards, [&] { return 1 + random() % 300; })), "")
        << what << "cut anywhere";
    EXPECT_EQ(test::difference(one.observed, replayBy(*capture, shards, [] { return SIZE_MAX / 2; })), "")
        << what << "in one piece";
  }
}

std::shared_ptr<const test::Capture> captureOf(const char* name) {
  const auto path = test::capturePath(name);
  return path ? std::make_shared<const test::Capture>(test::readCapture(*path)) : nullptr;
}

TEST(Determinism, Simulation) {
  const auto capture = std::make_shared<const test::Capture>(test::simulate(60));
  expectDeterministic(capture);
}

TEST(Determinism, AnyPace) {
  const auto capture = std::make_shared<const test::Capture>(test::simulate(20, 3));
  const test::Told one = test::replay(capture, kCaptureDefinitions, 1, "elephant");
  // Paced by the real clock the slices are as small as the machine makes them.
  test::expectSame(one, test::replay(capture, kCaptureDefinitions, 3, "elephant", 50), "50 times the pace, 3 shards");
  test::expectSame(one, test::replay(capture, kCaptureDefinitions, 2, "elephant", 1e6),
                   "a million times the pace, 2 shards");
}

TEST(Determinism, ManyDatagramsOfOneInstant) {
  // Time stamps of seconds, as some captures have them: order must come from the place in the file.
  test::Capture capture = test::simulate(30, 5);
  for (auto& d : capture) d.time = d.time / kSecond * kSecond;
  expectDeterministic(std::make_shared<const test::Capture>(std::move(capture)));
}

TEST(Determinism, TimeThatGoesBack) {
  test::Capture capture = test::simulate(20, 9);
  std::mt19937_64 random(11);
  for (auto& d : capture) d.time -= static_cast<Nanos>(random() % (3 * kSecond));
  expectDeterministic(std::make_shared<const test::Capture>(std::move(capture)));
}

TEST(Determinism, PausesBeyondEveryTimeout) {
  test::Capture capture = test::simulate(20, 13);
  for (std::size_t i = 0; i < capture.size(); ++i) capture[i].time += static_cast<Nanos>(i / 1'000) * 777 * kSecond;
  expectDeterministic(std::make_shared<const test::Capture>(std::move(capture)));
}

TEST(Determinism, AgentsThatDoNotNameThemselves) {
  auto capture = std::make_shared<test::Capture>();
  test::TestAgent named("10.0.0.1"), nameless(""), other("10.0.0.2");
  for (int i = 0; i < 400; ++i) {
    const Nanos now = 1'700'000'000 * kSecond + i * 50 * kMillisecond;
    test::TestAgent& agent = i % 3 == 0 ? named : i % 3 == 1 ? nameless : other;
    const std::string from = "10.3.0." + std::to_string(i % 7);
    agent.flow({.source = {0, 1U + i % 2}, .from = from.c_str(), .rate = 3'000});
    const Bytes payload = agent.finish(now);
    capture->push_back({now, test::address(i % 2 == 0 ? "10.0.0.1" : "10.0.0.9"), {payload.begin(), payload.end()}});
  }
  const test::Told one = test::replay(capture, kCaptureDefinitions, 1, "elephant");
  for (const unsigned shards : {2U, 3U, 4U, 7U}) {
    test::expectSame(one, test::replay(capture, kCaptureDefinitions, shards, "elephant"),
                     std::to_string(shards) + " shards");
  }
}

TEST(Determinism, SmallFabric) {
  expectDeterministic(captureOf("fabric.pcap"));
}

TEST(Determinism, Ecmp) {
  const auto capture = captureOf("ecmp.pcap");
  if (!capture) GTEST_SKIP() << "no captures in " << test::captureFolder();
  expectDeterministic(capture);
}

TEST(Determinism, ManyAgents) {
  const auto capture = captureOf("oxyflow-multi-agent-1.pcap");
  if (!capture) GTEST_SKIP() << "no captures in " << test::captureFolder();
  expectDeterministic(capture);
}

TEST(Determinism, OneSwitch) {
  const auto capture = captureOf("overflowd-single-agent.pcap");
  if (!capture) GTEST_SKIP() << "no captures in " << test::captureFolder();
  expectDeterministic(capture);
}

}  // namespace
}  // namespace weir::engine
