#pragma once
// Inside the engine room only.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/agent_table.h"
#include "engine/fabric_flows.h"
#include "engine/flow_in_force.h"
#include "engine/shard_context.h"
#include "query/uncounted.h"

namespace weir::engine {

/// A data source as thresholds see it: a numbered one, or a custom one, which has a name instead.
struct WatchedSource {
  explicit WatchedSource(DataSourceState& source) : agent(*source.agent), armings(source.armings), numbered(&source) {}
  WatchedSource(AgentState& of, CustomSourceState& source) : agent(of), armings(source.armings), custom(&source) {}
  /// As users name it; made when first asked for.
  [[nodiscard]] const std::string& text() const {
    if (custom != nullptr) return custom->name;
    if (text_.empty()) text_ = dataSourceText(numbered->id);
    return text_;
  }

  AgentState& agent;
  Armings& armings;
  const DataSourceState* numbered = nullptr;
  const CustomSourceState* custom = nullptr;

 private:
  mutable std::string text_;
};

/// A flow as thresholds see it, just after a sample of it.
struct MeasuredFlow {
  const std::uint8_t* key;
  flow::KeyId id;
  double measure;              ///< to be compared with a limit times FlowInForce::limitScale
  double value;                ///< of the definition: per second for a rate
  const std::uint64_t* cells;  ///< nullptr: none
};

/// Compares metrics and flows with the thresholds on them: what crosses, whether it may fire, and the event. Thresholds
/// of one metric or flow are sorted by their limits, so that what is below all of them costs one comparison, and only
/// where a limit was crossed is anything remembered.
/// Thread: the shard's.
class ThresholdWatch {
 public:
  ThresholdWatch(ShardContext& context, const FabricFlows& fabric) : context_(context), fabric_(fabric) {}

  /// Takes what changed from `before` to the definitions in force. True: some thresholds went.
  [[nodiscard]] bool adopt(const Definitions& before);
  /// The thresholds on the flow or metric of this name, the lowest limit first.
  [[nodiscard]] std::vector<const ThresholdEntry*> on(std::string_view name) const;
  /// Forgets thresholds that are not in force any more, and those on `goneFlows`, sorted names of flows that went or
  /// are others now. After adopt().
  void forgetGone(const std::vector<std::string_view>& goneFlows, const AgentTable& agents) const;
  /// Forgets what is armed again at `now`: it need not be remembered.
  void expire(AgentState& agent, Armings& armings, Nanos now) const;
  /// Forgets all of a data source, which goes.
  static void release(DataSourceState& source);

  /// Metrics of counters that thresholds look at and that no data source sent, with how many samples of counters came
  /// since; in order of name.
  [[nodiscard]] std::vector<query::Uncounted> uncounted() const;

  /// A metric has a new value.
  void metricChanged(const WatchedSource& source, model::MetricId id, double value);
  /// Whether any threshold is on a metric.
  [[nodiscard]] bool watchesMetrics() const { return !onMetrics_.empty(); }
  /// A flow of a definition that has thresholds got a sample.
  void flowChanged(DataSourceState& source, FlowInForce& flow, const MeasuredFlow& measured);

  /// What became of flows above the limit of a threshold that found no room (FlowArmings).
  struct Figures {
    std::uint64_t refusedFlows = 0;    ///< they had no event
    std::uint64_t displacedFlows = 0;  ///< forgotten for larger ones: they may have a second event
  };
  [[nodiscard]] Figures figures(const ThresholdEntry& threshold) const;

 private:
  struct Known {
    std::uint32_t generation = 0;
    const ThresholdEntry* entry = nullptr;  // nullptr: none in force
    model::MetricId metric = model::kNoMetric;
    Figures figures;
  };
  struct OnMetric {
    model::MetricId metric;
    const ThresholdEntry* entry;
  };
  /// A part of onMetrics_: the thresholds on one metric, where there are any.
  struct Range {
    std::uint32_t first = 0, size = 0;
    bool came = false;                ///< a value of the metric, since there are any
    std::uint64_t samplesBefore = 0;  ///< of counters, that the shard had seen until then
  };

  void add(const ThresholdEntry& threshold);
  void remove(const ThresholdEntry& threshold);
  /// Takes it among those on metrics of counters, or from them: where a flow has the name, it is the flow.
  void setOnMetric(const ThresholdEntry& threshold, bool is);

  [[nodiscard]] std::span<const OnMetric> onMetric(model::MetricId id) const {
    if (id >= byMetric_.size()) return {};
    return std::span(onMetrics_).subspan(byMetric_[id].first, byMetric_[id].size);
  }
  /// The threshold that a state is of; nullptr: it went.
  [[nodiscard]] const Known* knownOf(const ArmingState& state) const;
  static ArmingState& armingFor(const WatchedSource& source, const ThresholdEntry& threshold);
  [[nodiscard]] bool appliesTo(const WatchedSource& source, const ThresholdEntry& threshold) const;
  [[nodiscard]] bool passesFilter(const WatchedSource& source, const ThresholdEntry& threshold) const;
  event::FlowArmings::Result flowAbove(const WatchedSource& source, const ThresholdEntry& threshold,
                                       const FlowInForce& flow, const MeasuredFlow& measured, Nanos below);
  void metricFell(const WatchedSource& source, model::MetricId id, double value) const;
  void flowFell(const WatchedSource& source, const FlowInForce& flow, const MeasuredFlow& measured) const;
  void emitOfFlow(const WatchedSource& source, const ThresholdEntry& threshold, const FlowInForce& flow,
                  const MeasuredFlow& measured);
  void emitLargest(const WatchedSource& source, const ThresholdEntry& threshold, const FlowInForce& flow);
  void emit(event::Event event, const WatchedSource& source, const ThresholdEntry& threshold, double value);

  ShardContext& context_;
  const FabricFlows& fabric_;
  std::vector<Known> known_;                   // by slot
  std::vector<const ThresholdEntry*> byName_;  // sorted by metric name, limit, name
  std::vector<OnMetric> onMetrics_;            // sorted by metric, limit, name
  std::vector<Range> byMetric_;                // by metric id
  std::vector<const ThresholdEntry*> firing_;  // of one value
  std::vector<flow::FlowCache::Flow> top_;     // room for a look at a cache
};

}  // namespace weir::engine
