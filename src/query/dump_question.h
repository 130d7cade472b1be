#pragma once
#include <string>
#include <string_view>

#include "query/prometheus_text.h"
#include "query/question.h"
#include "query/records.h"

namespace weir::query {

class DumpQuery;

struct DumpResult {
  Nanos asked = 0;
  RecordList
      records;  ///< in canonical order; at one data source counters as they appeared or were asked for, then flows

  /// Large, so it is appended where it stays.
  void appendJson(std::string& out) const;
  /// Numeric metrics as lines `name{labels} value` of the Prometheus text format, version 0.0.4. All lines of a metric
  /// stand together, as the format wants it: metrics by name, in each the data sources in canonical order. Texts and
  /// flow metrics are left out; no series stands twice.
  /// Metrics with the names of other exports (prometheus_text.h) are left out, too.
  [[nodiscard]] std::string prometheusText(const ExportNames& exported) const;
};

/// GET /dump/{agent}/{metric}/json and /prometheus/metrics/{agent}/{metric}/txt: every matching value.
struct DumpQuestion {
  using Query = DumpQuery;
  using Result = DumpResult;
  static constexpr std::string_view kName = "dump";
  std::string agents, metrics;
  Parameters filter = {};
  bool flows = true;         ///< flow metrics, too
  bool sourceNames = false;  ///< what data sources are called, too
};

}  // namespace weir::query
