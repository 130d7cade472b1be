#include "engine/flow_reader.h"

#include <algorithm>

#include "model/metric_value.h"

namespace weir::engine {

query::SourceView viewOf(const AgentState& agent, const DataSourceState* source, const CustomSourceState* custom) {
  query::SourceView view;
  view.agent = agent.address;
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

bool FlowReader::flowMetric(std::string_view name, bool withTopKeys, query::FlowMetric& out) const {
  const auto& flows = definitions_.flows;  // in order of name
  const auto it = std::lower_bound(flows.begin(), flows.end(), name,
                                   [](const FlowEntry& f, std::string_view n) { return f.compiled->name() < n; });
  if (it == flows.end() || it->compiled->name() != name) return false;
  return read(static_cast<std::size_t>(it - flows.begin()), withTopKeys, out);
}

void FlowReader::forEachFlowMetric(bool withTopKeys, Visitor& visitor) const {
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
  if (times_.empty()) times_.resize(definitions_.flows.size());
  if (!times_[index]) times_[index].emplace(now_, flow.cache.tau);
  const flow::DecayTime& time = *times_[index];
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
