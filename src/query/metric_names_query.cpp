#include "query/metric_names_query.h"

#include <algorithm>
#include <limits>

#include "query/record.h"

namespace weir::query {

namespace {

constexpr Nanos kNever = std::numeric_limits<Nanos>::min();

class FlowNames final : public FlowMetricReader::Visitor {
 public:
  explicit FlowNames(std::map<std::string, Nanos, std::less<>>& names) : names_(names) {}
  void flow(const FlowMetric& metric) override {
    const auto at = names_.find(metric.name);
    if (at == names_.end()) {
      names_.emplace(metric.name, metric.updated);
    } else {
      at->second = std::max(at->second, metric.updated);
    }
  }

 private:
  std::map<std::string, Nanos, std::less<>>& names_;
};

}  // namespace

void MetricNamesQuery::visit(const SourceView& view, Partial& partial) const {
  if (view.counters != nullptr) {
    view.counters->forEach([&](model::MetricId id, const model::MetricValue& value) {
      if (id >= partial.counters.size()) partial.counters.resize(std::max(id + 1, names_->size()), kNever);
      partial.counters[id] = std::max(partial.counters[id], value.updated);
    });
  }
  if (view.flows != nullptr) {
    FlowNames flows(partial.flows);
    view.flows->forEachFlowMetric(false, flows);
  }
}

void MetricNamesQuery::merge(Partial& into, Partial&& from) {
  if (into.counters.size() < from.counters.size()) into.counters.resize(from.counters.size(), kNever);
  for (std::size_t i = 0; i < from.counters.size(); ++i)
    into.counters[i] = std::max(into.counters[i], from.counters[i]);
  for (const auto& [name, updated] : from.flows) {
    const auto [at, added] = into.flows.emplace(name, updated);
    if (!added) at->second = std::max(at->second, updated);
  }
}

void MetricNamesQuery::write(const Partial& partial, JsonWriter& json) const {
  std::map<std::string_view, Nanos> newest(partial.flows.begin(), partial.flows.end());
  for (std::size_t id = 0; id < partial.counters.size(); ++id) {
    if (partial.counters[id] == kNever) continue;
    const auto [at, added] = newest.emplace(names_->name(static_cast<model::MetricId>(id)), partial.counters[id]);
    if (!added) at->second = std::max(at->second, partial.counters[id]);
  }
  json.beginObject();
  for (const auto& [name, updated] : newest) json.member(name, ageMs(now_, updated));
  json.endObject();
}

}  // namespace weir::query
