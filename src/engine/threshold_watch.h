#pragma once
// Inside the engine room only.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/agent_table.h"
#include "engine/fabric_flows.h"
#include "engine/flow_in_force.h"
#include "engine/shard_context.h"

namespace weir::engine {

/// A data source as thresholds see it: a numbered one, or a custom one, which has a name instead.
struct WatchedSource {
  explicit WatchedSource(DataSourceState& source) : agent(*source.agent), armings(source.armings), numbered(&source) {}
  WatchedSource(const AgentState& of, CustomSourceState& source)
      : agent(of), armings(source.armings), custom(&source) {}
  [[nodiscard]] std::string text() const { return custom != nullptr ? custom->name : dataSourceText(numbered->id); }

  const AgentState& agent;
  Armings& armings;
  const DataSourceState* numbered = nullptr;
  const CustomSourceState* custom = nullptr;
};

/// A flow as thresholds see it, just after a sample of it.
struct MeasuredFlow {
  const std::uint8_t* key;
  double measure;              ///< to be compared with FlowInForce::Watch::limit
  double value;                ///< of the definition: per second for a rate
  const std::uint64_t* cells;  ///< nullptr: none
};

/// Compares metrics and flows with the thresholds on them: what crosses, whether it may fire, and the event.
/// Thread: the shard's.
class ThresholdWatch {
 public:
  ThresholdWatch(ShardContext& context, const FabricFlows& fabric) : context_(context), fabric_(fabric) {}

  /// Takes the thresholds on metrics from the definitions in force.
  void adopt();
  /// The thresholds in force on a flow.
  [[nodiscard]] std::vector<FlowInForce::Watch> on(const FlowEntry& flow) const;
  /// Gives back what is remembered of a threshold that went, or of those on a flow that went; `before`: the definitions
  /// that they are of.
  void forget(const ThresholdEntry& threshold, const AgentTable& agents) const;
  void forget(const FlowEntry& flow, const Definitions& before, DataSourceState& source) const;

  /// Whether any threshold is on a metric.
  [[nodiscard]] bool watchesMetrics() const { return !onMetrics_.empty(); }
  /// A metric has a new value.
  void metricChanged(const WatchedSource& source, model::MetricId id, double value);
  /// A flow of a definition that has thresholds got a sample.
  void flowChanged(DataSourceState& source, FlowInForce& flow, const MeasuredFlow& measured);

 private:
  struct OnMetric {
    model::MetricId metric;
    const ThresholdEntry* entry;
  };

  static ArmingState& armingFor(const WatchedSource& source, const ThresholdEntry& threshold);
  [[nodiscard]] bool passesFilter(const WatchedSource& source, const ThresholdEntry& threshold) const;
  bool makeRoom(ArmingState& state, Nanos timeout) const;
  void fellBelow(const WatchedSource& source, const ThresholdEntry& threshold, const FlowInForce& flow,
                 const std::uint8_t* key) const;
  void emitOfFlow(const WatchedSource& source, const ThresholdEntry& threshold, const FlowInForce& flow,
                  const MeasuredFlow& measured);
  void emitLargest(const WatchedSource& source, const ThresholdEntry& threshold, const FlowInForce& flow);
  void emit(event::Event event, const WatchedSource& source, const ThresholdEntry& threshold, double value);

  ShardContext& context_;
  const FabricFlows& fabric_;
  std::vector<OnMetric> onMetrics_;         // sorted by metric
  std::vector<flow::FlowCache::Flow> top_;  // room for a look at a cache
};

}  // namespace weir::engine
