// Listeners of a whole engine: they hear and see the same at any pace and with any number of shards.
#include <gtest/gtest.h>

#include <latch>

#include "engine/flow_explanation.h"
#include "support/engine_runner.h"

namespace weir::engine {
namespace {

using test::InReplay;

const char* const kHeardDefinitions =
    "{flows:{"
    "elephant:{keys:'ipsource,ipdestination',value:bytes},"
    "log:{keys:'ipsource,ipdestination',value:bytes,log:true,activeTimeout:3},"
    "start:{keys:'ipprotocol,inputifindex',value:frames,log:true,flowStart:true,activeTimeout:2,n:20}},"
    "thresholds:{"
    "each:{metric:elephant,value:1000000,byFlow:true,timeout:1},"
    "port:{metric:ifinoctets,value:100000,timeout:10}}}";

/// How the simulated fabric is replayed.
struct Pace {
  unsigned shards;
  std::optional<double> speed;
  [[nodiscard]] std::string text() const {
    return std::to_string(shards) + " shards, " + (speed ? std::to_string(*speed) + " times the pace" : "full speed");
  }
};
constexpr Pace kFirst{1, {}};
constexpr Pace kOthers[] = {{3, {}}, {4, 1e6}, {2, 40.0}};

std::unique_ptr<OwnedEngine> engineOf(const Pace& pace, Settings settings = {}) {
  static const auto capture = std::make_shared<const test::Capture>(test::simulate(12, 3));
  settings.shards = pace.shards;
  settings.live = false;
  settings.speed = pace.speed;
  settings.eventsKept = settings.flowsKept = 100'000;
  auto engine = makeEngine(settings, std::make_unique<test::VectorSource>(capture));
  EXPECT_TRUE(engine->loadDefinitions(json::parseLenient(kHeardDefinitions).value()));
  return engine;
}

void replay(OwnedEngine& engine) {
  ASSERT_TRUE(engine.start());
  engine.waitForReplay();
}

/// What a listener heard: all of it, and the records of each log.
struct Heard {
  Subscription subscription;
  std::string text, events, flows;
  int timers = 0;
};

void listen(OwnedEngine& engine, Heard& heard, InReplay inReplay) {
  heard.subscription =
      engine.subscribe({.name = "test", .events = true, .flowRecords = true, .room = 100, .inReplay = inReplay});
  heard.subscription.every(250 * kMillisecond);
  heard.subscription.after(1'234 * kMillisecond);
  heard.subscription.listen([&](const News& news) {
    test::appendObserved(heard.text, news);
    if (std::holds_alternative<std::shared_ptr<const event::Event>>(news)) test::appendObserved(heard.events, news);
    if (std::holds_alternative<std::shared_ptr<const event::FlowRecord>>(news)) test::appendObserved(heard.flows, news);
    if (std::holds_alternative<TimerFired>(news)) ++heard.timers;
  });
}

/// The records of a log in the order of their ids, a line each.
std::string recordsOf(const Engine& engine, Engine::Log log) {
  std::string text;
  for (const auto& [id, json] : engine.recordsAfter(log, {}, SIZE_MAX).records) text += json + "\n";
  EXPECT_GT(text.size(), 2'000U);
  return text;
}

TEST(Subscriptions, TwoHearAllOnceInTheSameOrderAtAnyPaceAndNumberOfShards) {
  std::string first;
  const auto check = [&](const Pace& pace) {
    const auto engine = engineOf(pace);
    Heard lockStep, waits;
    listen(*engine, lockStep, InReplay::lockStep);
    listen(*engine, waits, InReplay::waits);
    replay(*engine);
    if (first.empty()) first = lockStep.text;
    EXPECT_EQ(test::difference(recordsOf(*engine, Engine::Log::events), lockStep.events), "") << "each once";
    EXPECT_EQ(test::difference(recordsOf(*engine, Engine::Log::flows), lockStep.flows), "") << "each once";
    EXPECT_GT(lockStep.timers, 40);
    EXPECT_EQ(test::difference(first, lockStep.text), "") << pace.text();
    EXPECT_EQ(test::difference(first, waits.text), "") << pace.text() << ", without lock step";
  };
  check(kFirst);
  for (const Pace& pace : kOthers) check(pace);
}

/// Asks as a history does: each full second, and at each event.
std::string history(const Pace& pace) {
  const auto engine = engineOf(pace);
  std::string text;
  Subscription ring = engine->subscribe({.name = "history", .events = true, .inReplay = InReplay::lockStep});
  ring.every(kSecond);
  ring.listen([&](const News& news) {
    test::appendObserved(text, news);
    text += std::to_string(engine->now()) + " ";
    if (std::holds_alternative<TimerFired>(news)) {
      text += test::json(*engine, query::DumpQuestion{"ALL", "ALL"}) + "\n";
    }
    text += test::json(*engine, query::ActiveFlowsQuestion{"ALL", "elephant", 5, 0, "sum"}) + "\n";
  });
  replay(*engine);
  return text;
}

TEST(Subscriptions, QueriesInLockStepHaveTheSameAnswersAtAnyPaceAndNumberOfShards) {
  const std::string first = history(kFirst);
  EXPECT_GT(first.size(), 100'000U);
  for (const Pace& pace : kOthers) EXPECT_EQ(test::difference(first, history(pace)), "") << pace.text();
}

/// Acts as a script does: what an event names is watched from then on.
std::string script(const Pace& pace) {
  const auto engine = engineOf(pace);
  std::string text;
  Subscription subscription =
      engine->subscribe({.name = "script", .events = true, .flowRecords = true, .inReplay = InReplay::lockStep});
  int left = 3;
  subscription.listen([&](const News& news) {
    test::appendObserved(text, news);
    const auto* event = std::get_if<std::shared_ptr<const event::Event>>(&news);
    if (event == nullptr || left == 0) return;
    const std::string name = "watched" + std::to_string(--left);
    EXPECT_TRUE(engine->put(Engine::Kind::flow, name,
                            json::parseLenient("{keys:ipdestination,value:bytes,log:true,t:1}").value()));
    EXPECT_TRUE(engine->put(Engine::Kind::threshold, name,
                            json::parseLenient("{metric:" + name + ",value:1000,byFlow:true}").value()));
  });
  replay(*engine);
  return text + test::json(*engine, query::DumpQuestion{"ALL", "ALL"});
}

TEST(Subscriptions, DefinitionsPutInLockStepCountFromTheSameDatagram) {
  const std::string first = script(kFirst);
  EXPECT_NE(first.find("watched0"), std::string::npos);
  for (const Pace& pace : kOthers) EXPECT_EQ(test::difference(first, script(pace)), "") << pace.text();
}

TEST(Subscriptions, HealthCountsUnderTheName) {
  const auto engine = engineOf(kFirst);
  std::latch go(1);
  Subscription slow = engine->subscribe({.name = "slow", .events = true, .flowRecords = true, .room = 10});
  slow.listen([&](const News&) { go.wait(); });
  Heard other;
  listen(*engine, other, InReplay::waits);
  replay(*engine);
  const auto health = test::ask(*engine, query::HealthQuestion{});
  const auto& listeners = health.at("listeners").as_array();
  ASSERT_EQ(listeners.size(), 2U);
  EXPECT_EQ(listeners[0].at("name").as_string(), "slow");
  EXPECT_EQ(listeners[0].at("told").to_number<int>(), 0);
  EXPECT_GT(listeners[0].at("lost").to_number<int>(), 100);
  EXPECT_EQ(listeners[1].at("lost").to_number<int>(), 0);
  EXPECT_EQ(test::difference(recordsOf(*engine, Engine::Log::flows), other.flows), "");
  go.count_down();
}

TEST(Subscriptions, StopWhileAListenerHoldsTheReplay) {
  for (const InReplay inReplay : {InReplay::lockStep, InReplay::waits}) {
    const auto engine = engineOf({2, {}});
    std::latch entered(1), go(1);
    Subscription slow =
        engine->subscribe({.name = "slow", .events = true, .flowRecords = true, .room = 1, .inReplay = inReplay});
    slow.listen([&, first = true](const News&) mutable {
      if (std::exchange(first, false)) entered.count_down();
      go.wait();
    });
    ASSERT_TRUE(engine->start());
    entered.wait();
    engine->stop();
    go.count_down();
  }
}

TEST(Subscriptions, EndsInsideItsCallbackWhileTheReplayWaits) {
  const auto engine = engineOf({2, {}});
  int heard = 0;
  Subscription once = engine->subscribe(
      {.name = "once", .events = true, .flowRecords = true, .room = 1, .inReplay = InReplay::lockStep});
  once.listen([&](const News&) {
    ++heard;
    once.end();
  });
  replay(*engine);
  once.end();
  EXPECT_EQ(heard, 1);
}

TEST(Subscriptions, DefinitionsThatChanged) {
  const auto engine = engineOf(kFirst);
  std::vector<std::function<void()>> tasks;
  std::string text;
  Subscription subscription = engine->subscribe(
      {.name = "definitions", .definitions = true, .run = [&](std::function<void()> task) { tasks.push_back(task); }});
  subscription.listen([&](const News& news) {
    const auto& changed = std::get<DefinitionChanged>(news);
    text += (changed.kind ? std::to_string(static_cast<int>(*changed.kind)) : "-") + changed.name + " ";
  });
  const auto put = [&](Engine::Kind kind, const char* name, const char* body) {
    EXPECT_TRUE(engine->put(kind, name, json::parseLenient(body).value()));
  };
  const auto told = [&] {
    for (const auto& task : std::exchange(tasks, {})) task();
    return std::exchange(text, {});
  };
  put(Engine::Kind::flow, "f", "{keys:ipsource,value:bytes}");
  put(Engine::Kind::flow, "f", "{keys:ipsource,value:bytes}");
  EXPECT_EQ(told(), "0f ") << "nothing changed the second time";
  put(Engine::Kind::threshold, "t", "{metric:f,value:1}");
  put(Engine::Kind::group, "g", "{a:['10.0.0.0/8']}");
  put(Engine::Kind::map, "m", "{a:['10.0.0.1']}");
  put(Engine::Kind::forwarding, "r", "{address:'10.0.0.1'}");
  EXPECT_TRUE(engine->putTopology(json::parseLenient("{links:{},nodes:{}}").value()));
  EXPECT_EQ(told(), "1t 2g 3m 4r - ");
  EXPECT_FALSE(engine->put(Engine::Kind::threshold, "bad", json::parseLenient("{value:1}").value()));
  engine->remove(Engine::Kind::flow, "f");
  engine->remove(Engine::Kind::flow, "f");
  const auto probe = engine->startProbe(json::parseLenient("{value:bytes}").value());
  ASSERT_TRUE(probe);
  engine->finishProbe(*probe, [](const auto&) {});
  EXPECT_EQ(told(), "0f ") << "a probe is no definition of a user";
  EXPECT_TRUE(engine->loadDefinitions(
      json::parseLenient("{flows:{x:{value:bytes},log:{keys:'ipsource,ipdestination',value:bytes,log:true,"
                         "activeTimeout:3}},thresholds:{x:{metric:x,value:1}},topology:{links:{},nodes:{}}}")
          .value()));
  EXPECT_EQ(told(), "0x 1x - ") << "not the flow that was there already";
}

TEST(Subscriptions, LiveEngineKeepsTime) {
  Settings settings;
  settings.shards = 1;
  settings.port = 0;
  settings.address = test::address("127.0.0.1");
  const auto engine = makeEngine(settings);
  const Nanos before = engine->now();
  EXPECT_LE(before, systemNow());
  std::promise<Nanos> fired;
  Subscription subscription = engine->subscribe({.name = "a", .inReplay = InReplay::lockStep});
  subscription.listen([&](const News& news) { fired.set_value(std::get<TimerFired>(news).time); });
  ASSERT_TRUE(engine->start());
  subscription.after(3 * kMillisecond);
  EXPECT_GE(fired.get_future().get(), before + 3 * kMillisecond);
  engine->stop();
}

}  // namespace
}  // namespace weir::engine
