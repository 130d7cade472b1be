#include "engine/flow_reader.h"

#include <algorithm>

#include "model/metric_value.h"

namespace weir::engine {

query::SourceView viewOf(const AgentState& agent, const DataSourceState* source, const CustomSourceState* custom) {
  query::SourceView view;
  view.agent = agent.id;
  view.host = agent.host == nullptr ? nullptr : &agent.host->counters;
  if (source != nullptr) {
    view.source = source->id;
    view.counters = &source->counters;
  } else if (custom != nullptr) {
    view.customSource = custom->name;
    view.counters = &custom->counters;
  }
  return view;
}

std::optional<std::size_t> FlowReader::indexOf(std::string_view name) const {
  const auto& flows = definitions_.flows;  // in order of name
  const auto it = std::lower_bound(flows.begin(), flows.end(), name,
                                   [](const FlowEntry& f, std::string_view n) { return f.compiled->name() < n; });
  if (it == flows.end() || it->compiled->name() != name) return std::nullopt;
  return static_cast<std::size_t>(it - flows.begin());
}

const flow::DecayTime& FlowReader::timeOf(std::size_t index) const {
  if (times_.empty()) times_.resize(definitions_.flows.size());
  if (!times_[index]) times_[index].emplace(now_, definitions_.flows[index].cache.tau);
  return *times_[index];
}

bool FlowReader::flowMetric(std::string_view name, bool withTopKeys, query::FlowMetric& out) const {
  const auto index = indexOf(name);
  return index && read(*index, withTopKeys, out);
}

/// The definition must be the one in force: another one of that name has other flows.
bool FlowReader::flowsOf(const flow::CompiledDefinition& definition, bool withValues,
                         std::vector<query::FlowAtSource>& out) const {
  if (source_ == nullptr) return false;
  const auto index = indexOf(definition.name());
  if (!index || definitions_.flows[*index].compiled.get() != &definition) return false;
  const FlowEntry& flow = definitions_.flows[*index];
  const FlowState* state = flowState(*source_, flow);
  if (state == nullptr) return false;
  const flow::DecayTime& time = timeOf(*index);
  const bool ofFabric = fabric_ != nullptr && definition.definition().scope == flow::CacheScope::edge;
  state->cache.top(top_, flow.cache.n, time, flow.cache);
  out.clear();
  for (const auto& entry : top_) {
    query::FlowAtSource& found = out.emplace_back();
    found.key = entry.key;
    found.value = entry.value;
    found.age = entry.age;
    found.agent = source_->agent->id;
    found.source = source_->id;
    if (const FabricFlows::Place* entered = ofFabric ? fabric_->enteredAt(flow, entry.key) : nullptr) {
      found.agent = entered->agent;
      found.source = entered->source;
    }
    if (!withValues) continue;
    if (!flow.cache.valueIsCell) found.values.push_back({entry.value, 1});
    for (std::size_t i = 0; flow.cache.cells != nullptr && i < flow.cache.cells->count(); ++i) {
      found.values.push_back(state->cache.read(entry, i, time, flow.cache));
    }
  }
  return true;
}

void FlowReader::visitFlowMetrics(bool withTopKeys, Visitor& visitor) const {
  query::FlowMetric metric;
  for (std::size_t i = 0; i < definitions_.flows.size(); ++i) {
    if (read(i, withTopKeys, metric)) visitor.flow(metric);
  }
}

bool FlowReader::read(std::size_t index, bool withTopKeys, query::FlowMetric& out) const {
  if (source_ == nullptr) return false;
  const FlowEntry& flow = definitions_.flows[index];
  if (flow.hidden) return false;
  const FlowState* state = flowState(*source_, flow);
  if (state == nullptr || now_ - state->updated > model::kMetricLifetime) return false;
  const flow::DecayTime& time = timeOf(index);
  out.name = flow.compiled->name();
  out.value = state->cache.largest(time, flow.cache);
  out.updated = state->updated;
  out.topKeys.clear();
  if (!withTopKeys) return true;
  state->cache.top(top_, flow.cache.n, time, flow.cache);
  for (const auto& entry : top_) {
    query::TopKey& key = out.topKeys.emplace_back();
    flow.compiled->appendKeyText(key.key, entry.key);
    key.value = entry.value;
    for (std::size_t i = flow.compiled->firstValue(); i < flow.compiled->cells().count(); ++i) {
      key.values.push_back(state->cache.read(entry, i, time, flow.cache).value);
    }
    key.updated = now_ - static_cast<Nanos>(entry.age * 1e9);
  }
  return true;
}

}  // namespace weir::engine
