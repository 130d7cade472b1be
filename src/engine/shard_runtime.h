#pragma once
// Inside the engine room only: what shard.cpp and shard_thresholds.cpp share.
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "engine/shard.h"
#include "flow/shared_fields.h"

namespace weir::engine {

/// A definition in force at this shard.
struct Shard::FlowRuntime {
  struct Watch {
    const ThresholdEntry* entry;
    /// The limit in the measure of the flows: as a weight at `time`, and a little, as a rate equal to it is not above
    /// it; where the value is a cell, as it is.
    double limit;
  };
  static constexpr double kRounding = 1e-6;  ///< weights are floats

  const FlowEntry* entry = nullptr;
  const flow::CompiledDefinition* compiled = nullptr;
  double taus = 2;                           ///< smoothing time constant, seconds
  std::vector<const flow::Lookup*> lookups;  ///< as compiled->lookups() names them; nullptr: not there
  std::optional<flow::DirectKey> direct;     ///< of fields_ of the shard
  bool log = false;                          ///< it makes flow records, for the log or for collectors
  bool perAgent = false;
  bool ofFabric = false;  ///< kept by the fabric shard
  std::vector<Watch> watches;

  flow::DecayTime time;  // of timeFor
  Nanos timeFor = INT64_MIN;
  double lowestLimit = HUGE_VAL;

  // What samples add waits here until there is enough to overlap the memory accesses of, or time moves on.
  struct Update {
    FlowState* state;
    flow::KeyId key;
    double amount;
  };
  static constexpr std::uint32_t kMaxWaiting = 64;
  std::array<Update, kMaxWaiting> updates;
  std::vector<std::uint8_t> keys;  // of the updates, one behind the other
  // Where the definition has cells: what they need of the updates, and the samples that each stands for.
  std::vector<flow::SampleValue> values;
  std::vector<double> weights;
  std::uint32_t waiting = 0;

  void moveTo(Nanos now) {
    if (timeFor == now) return;
    time = flow::DecayTime(now, taus);
    timeFor = now;
    lowestLimit = HUGE_VAL;
    for (Watch& watch : watches) {
      const double limit = watch.entry->threshold.value;
      watch.limit = entry->cache.valueIsCell ? limit : limit / time.rate * (1 + kRounding);
      lowestLimit = std::min(lowestLimit, watch.limit);
    }
  }
};

struct Shard::Measured {
  double measure;              ///< to be compared with Watch::limit
  double value;                ///< of the definition: per second for a rate
  const std::uint64_t* cells;  ///< nullptr: none
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
