#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/metric_table.h"

namespace weir::model {

/// Metric name ↔ MetricId: the names of the table, and behind them those that came with the data. Thread: any.
class MetricNames {
 public:
  static constexpr std::size_t kMaxDynamic = 65'536;
  static constexpr std::size_t kForUsers = 16'384;  ///< of them, not to be had by what comes with the data
  static constexpr std::size_t kMaxNameLength = 256;

  /// kNoMetric for a name that was never used.
  [[nodiscard]] MetricId find(std::string_view name) const;
  /// Who uses a name first. Names are never forgotten, and strangers choose those in the data: they must not take all
  /// that there is for thresholds.
  enum class Origin { data, user };
  /// As find(), and a new identifier for a new name. kNoMetric when there are too many names, or for an empty or too
  /// long one: refused() counts.
  [[nodiscard]] MetricId intern(std::string_view name, Origin origin = Origin::data);
  /// Whether a name that is not in the table came with the data, so that it is not only one that a user wrote.
  [[nodiscard]] bool cameWithData(std::string_view name) const;
  /// Valid as long as this object.
  [[nodiscard]] std::string_view name(MetricId id) const;
  /// Identifiers are below this.
  [[nodiscard]] MetricId size() const;
  [[nodiscard]] std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  MetricId findDynamic(std::string_view name, Origin origin);

  const MetricTable& table_ = metricTable();
  mutable std::shared_mutex mutex_;  // guards the two below
  struct Name {
    explicit Name(std::string_view n) : text(n) {}
    std::string text;
    std::atomic<bool> cameWithData = false;
  };
  std::deque<Name> names_;  // a deque: names do not move
  std::unordered_map<std::string_view, MetricId> ids_;
  std::atomic<std::uint64_t> refused_ = 0;
};

}  // namespace weir::model
