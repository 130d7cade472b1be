// How shards take over definitions: the newest ones, at the cost of what changed, and as if nothing had been there
// before.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <future>
#include <latch>
#include <memory>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "engine/definition_store.h"
#include "engine/shard_thread.h"
#include "json/lenient.h"
#include "support/test_agent.h"
#include "unit/engine/allocation_count.h"

namespace weir::engine {
namespace {

/// Keeps the shard from everything else until it is let go.
struct Hold : ShardTask {
  explicit Hold(std::latch& b, std::latch& l) : began(b), letGo(l) {}
  bool step(Shard&) override {
    began.count_down();
    letGo.wait();
    return true;
  }
  std::latch &began, &letGo;
};

/// Tells what is in force.
struct Look : ShardTask {
  explicit Look(std::promise<std::size_t>& t) : thresholds(t) {}
  bool step(Shard& shard) override {
    thresholds.set_value(shard.definitions().thresholds.size());
    return true;
  }
  std::promise<std::size_t>& thresholds;
};

TEST(Adoption, AShardThatIsBusyGetsTheNewestOnly) {
  model::MetricNames names;
  const auto listeners = std::make_shared<Listeners>(Listeners::Clock::replay, [] { return Nanos{0}; });
  RecordSequencer sequencer(10, 10, *listeners);
  ShardThread thread(std::nullopt, names, sequencer, Arena::kDefaultReserve);
  std::vector<std::weak_ptr<const Definitions>> published;
  DefinitionStore store(
      names,
      [&](std::shared_ptr<const Definitions> definitions) {
        published.push_back(definitions);
        thread.adopt(std::move(definitions));
      },
      [] { return Nanos{0}; });
  std::latch began(1), letGo(1);
  ASSERT_TRUE(thread.mailbox().post(std::make_unique<Hold>(began, letGo)));
  thread.start();
  began.wait();
  constexpr std::size_t kPuts = 2'000;
  for (std::size_t i = 0; i < kPuts; ++i) {
    const auto body = json::parseLenient("{metric:ifinoctets,value:1}").value();
    ASSERT_TRUE(store.put(Engine::Kind::threshold, "t" + std::to_string(i), body));
  }
  ASSERT_EQ(published.size(), kPuts);
  const auto alive = std::count_if(published.begin(), published.end(), [](const auto& p) { return !p.expired(); });
  EXPECT_EQ(alive, 1) << "the newest, which waits";
  letGo.count_down();
  std::promise<std::size_t> thresholds;
  ASSERT_TRUE(thread.mailbox().post(std::make_unique<Look>(thresholds)));
  EXPECT_EQ(thresholds.get_future().get(), kPuts) << "adopted before what was asked afterwards";
  store.remove(Engine::Kind::threshold, "t0");
  std::promise<std::size_t> later;
  ASSERT_TRUE(thread.mailbox().post(std::make_unique<Look>(later)));
  EXPECT_EQ(later.get_future().get(), kPuts - 1) << "and the shard is told again";
  thread.stop();
}

/// A shard that lived through all changes, and the events of an agent that it did not know before.
class Churn : public testing::Test {
 protected:
  static std::string events(Shard& shard, std::string_view agent, Nanos now) {
    test::TestAgent sender(agent);
    std::string told;
    for (unsigned step = 0; step < 4; ++step) {
      for (unsigned port = 1; port <= 2; ++port) {
        sender.flow({.source = {0, port}, .from = port == 1 ? "10.0.0.1" : "10.0.0.9", .bytes = 1000, .rate = 1000});
        sender.discard({.source = {0, port}, .bytes = 500, .rate = 10});
        sender.counters({0, port}, {.inOctets = step * 40'000'000ULL, .outOctets = step * 1'000ULL});
      }
      now += 10 * kSecond;
      shard.datagram(sender.finish(now), test::address("192.0.2.1"), now, step);
      shard.flush();
      shard.advance(now);
    }
    for (const Output& output : shard.outputs()) {
      if (const auto* event = std::get_if<event::Event>(&output.record)) {
        told += event->thresholdId + "@" + event->dataSource + "[" + event->flowKey.value_or("-") + "] ";
      }
    }
    shard.outputs().clear();
    return told;
  }
};

TEST_F(Churn, LeavesNothingBehind) {
  static constexpr const char* kFlows[] = {"{keys:ipsource,value:bytes}",
                                           "{keys:'ipsource,ipdestination',value:frames}",
                                           "{value:bytes,dropped:true}",
                                           "{keys:ipsource,value:'avg:bytes',n:20}",
                                           "{keys:ipdestination,value:bytes,aggMode:AGENT}",
                                           "{keys:'group:ipsource:g',value:bytes}"};
  static constexpr const char* kMetrics[] = {"a", "b", "c", "d", "1.a", "ifinoctets", "ifoutoctets", "2.ifinoctets"};
  model::MetricNames names;
  Shard churned(names);
  std::shared_ptr<const Definitions> newest;
  DefinitionStore store(
      names, [&](std::shared_ptr<const Definitions> definitions) { newest = std::move(definitions); },
      [] { return Nanos{0}; });
  const auto put = [&](Engine::Kind kind, const std::string& name, const std::string& body) {
    ASSERT_TRUE(store.put(kind, name, json::parseLenient(body).value())) << body;
  };
  std::mt19937 random(7);
  const auto some = [&](std::size_t count) { return random() % count; };
  std::size_t fired = 0;
  for (unsigned round = 0; round < 150; ++round) {
    for (std::size_t changes = 1 + some(6); changes != 0; --changes) {
      const std::string flow(1, static_cast<char>('a' + some(4)));
      const std::string threshold = "t" + std::to_string(some(12));
      switch (some(6)) {
        case 0:
        case 1:
          put(Engine::Kind::flow, flow, kFlows[some(std::size(kFlows))]);
          break;
        case 2:
          store.remove(Engine::Kind::flow, flow);
          break;
        case 3:
        case 4:
          put(Engine::Kind::threshold, threshold,
              std::string("{metric:'") + kMetrics[some(std::size(kMetrics))] +
                  "',value:" + std::to_string(some(3) * 1000) + ",byFlow:" + (some(2) == 0 ? "true" : "false") + "}");
          break;
        default:
          if (some(2) == 0) {
            store.remove(Engine::Kind::threshold, threshold);
          } else if (some(2) == 0) {
            put(Engine::Kind::group, "g", some(2) == 0 ? "{all:['0.0.0.0/0']}" : "{nine:['10.0.0.9']}");
          } else {
            store.remove(Engine::Kind::group, "g");
          }
      }
      if (some(3) == 0 && newest != nullptr) churned.adopt(newest);
    }
    if (newest == nullptr) continue;
    churned.adopt(newest);
    Shard fresh(names);
    fresh.adopt(newest);
    const std::string agent = "10.9." + std::to_string(round) + ".1";
    const Nanos now = test::kStart + round * 600 * kSecond;
    const std::string expected = events(fresh, agent, now);
    ASSERT_EQ(events(churned, agent, now), expected) << "round " << round;
    fired += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(fired, 100U) << "rounds with events: otherwise nothing was compared";
}

TEST(Adoption, CostsWhatChanged) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "allocations are not counted under the thread sanitizer";
#endif
  model::MetricNames names;
  Shard shard(names);
  std::shared_ptr<const Definitions> newest;
  DefinitionStore store(
      names, [&](std::shared_ptr<const Definitions> definitions) { newest = std::move(definitions); },
      [] { return Nanos{0}; });
  const auto put = [&](Engine::Kind kind, const std::string& name, const std::string& body) {
    ASSERT_TRUE(store.put(kind, name, json::parseLenient(body).value())) << body;
  };
  for (unsigned i = 0; i < 100; ++i) put(Engine::Kind::flow, "f" + std::to_string(i), "{keys:ipsource,value:bytes}");
  for (unsigned i = 0; i < 5'000; ++i) {
    put(Engine::Kind::threshold, "t" + std::to_string(i),
        i % 2 == 0 ? "{metric:ifinoctets,value:1e9}" : "{metric:f" + std::to_string(i % 100) + ",value:1e9}");
  }
  const auto cost = [&] {
    const std::size_t before = test::allocationCount();
    shard.adopt(newest);
    return test::allocationCount() - before;
  };
  EXPECT_GT(cost(), 100U) << "all of them are new to it";
  put(Engine::Kind::threshold, "one more", "{metric:ifoutoctets,value:1e9}");
  EXPECT_LE(cost(), 10U);
  put(Engine::Kind::threshold, "t7", "{metric:f7,value:2e9}");
  EXPECT_LE(cost(), 10U);
  store.remove(Engine::Kind::threshold, "t8");
  EXPECT_LE(cost(), 10U);
}

}  // namespace
}  // namespace weir::engine
