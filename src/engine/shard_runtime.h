#pragma once
// Inside the engine room only: what shard.cpp and shard_thresholds.cpp share.
#include <cmath>
#include <vector>

#include "engine/shard.h"

namespace weir::engine {

/// A definition in force at this shard.
struct Shard::FlowRuntime {
  struct Watch {
    const ThresholdEntry* entry;
    double limitWeight;  ///< the limit as a weight at `time`
  };

  const FlowEntry* entry = nullptr;
  const flow::CompiledDefinition* compiled = nullptr;
  double taus = 2;  ///< smoothing time constant, seconds
  bool log = false;
  bool perAgent = false;
  std::vector<Watch> watches;

  flow::DecayTime time;       // of timeFor
  Nanos timeFor = INT64_MIN;
  double lowestLimit = HUGE_VAL;

  void moveTo(Nanos now) {
    if (timeFor == now) return;
    time = flow::DecayTime(now, taus);
    timeFor = now;
    lowestLimit = HUGE_VAL;
    for (Watch& watch : watches) {
      watch.limitWeight = watch.entry->threshold.value / time.rate;
      lowestLimit = std::min(lowestLimit, watch.limitWeight);
    }
  }
};

/// A numbered data source, or a custom one, which has a name instead.
struct Shard::Watched {
  explicit Watched(DataSourceState& source) : agent(*source.agent), armings(source.armings), numbered(&source) {}
  Watched(const AgentState& of, CustomSourceState& source) : agent(of), armings(source.armings), custom(&source) {}
  [[nodiscard]] std::string text() const { return custom != nullptr ? custom->name : dataSourceText(numbered->id); }

  const AgentState& agent;
  Armings& armings;
  const DataSourceState* numbered = nullptr;
  const CustomSourceState* custom = nullptr;
};

struct Shard::MetricThreshold {
  model::MetricId metric;
  const ThresholdEntry* entry;
};

}  // namespace weir::engine
