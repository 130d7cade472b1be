#pragma once
// Inside the engine room only.
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "engine/agent.h"
#include "engine/definitions.h"
#include "flow/shared_fields.h"

namespace weir::engine {

/// A flow definition in force at a shard, with its thresholds, and what samples add to its flows and waits.
/// Thread: the shard's.
struct FlowInForce {
  static constexpr double kRounding = 1e-6;  ///< weights are floats

  const FlowEntry* entry = nullptr;
  const flow::CompiledDefinition* compiled = nullptr;
  double taus = 2;                           ///< smoothing time constant, seconds
  std::vector<const flow::Lookup*> lookups;  ///< as compiled->lookups() names them; nullptr: not there
  std::optional<flow::DirectKey> direct;     ///< of the shared fields of the shard
  bool log = false;                          ///< it makes flow records, for the log or for collectors
  bool perAgent = false;
  bool ofFabric = false;                       ///< kept by the fabric shard
  bool triesPatterns = false;                  ///< its filter may take long
  std::vector<const ThresholdEntry*> watches;  ///< its thresholds, the lowest limit first
  std::uint64_t counted = 0;                   ///< samples since it is in force here
  std::uint64_t samplesBefore = 0;             ///< that the shard had seen when it came

  flow::DecayTime time;  // of timeFor
  Nanos timeFor = INT64_MIN;
  /// What makes a limit comparable with the measure of a flow: of a rate, with its weight at `time`, and a little, as a
  /// rate equal to the limit is not above it; where the value is a cell, 1.
  double limitScale = 1;
  double lowestLimit = HUGE_VAL;  ///< of the thresholds, in that measure

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

  /// Where the key of the next update stands, and its values.
  [[nodiscard]] std::uint8_t* nextKey() { return keys.data() + std::size_t{waiting} * entry->cache.keySize; }
  [[nodiscard]] flow::SampleValue* nextValues() {
    return values.data() + std::size_t{waiting} * entry->cache.cells->count();
  }

  void moveTo(Nanos now) {
    if (timeFor == now) return;
    time = flow::DecayTime(now, taus);
    timeFor = now;
    limitScale = entry->cache.valueIsCell ? 1 : (1 + kRounding) / time.rate;
    lowestLimit = watches.empty() ? HUGE_VAL : watches.front()->threshold.value * limitScale;
  }
};

}  // namespace weir::engine
