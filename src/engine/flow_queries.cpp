// Queries about flows: /activeflows and /flowvalue.
#include <algorithm>
#include <tuple>

#include "engine/engine_impl.h"
#include "engine/source_reader.h"
#include "query/active_flows.h"
#include "query/port_view.h"
#include "query/selector.h"

namespace weir::engine {

namespace {

std::string activeFlowsJson(const std::vector<query::ActiveFlow>& merged, const FlowEntry& flow, double minValue,
                            unsigned maxFlows) {
  struct Row {
    std::string key;
    const query::ActiveFlow* flow;
    [[nodiscard]] double value() const { return flow->values[0].value; }
  };
  std::vector<Row> rows;
  for (const query::ActiveFlow& active : merged) {
    if (active.values[0].value < minValue) continue;
    Row& row = rows.emplace_back(Row{{}, &active});
    flow.compiled->appendKeyText(row.key, reinterpret_cast<const std::uint8_t*>(active.key.data()));
  }
  const std::size_t shown = std::min<std::size_t>(rows.size(), maxFlows);
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown), rows.end(),
                    [](const Row& a, const Row& b) {
                      if (a.value() != b.value()) return a.value() > b.value();
                      // Two keys may look the same.
                      return std::tie(a.key, a.flow->key) < std::tie(b.key, b.flow->key);
                    });
  std::string out;
  JsonWriter json(out);
  json.beginArray();
  for (std::size_t i = 0; i < shown; ++i) {
    const query::ActiveFlow& active = *rows[i].flow;
    json.beginObject();
    json.member("agent", active.agent.text()).member("dataSource", dataSourceText(active.source));
    json.member("flowN", active.sources).member("key", rows[i].key).member("value", rows[i].value());
    if (active.values.size() > 1) {
      json.key("values").beginArray();
      for (std::size_t v = 1; v < active.values.size(); ++v) json.number(active.values[v].value);
      json.endArray();
    }
    json.endObject();
  }
  json.endArray();
  return out;
}

/// What the values of a definition are made of: of the value itself, then of `values`.
std::vector<flow::ValueFunction> functionsOf(const flow::CompiledDefinition& definition) {
  std::vector<flow::ValueFunction> functions;
  if (!definition.valueIsCell()) functions.push_back(flow::ValueFunction::rate);
  for (std::size_t i = 0; i < definition.cells().count(); ++i) functions.push_back(definition.cells().function(i));
  return functions;
}

bool isOfFabric(const FlowEntry& flow) {
  return flow.compiled->definition().scope == flow::CacheScope::edge;
}

/// Whether the flows of a data source take part in the mode. A cache of a whole agent has no port of its own, and one
/// of the fabric holds what entered at its edge.
bool takesPart(const query::SourceView& view, query::AggMode mode, const FlowEntry& flow,
               const model::Topology& topology) {
  if (mode != query::AggMode::edge && mode != query::AggMode::core) return true;
  if (isOfFabric(flow)) return mode == query::AggMode::edge;
  const query::PortView port(view);
  const model::PortNames names = port.names();
  if (!topology.hasAgent(names.agent, names.hostName)) return false;
  if (flow.compiled->definition().scope == flow::CacheScope::agent) return true;
  return port.isPort() && (topology.linkAt(names) != nullptr) == (mode == query::AggMode::core);
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
  if (isHiddenName(request.name)) return done(Answer::invalid({"there is no such flow", "name", {}}));
  askActiveFlows(std::move(request), std::move(done));
}

void EngineImpl::askActiveFlows(ActiveFlowsRequest request, AnswerCallback done) {
  const FoundFlow found = findFlow(store_.snapshot(), request.name);
  if (found.flow == nullptr) {
    return done(Answer::invalid({"there is no flow \"" + request.name + "\"", "name", {}}));
  }
  const auto mode = query::aggModeOf(request.aggMode);
  if (!mode) return done(Answer::invalid({"expected max, sum, edge or core", "aggMode", {}}));
  auto selector = query::AgentSelector::parse(request.agents, found.definitions->topology);
  if (!selector) return done(Answer::invalid(selector.error()));
  const auto visit = [time = now(), found, mode = *mode, selector = std::move(*selector)](
                         Shard& shard, std::vector<query::FlowContribution>& part, Cursor& cursor) {
    const FlowEntry& flow = *found.flow;
    const flow::DecayTime decay(std::max(time, shard.now()), flow.cache.tau);
    std::vector<flow::FlowCache::Flow> top;
    return visitEachSource(shard, cursor, [&](const AgentState& agent, const DataSourceState* source, const auto*) {
      const FlowState* state = source == nullptr ? nullptr : Shard::flowState(*source, flow);
      if (state == nullptr) return;
      const query::SourceView view = viewOf(agent, source);
      const bool ofFabric = isOfFabric(flow);
      if (!(ofFabric || selector.matches(view)) || !takesPart(view, mode, flow, *found.definitions->topology)) return;
      state->cache.top(top, flow.cache.n, decay, flow.cache);
      for (const auto& entry : top) {
        query::SourceView place = view;
        if (const Shard::Place* entered = ofFabric ? shard.enteredAt(flow, entry.key) : nullptr) {
          place.agent = entered->agent;
          place.source = entered->source;
        }
        if (ofFabric && !selector.includesEdge() && !selector.matches(place)) continue;
        query::FlowContribution& c = part.emplace_back();
        c.key.assign(reinterpret_cast<const char*>(entry.key), flow.cache.keySize);
        c.agent = place.agent;
        c.source = place.source;
        if (!flow.cache.valueIsCell) c.values.push_back({entry.value, 1});
        for (std::size_t i = 0; flow.cache.cells != nullptr && i < flow.cache.cells->count(); ++i) {
          c.values.push_back(state->cache.read(entry, i, decay, flow.cache));
        }
      }
    });
  };
  const auto finish = [found, mode = *mode, request](std::vector<std::vector<query::FlowContribution>>&& parts) {
    const auto merged = query::mergeFlows(std::move(parts), mode, functionsOf(*found.flow->compiled));
    return Answer::text(activeFlowsJson(merged, *found.flow, request.minValue, request.maxFlows));
  };
  askFlows<std::vector<query::FlowContribution>>(visit, finish, std::move(done));
}

void EngineImpl::flowValue(std::string agent, std::string dataSourceAndName, std::string key, AnswerCallback done) {
  const std::size_t dot = dataSourceAndName.rfind('.');
  if (dot == std::string::npos || dot == 0) {
    return done(Answer::invalid({"expected <dataSource>.<flow>, such as 22.tcp", "name", {}}));
  }
  const std::string sourceName = dataSourceAndName.substr(0, dot), name = dataSourceAndName.substr(dot + 1);
  const FoundFlow found = findFlow(store_.snapshot(), name);
  if (found.flow == nullptr || found.flow->hidden) return done(Answer::notFound("there is no flow \"" + name + "\""));
  const auto selector = query::AgentSelector::single(agent, found.definitions->topology);
  struct Found {
    std::string agent;
    double value;
    std::uint32_t ageMs;
  };
  const auto visit = [asked = now(), found, selector, sourceName, key](Shard& shard, std::vector<Found>& part,
                                                                       Cursor& cursor) {
    const FlowEntry& flow = *found.flow;
    const flow::DecayTime time(std::max(asked, shard.now()), flow.cache.tau);
    std::vector<flow::FlowCache::Flow> top;
    return visitEachSource(shard, cursor, [&](const AgentState& agent, const DataSourceState* source, const auto*) {
      const FlowState* state = source == nullptr ? nullptr : Shard::flowState(*source, flow);
      if (state == nullptr || dataSourceText(source->id) != sourceName || !selector.matches(viewOf(agent, source)))
        return;
      state->cache.top(top, flow.cache.n, time, flow.cache);
      for (const auto& entry : top) {
        std::string text;
        flow.compiled->appendKeyText(text, entry.key);
        if (text == key) part.push_back({agent.text, entry.value, static_cast<std::uint32_t>(entry.age * 1e3)});
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
  askFlows<std::vector<Found>>(visit, finish, std::move(done));
}

}  // namespace weir::engine
