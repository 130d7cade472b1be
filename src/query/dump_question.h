#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  /// The elements of that array, separated by commas.
  void appendRecords(std::string& out) const;
  /// Numeric metrics as lines `name{labels} value` of the Prometheus text format, version 0.0.4. All lines of a metric
  /// stand together, as the format wants it: metrics by name, in each the data sources in canonical order. Texts and
  /// flow metrics are left out; no series stands twice.
  /// Metrics with the names of other exports (prometheus_text.h) are left out, too.
  [[nodiscard]] std::string prometheusText(const ExportNames& exported) const;
};

/// One piece of a large result, so that it can be made and sent piece by piece: of these agents, in order, the matching
/// data sources behind `after`.
struct DumpPart {
  std::vector<AgentId> agents;          ///< sorted
  std::optional<SourceKey> after = {};  ///< the last data source of the piece before
  std::size_t most = SIZE_MAX;          ///< data sources; fewer in the result: these agents have no more
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
  std::optional<DumpPart> part = {};
  std::size_t mostOctets = SIZE_MAX;  ///< that records and text may take: beyond, tooLarge
};

}  // namespace weir::query
