#pragma once
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "engine/datagram_source.h"
#include "engine/make_engine.h"
#include "json/lenient.h"
#include "sim/fabric_simulation.h"
#include "support/test_agent.h"

namespace weir::test {

struct CapturedDatagram {
  Nanos time;
  IpAddress sender;
  std::vector<std::uint8_t> payload;
};
using Capture = std::vector<CapturedDatagram>;

/// Every sFlow datagram of a capture file.
inline Capture readCapture(const std::string& path) {
  Capture capture;
  auto source = engine::openCapture(path, 6343);
  EXPECT_TRUE(source) << (source ? "" : source.error().text());
  if (!source) return capture;
  for (engine::TimedDatagram d; (*source)->next(d);) {
    capture.push_back({d.time, d.sender, {d.payload.begin(), d.payload.end()}});
  }
  return capture;
}

/// The telemetry of the simulated fabric.
inline Capture simulate(double seconds, std::uint64_t seed = 1) {
  Capture capture;
  sim::FabricSimulation fabric(seed);
  const Nanos start = 1'700'000'000 * kSecond;
  for (Nanos t = 0; t <= nanosFromSeconds(seconds); t += 10 * kMillisecond) {
    fabric.advance(start + t, [&](Bytes payload) {
      capture.push_back({start + t, address("127.0.0.1"), {payload.begin(), payload.end()}});
    });
  }
  return capture;
}

/// A capture in memory as what an engine replays.
class VectorSource final : public engine::DatagramSource {
 public:
  explicit VectorSource(std::shared_ptr<const Capture> capture) : capture_(std::move(capture)) {}
  bool next(engine::TimedDatagram& out) override {
    if (at_ == capture_->size()) return false;
    const CapturedDatagram& d = (*capture_)[at_++];
    out.time = d.time;
    out.sender = d.sender;
    out.payload = d.payload;
    return true;
  }
  bool rewind() override {
    at_ = 0;
    return true;
  }

 private:
  std::shared_ptr<const Capture> capture_;
  std::size_t at_ = 0;
};

/// Asks, and waits for the outcome.
template <class Question>
query::Outcome<typename Question::Result> outcome(engine::Engine& engine, Question question) {
  using Outcome = query::Outcome<typename Question::Result>;
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto answer = promise->get_future();
  engine.ask(std::move(question), [promise](Outcome o) { promise->set_value(std::move(o)); });
  if (answer.wait_for(std::chrono::seconds(120)) != std::future_status::ready) {
    ADD_FAILURE() << "no answer";
    return query::invalid({"no answer", {}, {}});
  }
  return answer.get();
}

/// Why the question was refused; nothing: it was answered.
template <class Question>
std::optional<query::Refusal::Reason> refusal(engine::Engine& engine, Question question) {
  const auto o = outcome(engine, std::move(question));
  return o ? std::nullopt : std::optional(o.error().reason);
}

/// The result as JSON; fails the test where there is none.
template <class Question>
std::string json(engine::Engine& engine, Question question) {
  const auto o = outcome(engine, std::move(question));
  EXPECT_TRUE(o) << (o ? "" : o.error().error.text());
  return o ? query::jsonOf(*o) : std::string();
}

/// The same, parsed.
template <class Question>
boost::json::value ask(engine::Engine& engine, Question question) {
  const std::string text = json(engine, std::move(question));
  auto parsed = weir::json::parseLenient(text);
  EXPECT_TRUE(parsed) << text.substr(0, 1000);
  return parsed ? std::move(*parsed) : boost::json::value();
}

/// An engine that replays `capture` at full speed, with definitions as in a definitions file. Not started.
inline std::unique_ptr<engine::OwnedEngine> replayEngine(std::shared_ptr<const Capture> capture,
                                                         std::string_view definitions, unsigned shards,
                                                         std::optional<double> speed = {}) {
  engine::Settings settings;
  settings.shards = shards;
  settings.live = false;
  settings.speed = speed;
  settings.eventsKept = settings.flowsKept = 2'000'000;
  auto engine = engine::makeEngine(settings, std::make_unique<VectorSource>(std::move(capture)));
  const auto loaded = engine->loadDefinitions(weir::json::parseLenient(definitions).value());
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().text());
  return engine;
}

/// Everything that an engine says about a capture.
struct Told {
  std::string events, flows;  ///< the logs, JSON
  std::string observed;       ///< what a listener heard, in its order
  std::string dump, names, agents, activeMax, activeSum;
  friend bool operator==(const Told&, const Told&) = default;
};

using InReplay = engine::SubscriptionOptions::InReplay;

/// The record that is told, as JSON, a line each; other news as a word.
inline void appendObserved(std::string& out, const engine::News& news) {
  std::visit(
      [&](const auto& told) {
        if constexpr (requires { told->id; }) {
          JsonWriter json(out);
          told->write(json);
        } else if constexpr (requires { told.timer; }) {
          out += "timer at " + std::to_string(told.time);
        } else if constexpr (requires { told.count; }) {
          out += "lost " + std::to_string(told.count);
        } else if constexpr (requires { told.kind; }) {
          out += "changed " + told.name;
        } else {
          out += "appended";
        }
      },
      news);
  out += '\n';
}

/// Replays to the end and asks. `flow` is the definition that activeFlows is asked about.
inline Told replay(std::shared_ptr<const Capture> capture, std::string_view definitions, unsigned shards,
                   const std::string& flow, std::optional<double> speed = {}) {
  Told told;
  const auto engine = replayEngine(std::move(capture), definitions, shards, speed);
  auto listener = engine->subscribe({.name = "test", .events = true, .flowRecords = true, .inReplay = InReplay::waits});
  listener.listen([&](const engine::News& news) { appendObserved(told.observed, news); });
  EXPECT_TRUE(engine->start());
  engine->waitForReplay();
  told.events = engine->logRecords(engine::Engine::Log::events, {}).value_or("");
  told.flows = engine->logRecords(engine::Engine::Log::flows, {}).value_or("");
  told.dump = json(*engine, query::DumpQuestion{"ALL", "ALL"});
  told.names = json(*engine, query::MetricNamesQuestion{});
  told.agents = json(*engine, query::AgentsQuestion{});
  told.activeMax = json(*engine, query::ActiveFlowsQuestion{"ALL", flow, 100'000, 0, "max"});
  told.activeSum = json(*engine, query::ActiveFlowsQuestion{"ALL", flow, 100'000, 0, "sum"});
  engine->stop();
  return told;
}

/// Where two texts differ first, in a form that a person can read.
inline std::string difference(const std::string& a, const std::string& b) {
  if (a == b) return {};
  std::size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  const std::size_t from = at < 200 ? 0 : at - 200;
  return "at octet " + std::to_string(at) + " of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
         "\n  one:   " + a.substr(from, 500) + "\n  other: " + b.substr(from, 500);
}

inline void expectSame(const Told& one, const Told& other, const std::string& what) {
  EXPECT_EQ(difference(one.observed, other.observed), "") << what << ": records in their order";
  EXPECT_EQ(difference(one.events, other.events), "") << what << ": events";
  EXPECT_EQ(difference(one.flows, other.flows), "") << what << ": flow records";
  EXPECT_EQ(difference(one.dump, other.dump), "") << what << ": dump";
  EXPECT_EQ(difference(one.names, other.names), "") << what << ": metric names";
  EXPECT_EQ(difference(one.agents, other.agents), "") << what << ": agents";
  EXPECT_EQ(difference(one.activeMax, other.activeMax), "") << what << ": active flows, max";
  EXPECT_EQ(difference(one.activeSum, other.activeSum), "") << what << ": active flows, sum";
}

}  // namespace weir::test
