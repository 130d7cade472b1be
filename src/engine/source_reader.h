#pragma once
// Inside the engine room only: a shard's state as queries see it.
#include <algorithm>
#include <optional>
#include <vector>

#include "engine/scatter.h"
#include "engine/shard.h"
#include "query/source_view.h"

namespace weir::engine {

/// The flow metrics of one data source at a time. Thread: the shard's, during a step of a query.
class FlowReader final : public query::FlowMetricReader {
 public:
  FlowReader(const Definitions& definitions, Nanos now) : definitions_(definitions), now_(now) {}
  void look(const DataSourceState* source) { source_ = source; }

  bool flowMetric(std::string_view name, bool withTopKeys, query::FlowMetric& out) const override;
  void forEachFlowMetric(bool withTopKeys, Visitor& visitor) const override;

 private:
  bool read(std::size_t index, bool withTopKeys, query::FlowMetric& out) const;

  const Definitions& definitions_;
  Nanos now_;
  mutable std::vector<std::optional<flow::DecayTime>> times_;  // by index of definitions_.flows, made when read
  const DataSourceState* source_ = nullptr;
  mutable std::vector<flow::FlowCache::Flow> top_;
};

/// Calls visit(const query::SourceView&) for the data sources of agents from `cursor` on, in bounded steps: each
/// agent's in canonical order, custom ones last. True at the end. `asked`: when; a shard that is ahead of it shows what
/// it has now.
template <class Visit>
bool visitSources(Shard& shard, std::size_t& cursor, Nanos asked, Visit&& visit) {
  FlowReader flows(shard.definitions(), std::max(asked, shard.now()));
  return visitAgents(shard, cursor, [&](const AgentState& agent) {
    query::SourceView view;
    view.agent = agent.address;
    view.host = agent.host == nullptr ? nullptr : &agent.host->counters;
    view.flows = &flows;
    for (const DataSourceState* source : agent.ordered) {
      flows.look(source);
      view.source = source->id;
      view.counters = &source->counters;
      visit(static_cast<const query::SourceView&>(view));
    }
    flows.look(nullptr);
    for (const auto& [name, custom] : agent.custom) {
      view.customSource = name;
      view.counters = &custom->counters;
      visit(static_cast<const query::SourceView&>(view));
    }
  });
}

}  // namespace weir::engine
