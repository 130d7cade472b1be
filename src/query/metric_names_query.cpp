#include "query/metric_names_query.h"

#include <algorithm>
#include <limits>

namespace weir::query {

void MetricNamesQuery::visit(const SourceView& source, Partial& partial) const {
  const auto note = [&](std::uint32_t place, Nanos updated) {
    if (place >= partial.newest.size()) partial.newest.resize(place + 1, std::numeric_limits<Nanos>::min());
    partial.newest[place] = std::max(partial.newest[place], updated);
  };
  if (source.counters != nullptr) {
    source.counters->forEach([&](model::MetricId id, const model::MetricValue& value) {
      note(partial.names.placeOf(id, *names_), value.updated);
    });
  }
  if (source.flows != nullptr) {
    source.flows->forEachFlowMetric(
        false, [&](const FlowMetric& metric) { note(partial.names.placeOf(metric.name), metric.updated); });
  }
}

void MetricNamesQuery::merge(Partial& into, Partial&& from) {
  into.newest.insert(into.newest.end(), from.newest.begin(), from.newest.end());
  (void)into.names.append(std::move(from.names));
}

Outcome<MetricNamesResult> MetricNamesQuery::finish(Partial&& partial) const {
  MetricNamesResult result{asked_, {}};
  for (std::size_t place = 0; place < partial.newest.size(); ++place) {
    const auto [at, added] = result.newest.emplace(partial.names.list()[place], partial.newest[place]);
    if (!added) at->second = std::max(at->second, partial.newest[place]);
  }
  return result;
}

void MetricNamesResult::writeJson(JsonWriter& json) const {
  json.beginObject();
  for (const auto& [name, updated] : newest) json.member(name, ageMs(asked, updated));
  json.endObject();
}

}  // namespace weir::query
