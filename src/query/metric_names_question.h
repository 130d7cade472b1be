#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/time.h"
#include "query/question.h"

namespace weir::query {

class MetricNamesQuery;

struct MetricNamesResult {
  Nanos asked = 0;
  std::map<std::string, Nanos> newest;  ///< metric name → when it was last seen

  void writeJson(JsonWriter& json) const;
};

/// GET /metrics/json: every metric name, counters and flows, over all agents.
struct MetricNamesQuestion {
  using Query = MetricNamesQuery;
  using Result = MetricNamesResult;
  static constexpr std::string_view kName = "metricNames";
};

}  // namespace weir::query
