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

struct Shard::MetricThreshold {
  model::MetricId metric;
  const ThresholdEntry* entry;
};

}  // namespace weir::engine
