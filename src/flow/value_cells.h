#pragma once
#include <cstdint>
#include <vector>

#include "base/arena.h"
#include "flow/decay_time.h"

namespace weir::flow {

/// What is made of the values of a flow's samples (docs/flow-definitions.md, "Values").
enum class ValueFunction : std::uint8_t {
  rate,   ///< their sum a second, each times its sampling rate, smoothed
  avg,    ///< their mean, weighted by sampling rate, smoothed
  min,    ///< the smallest of the current and the previous window
  max,    ///< the largest
  last,   ///< the newest
  count,  ///< how many distinct ones there were in the current and the previous window (DistinctCounter)
};

/// One value of one sample: a number or, for count, a hash. Trivial on purpose: updates wait in arrays of them.
struct SampleValue {
  double number;
  std::uint64_t hash;
  bool present;
};

/// The values that a definition keeps for each flow beside its weight: a few words of eight octets a flow, the layout
/// of which is this. Windows are the stretches of time that DecayTime numbers, each one smoothing time constant long;
/// so "the current and the previous window" is the last 1 to 2 τ. Constant once made. Thread: any; cells belong to who
/// holds them.
///   rate: [sum]   avg: [sum][weight]   min, max: [current][previous][window]   last: [number]   count: DistinctCounter
class ValueCells {
 public:
  ValueCells() = default;
  explicit ValueCells(std::vector<ValueFunction> functions);

  [[nodiscard]] std::size_t count() const { return functions_.size(); }
  [[nodiscard]] ValueFunction function(std::size_t index) const { return functions_[index]; }
  [[nodiscard]] bool empty() const { return functions_.empty(); }
  /// Words of one flow.
  [[nodiscard]] std::uint32_t words() const { return words_; }

  /// Cells of a flow without samples, over memory that holds nothing.
  void init(std::uint64_t* cells) const;
  /// One sample: `values` has count() of them; each stands for `weight` samples.
  void add(std::uint64_t* cells, const SampleValue* values, double weight, const DecayTime& time, Arena& arena) const;
  /// To a landmark at which weights are `factor` times as large.
  void scale(std::uint64_t* cells, double factor) const;
  /// Gives memory back that cells hold elsewhere. They are to be initialised again.
  void release(std::uint64_t* cells, Arena& arena) const;

  /// A value now, and how much it counts beside the same flow's elsewhere (avg: samples a second; else 1).
  struct Reading {
    double value = 0;
    double weight = 1;
  };
  /// `factor` brings weights to the landmark of `now`. 0 where no sample had that value.
  [[nodiscard]] Reading read(const std::uint64_t* cells, std::size_t index, const DecayTime& now, double factor) const;

 private:
  std::vector<ValueFunction> functions_;
  std::vector<std::uint32_t> at_;  // first word of each
  std::uint32_t words_ = 0;
};

/// Joins what two data sources say of one value: rates add up, averages are weighted, of the others the extreme counts.
[[nodiscard]] ValueCells::Reading combined(ValueFunction function, ValueCells::Reading a, ValueCells::Reading b);

}  // namespace weir::flow
