#pragma once
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <string>
#include <variant>
#include <vector>

#include "engine/definition_store.h"
#include "engine/shard.h"
#include "json/lenient.h"
#include "support/test_agent.h"

namespace weir::test {

/// One shard with its definitions, and a clock that the test moves.
class ShardBench {
 public:
  using Kind = engine::Engine::Kind;

  /// Definitions as REST bodies, lenient JSON. An error fails the test.
  void flow(std::string_view name, std::string_view body) { put(Kind::flow, name, body); }
  void threshold(std::string_view name, std::string_view body) { put(Kind::threshold, name, body); }
  void put(Kind kind, std::string_view name, std::string_view body) {
    const auto done = store.put(kind, name, json::parseLenient(body).value());
    EXPECT_TRUE(done) << name << ": " << (done ? "" : done.error().text());
  }

  /// Seconds since kStart.
  void at(double seconds) { now_ = kStart + nanosFromSeconds(seconds); }
  [[nodiscard]] Nanos now() const { return now_; }

  void send(Bytes payload) {
    shard.datagram(payload, sender, now_, ordinal_++);
    shard.flush();
  }
  void send(TestAgent& agent) { send(agent.finish(now_)); }
  void tick() { shard.advance(now_); }

  /// What was made since the last call.
  std::vector<event::Event> events() { return take<event::Event>(); }
  std::vector<event::FlowRecord> records() { return take<event::FlowRecord>(); }
  /// The same in brief, sorted not: `threshold@dataSource[key]`, blanks between.
  std::string fired() {
    std::string out;
    for (const auto& e : events()) {
      out += (out.empty() ? "" : " ") + e.thresholdId + "@" + e.dataSource + (e.flowKey ? "[" + *e.flowKey + "]" : "");
    }
    return out;
  }

  /// Rate of the flow with this key at a data source now, 0 when it has none.
  double rate(std::string_view agent, const wire::DataSource& source, std::string_view flow, std::string_view key) {
    const engine::AgentState* state = shard.findAgent(address(agent));
    if (state == nullptr || !state->sources.contains(source.key())) return 0;
    for (const engine::FlowEntry& entry : shard.definitions().flows) {
      if (entry.compiled->name() != flow) continue;
      const engine::FlowState* cache = engine::Shard::flowState(*state->sources.at(source.key()), entry);
      if (cache == nullptr) return 0;
      std::vector<flow::FlowCache::Flow> top;
      cache->cache.top(top, entry.cache.n, flow::DecayTime(now_, entry.cache.tau), entry.cache);
      for (const auto& found : top) {
        std::string text;
        entry.compiled->appendKeyText(text, found.key);
        if (text == key) return found.value;
      }
    }
    return 0;
  }

  model::MetricNames names;
  engine::Shard shard{names};
  engine::DefinitionStore store{names, [this](auto definitions) { shard.adopt(std::move(definitions)); },
                                [] { return Nanos{0}; }};
  IpAddress sender = address("192.0.2.1");

 private:
  template <class Record>
  std::vector<Record> take() {
    std::vector<Record> out;
    std::erase_if(shard.outputs(), [&](engine::Output& output) {
      auto* record = std::get_if<Record>(&output.record);
      if (record == nullptr) return false;
      out.push_back(std::move(*record));
      return true;
    });
    return out;
  }
  Nanos now_ = kStart;
  std::uint64_t ordinal_ = 0;
};

}  // namespace weir::test
