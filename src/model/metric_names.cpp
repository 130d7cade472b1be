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

MetricId MetricNames::findDynamic(std::string_view name, Origin origin) {
  const std::shared_lock lock(mutex_);
  const auto at = ids_.find(name);
  if (at == ids_.end()) return kNoMetric;
  if (origin == Origin::data) {
    auto& came = names_[at->second - table_.size()].cameWithData;
    if (!came.load(std::memory_order_relaxed)) came.store(true, std::memory_order_relaxed);
  }
  return at->second;
}

bool MetricNames::cameWithData(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto at = ids_.find(name);
  return at != ids_.end() && names_[at->second - table_.size()].cameWithData.load(std::memory_order_relaxed);
}

MetricId MetricNames::intern(std::string_view name, Origin origin) {
  if (const MetricId id = table_.find(name); id != kNoMetric) return id;
  if (const MetricId id = findDynamic(name, origin); id != kNoMetric) return id;
  std::unique_lock lock(mutex_);
  if (const auto at = ids_.find(name); at != ids_.end()) {  // another thread was faster
    if (origin == Origin::data) names_[at->second - table_.size()].cameWithData = true;
    return at->second;
  }
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
  Name& fresh = names_.emplace_back(name);
  fresh.cameWithData = origin == Origin::data;
  ids_.emplace(fresh.text, id);
  return id;
}

std::string_view MetricNames::name(MetricId id) const {
  if (id < table_.size()) return table_.name(id);
  const std::shared_lock lock(mutex_);
  const std::size_t i = id - table_.size();
  return i < names_.size() ? std::string_view(names_[i].text) : std::string_view{};
}

MetricId MetricNames::size() const {
  const std::shared_lock lock(mutex_);
  return table_.size() + static_cast<MetricId>(names_.size());
}

}  // namespace weir::model
