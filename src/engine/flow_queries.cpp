// Queries about flows: /activeflows and /flowvalue.
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "engine/engine_impl.h"
#include "engine/source_reader.h"
#include "query/selector.h"

namespace weir::engine {

namespace {

/// What the data sources of one shard say of one flow key; the key is in its binary form, which all shards share.
struct ActiveFlow {
  double value = 0;        // by the mode: the largest or the sum
  double largest = 0;      // of one data source; it is shown as the place of the flow
  std::uint32_t sources = 0;
  IpAddress agent;
  wire::DataSource source;
};
using ActiveFlows = std::unordered_map<std::string, ActiveFlow>;

enum class AggMode : std::uint8_t { max, sum };

/// Adds what `from` says. Commutative: equal values go to the smaller place, and sums are made from values that were
/// brought into one order before (mergeInOrder).
void combine(ActiveFlow& into, const ActiveFlow& from, AggMode mode) {
  into.value = mode == AggMode::sum ? into.value + from.value : std::max(into.value, from.value);
  const bool fromWins =
      into.sources == 0 || from.largest > into.largest ||
      (from.largest == into.largest && std::tie(from.agent, from.source) < std::tie(into.agent, into.source));
  if (fromWins) {
    into.largest = from.largest;
    into.agent = from.agent;
    into.source = from.source;
  }
  into.sources += from.sources;
}

/// One contribution: kept apart until all are there, so that a sum does not depend on who came first.
struct Contribution {
  std::string key;
  ActiveFlow flow;
};

ActiveFlows mergeInOrder(std::vector<std::vector<Contribution>>&& parts, AggMode mode) {
  std::vector<Contribution> all;
  for (auto& part : parts) std::move(part.begin(), part.end(), std::back_inserter(all));
  std::sort(all.begin(), all.end(), [](const Contribution& a, const Contribution& b) {
    return std::tie(a.flow.agent, a.flow.source) < std::tie(b.flow.agent, b.flow.source);
  });
  ActiveFlows merged;
  for (const Contribution& c : all) combine(merged[c.key], c.flow, mode);
  return merged;
}

std::string activeFlowsJson(const ActiveFlows& merged, const FlowEntry& flow, double minValue, unsigned maxFlows) {
  struct Row {
    std::string key;
    const ActiveFlow* flow;
    std::string_view bytes;  // of the key: two keys may look the same
  };
  std::vector<Row> rows;
  for (const auto& [key, active] : merged) {
    if (active.value < minValue) continue;
    Row& row = rows.emplace_back(Row{{}, &active, key});
    flow.compiled->appendKeyText(row.key, reinterpret_cast<const std::uint8_t*>(key.data()));
  }
  const std::size_t shown = std::min<std::size_t>(rows.size(), maxFlows);
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown), rows.end(),
                    [](const Row& a, const Row& b) {
                      if (a.flow->value != b.flow->value) return a.flow->value > b.flow->value;
                      return std::tie(a.key, a.bytes) < std::tie(b.key, b.bytes);
                    });
  std::string out;
  JsonWriter json(out);
  json.beginArray();
  for (std::size_t i = 0; i < shown; ++i) {
    const ActiveFlow& active = *rows[i].flow;
    json.beginObject();
    json.member("agent", active.agent.text()).member("dataSource", dataSourceText(active.source));
    json.member("flowN", active.sources).member("key", rows[i].key).member("value", active.value);
    json.endObject();
  }
  json.endArray();
  return out;
}

/// The definition of a name, with the snapshot that owns it.
struct FoundFlow {
  std::shared_ptr<const Definitions> definitions;
  const FlowEntry* flow = nullptr;
};
FoundFlow findFlow(std::shared_ptr<const Definitions> definitions, std::string_view name) {
  FoundFlow found{std::move(definitions), nullptr};
  for (const FlowEntry& flow : found.definitions->flows) {
    if (flow.compiled->name() == name) found.flow = &flow;
  }
  return found;
}

}  // namespace

void EngineImpl::activeFlows(ActiveFlowsRequest request, AnswerCallback done) {
  const FoundFlow found = findFlow(store_.snapshot(), request.name);
  if (found.flow == nullptr) {
    return done(Answer::invalid({"there is no flow \"" + request.name + "\"", "name", {}}));
  }
  std::string mode = request.aggMode;
  std::transform(mode.begin(), mode.end(), mode.begin(), [](unsigned char c) { return std::tolower(c); });
  if (mode == "edge" || mode == "core") {
    return done(Answer::invalid({"edge and core are not available in this version, expected max or sum", "aggMode", {}}));
  }
  if (mode != "max" && mode != "sum") return done(Answer::invalid({"expected max or sum", "aggMode", {}}));
  auto selector = query::AgentSelector::parse(request.agents, nullptr);
  if (!selector) return done(Answer::invalid(selector.error()));
  const AggMode aggMode = mode == "sum" ? AggMode::sum : AggMode::max;
  const auto visit = [asked = now(), found, selector = std::move(*selector)](
                         Shard& shard, std::vector<Contribution>& part, std::size_t& cursor) {
    const FlowEntry& flow = *found.flow;
    const flow::DecayTime time(std::max(asked, shard.now()), flow.cache.tau);
    std::vector<flow::FlowCache::Flow> top;
    return visitAgents(shard, cursor, [&](const AgentState& agent) {
      query::SourceView view;
      view.agent = agent.address;
      view.host = agent.host == nullptr ? nullptr : &agent.host->counters;
      for (const DataSourceState* source : agent.ordered) {
        const FlowState* state = Shard::flowState(*source, flow);
        if (state == nullptr) continue;
        view.source = source->id;
        view.counters = &source->counters;
        if (!selector.matches(view)) continue;
        state->cache.top(top, flow.cache.n, time, flow.cache);
        for (const auto& entry : top) {
          Contribution& c = part.emplace_back();
          c.key.assign(reinterpret_cast<const char*>(entry.key), flow.cache.keySize);
          c.flow = {entry.rate, entry.rate, 1, agent.address, source->id};
        }
      }
    });
  };
  const auto finish = [found, aggMode, request](std::vector<std::vector<Contribution>>&& parts) {
    const ActiveFlows merged = mergeInOrder(std::move(parts), aggMode);
    return Answer::text(activeFlowsJson(merged, *found.flow, request.minValue, request.maxFlows));
  };
  ask<std::vector<Contribution>>(visit, finish, std::move(done));
}

void EngineImpl::flowValue(std::string agent, std::string dataSourceAndName, std::string key, AnswerCallback done) {
  const std::size_t dot = dataSourceAndName.rfind('.');
  if (dot == std::string::npos || dot == 0) {
    return done(Answer::invalid({"expected <dataSource>.<flow>, such as 22.tcp", "name", {}}));
  }
  const std::string sourceName = dataSourceAndName.substr(0, dot), name = dataSourceAndName.substr(dot + 1);
  const FoundFlow found = findFlow(store_.snapshot(), name);
  if (found.flow == nullptr) return done(Answer::notFound("there is no flow \"" + name + "\""));
  const auto selector = query::AgentSelector::single(agent, nullptr);
  struct Found {
    std::string agent;
    double value;
    std::uint32_t ageMs;
  };
  const auto visit = [asked = now(), found, selector, sourceName, key](Shard& shard, std::vector<Found>& part,
                                                                       std::size_t& cursor) {
    const FlowEntry& flow = *found.flow;
    const flow::DecayTime time(std::max(asked, shard.now()), flow.cache.tau);
    std::vector<flow::FlowCache::Flow> top;
    return visitAgents(shard, cursor, [&](const AgentState& state) {
      query::SourceView view;
      view.agent = state.address;
      view.host = state.host == nullptr ? nullptr : &state.host->counters;
      if (!selector.matches(view)) return;
      for (const DataSourceState* source : state.ordered) {
        const FlowState* cache = Shard::flowState(*source, flow);
        if (cache == nullptr || dataSourceText(source->id) != sourceName) continue;
        cache->cache.top(top, flow.cache.n, time, flow.cache);
        for (const auto& entry : top) {
          std::string text;
          flow.compiled->appendKeyText(text, entry.key);
          if (text == key) part.push_back({state.text, entry.rate, static_cast<std::uint32_t>(entry.age * 1e3)});
        }
      }
    });
  };
  const auto finish = [sourceName, key](std::vector<std::vector<Found>>&& parts) {
    for (const auto& part : parts) {
      for (const Found& f : part) {
        std::string out;
        JsonWriter json(out);
        json.beginObject().member("agent", f.agent).member("dataSource", sourceName).member("key", key);
        json.member("lastUpdate", f.ageMs).member("value", f.value).endObject();
        return Answer::text(std::move(out));
      }
    }
    return Answer::notFound("no such flow at that data source now");
  };
  ask<std::vector<Found>>(visit, finish, std::move(done));
}

}  // namespace weir::engine
