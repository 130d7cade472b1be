#pragma once
#include "query/source_view.h"

namespace weir::query {

/// Adds every counter metric of a data source.
inline void addCounters(const SourceView& source, const model::MetricNames& names, SourceRecords& to,
                        RecordList& list) {
  if (source.counters == nullptr) return;
  source.counters->forEach(
      [&](model::MetricId id, const model::MetricValue& value) { list.add(to, id, names, value); });
}

/// Adds every flow metric of a data source.
inline void addFlows(const SourceView& source, bool withTopKeys, SourceRecords& to, RecordList& list) {
  if (source.flows == nullptr) return;
  source.flows->forEachFlowMetric(withTopKeys, [&](FlowMetric& metric) { list.add(to, std::move(metric)); });
}

}  // namespace weir::query
