#pragma once
// Inside the engine room only: a data source as queries and the filters of thresholds see it.
#include <optional>
#include <vector>

#include "engine/agent.h"
#include "engine/definitions.h"
#include "engine/fabric_flows.h"
#include "query/source_view.h"

namespace weir::engine {

/// The flow metrics of one data source at a time. Thread: the shard's, during a step of a query.
class FlowReader final : public query::FlowMetricReader {
 public:
  /// `fabric`: where flows of the whole fabric came in; nullptr: flowsOf() need not tell.
  FlowReader(const Definitions& definitions, Nanos now, const FabricFlows* fabric = nullptr)
      : definitions_(definitions), now_(now), fabric_(fabric) {}
  void look(const DataSourceState* source) { source_ = source; }

  bool flowMetric(std::string_view name, bool withTopKeys, query::FlowMetric& out) const override;
  bool flowsOf(const flow::CompiledDefinition& definition, bool withValues,
               std::vector<query::FlowAtSource>& out) const override;
  void countFlows(const flow::CompiledDefinition& definition, double least, query::DistinctKeys& all) const override;

 private:
  /// A flow in force, and its state at the data source.
  struct Kept {
    const FlowEntry& flow;
    const FlowState& state;
  };
  [[nodiscard]] std::optional<Kept> keptOf(const flow::CompiledDefinition& definition) const;
  void visitFlowMetrics(bool withTopKeys, Visitor& visitor) const override;
  [[nodiscard]] const flow::DecayTime& timeOf(const FlowEntry& flow) const;
  bool read(const FlowEntry& flow, bool withTopKeys, query::FlowMetric& out) const;

  const Definitions& definitions_;
  Nanos now_;
  const FabricFlows* fabric_;
  mutable std::vector<std::optional<flow::DecayTime>> times_;  // by slot, made when read
  const DataSourceState* source_ = nullptr;
  mutable std::vector<flow::FlowCache::Flow> top_;
};

/// A data source as queries see it: `source` or `custom`.
[[nodiscard]] query::SourceView viewOf(const model::Topology& topology, const AgentState& agent,
                                       const DataSourceState* source, const CustomSourceState* custom = nullptr);

}  // namespace weir::engine
