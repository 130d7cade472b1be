#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/counter_state.h"

namespace weir::model {

/// The metrics of a custom data source, as rtmetric samples define them (sflow-rt.com, custom metrics). A part of
/// CounterState.
struct CounterState::Custom {
  struct Entry {
    MetricId id = kNoMetric;
    bool counter = false, isText = false, hasPrevious = false, hasValue = false;
    bool wide = false;  // counter of 64 bits
    std::uint32_t uptimeMs = 0;
    std::uint64_t previous = 0;
    double number = 0;
    std::string text;
    Nanos updated = 0, counted = 0;
    float interval = 0;
  };
  std::vector<Entry> entries;  // in the order of arrival
  std::uint64_t refused = 0;

  /// `hint`: where the entry is likely to be, since samples repeat their order. nullptr: no room.
  Entry* findOrAdd(MetricId id, std::size_t hint);
  [[nodiscard]] const Entry* find(MetricId id) const;
  static bool read(const Entry& entry, MetricValue& out);
  static void apply(Entry& entry, const wire::RtField& field, const CounterContext& context);
};

/// Seconds that a counter had to grow since it was last taken. 0: no time passed, keep what is there; negative: the
/// previous value means nothing (restart, gap). `interval` is the smoothed time between samples, seconds.
double countingSeconds(const CounterContext& context, std::uint32_t previousUptimeMs, Nanos previousTime,
                       float& interval);

}  // namespace weir::model
