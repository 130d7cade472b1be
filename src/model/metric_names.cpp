#include "model/metric_names.h"

#include <mutex>

#include "base/log.h"

namespace weir::model {

MetricId MetricNames::find(std::string_view name) const {
  if (const MetricId id = table_.find(name); id != kNoMetric) return id;
  const std::shared_lock lock(mutex_);
  const auto at = ids_.find(name);
  return at == ids_.end() ? kNoMetric : at->second;
}

MetricId MetricNames::intern(std::string_view name, Origin origin) {
  if (const MetricId id = find(name); id != kNoMetric) return id;
  std::unique_lock lock(mutex_);
  if (const auto at = ids_.find(name); at != ids_.end()) return at->second;
  const bool full = names_.size() >= (origin == Origin::user ? kMaxDynamic : kMaxDynamic - kForUsers);
  if (full || name.empty() || name.size() > kMaxNameLength) {
    lock.unlock();
    refused_.fetch_add(1, std::memory_order_relaxed);
    if (full) {
      static RateLimit limit(1, 60 * kSecond);
      log::warning(limit,
                   "the table of metric names is full; new names in rtmetric samples are ignored "
                   "(refusedMetricNames in /health/json). Let only agents reach the sFlow port, and restart weir");
    }
    return kNoMetric;
  }
  const MetricId id = table_.size() + static_cast<MetricId>(names_.size());
  ids_.emplace(names_.emplace_back(name), id);
  return id;
}

std::string_view MetricNames::name(MetricId id) const {
  if (id < table_.size()) return table_.name(id);
  const std::shared_lock lock(mutex_);
  const std::size_t i = id - table_.size();
  return i < names_.size() ? std::string_view(names_[i]) : std::string_view{};
}

MetricId MetricNames::size() const {
  const std::shared_lock lock(mutex_);
  return table_.size() + static_cast<MetricId>(names_.size());
}

}  // namespace weir::model
