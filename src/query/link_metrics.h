#pragma once
#include <array>

#include "query/link_ends_question.h"
#include "query/metric_question.h"

namespace weir::query {

/// GET /topology/link/{link}/{metric}/json: what the ports at both ends of a link say of metrics.
struct LinkMetrics {
  LinkEndsResult link;
  std::array<MetricResult, 2> metrics;  ///< without summaries where no agent tells of the end

  void writeJson(JsonWriter& json) const;
};

}  // namespace weir::query
