#include "engine/flow_reader.h"

#include <algorithm>

#include "model/metric_value.h"

namespace weir::engine {

query::SourceView viewOf(const model::Topology& topology, const AgentState& agent, const DataSourceState* source,
                         const CustomSourceState* custom) {
  query::SourceView view;
  view.topology = &topology;
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

const flow::DecayTime& FlowReader::timeOf(const FlowEntry& flow) const {
  if (times_.empty()) times_.resize(definitions_.flowSlots);
  if (!times_[flow.slot]) times_[flow.slot].emplace(now_, flow.cache.tau);
  return *times_[flow.slot];
}

bool FlowReader::flowMetric(std::string_view name, bool withTopKeys, query::FlowMetric& out) const {
  const FlowEntry* const flow = definitions_.flows.find(name);
  return flow != nullptr && read(*flow, withTopKeys, out);
}

/// The definition must be the one in force: another one of that name has other flows.
std::optional<FlowReader::Kept> FlowReader::keptOf(const flow::CompiledDefinition& definition) const {
  if (source_ == nullptr) return {};
  const FlowEntry* const flow = definitions_.flows.find(definition.name());
  if (flow == nullptr || flow->compiled.get() != &definition) return {};
  const FlowState* const state = flowState(*source_, *flow);
  if (state == nullptr) return {};
  return Kept{*flow, *state};
}

bool FlowReader::flowsOf(const flow::CompiledDefinition& definition, bool withValues,
                         std::vector<query::FlowAtSource>& out) const {
  const auto kept = keptOf(definition);
  if (!kept) return false;
  const FlowEntry& flow = kept->flow;
  const flow::FlowCache& cache = kept->state.cache;
  const flow::DecayTime& time = timeOf(flow);
  const bool ofFabric = fabric_ != nullptr && definition.definition().scope == flow::CacheScope::edge;
  cache.top(top_, flow.cache.n, time, flow.cache);
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
      found.names = entered->names;
    }
    if (!withValues) continue;
    if (!flow.cache.valueIsCell) found.values.push_back({entry.value, 1});
    for (std::size_t i = 0; flow.cache.cells != nullptr && i < flow.cache.cells->count(); ++i) {
      found.values.push_back(cache.read(entry, i, time, flow.cache));
    }
  }
  return true;
}

void FlowReader::countFlows(const flow::CompiledDefinition& definition, double least, query::DistinctKeys& all) const {
  const auto kept = keptOf(definition);
  if (!kept) return;
  const flow::FlowCache::Shape& shape = kept->flow.cache;
  kept->state.cache.forEach(timeOf(kept->flow), shape, [&](const std::uint8_t* key, double value) {
    if (value >= least) all.add(flow::KeyId::of(key, shape.keySize).hash);
  });
}

void FlowReader::visitFlowMetrics(bool withTopKeys, Visitor& visitor) const {
  query::FlowMetric metric;
  for (const FlowEntry& flow : definitions_.flows) {
    if (read(flow, withTopKeys, metric)) visitor.flow(metric);
  }
}

bool FlowReader::read(const FlowEntry& flow, bool withTopKeys, query::FlowMetric& out) const {
  if (source_ == nullptr) return false;
  if (flow.hidden) return false;
  const FlowState* state = flowState(*source_, flow);
  if (state == nullptr || now_ - state->updated > model::kMetricLifetime) return false;
  const flow::DecayTime& time = timeOf(flow);
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
