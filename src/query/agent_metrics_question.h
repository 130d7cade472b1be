#pragma once
#include <string>
#include <string_view>

#include "query/question.h"
#include "query/records.h"

namespace weir::query {

class AgentMetricsQuery;

struct AgentMetricsResult {
  RecordList records;  ///< of one agent, in canonical order; a data source may have none

  /// `{"<dataSource>.<metric>":value}`
  void writeJson(JsonWriter& json) const;
};

/// GET /metric/{agent}/json: everything that one agent reports.
struct AgentMetricsQuestion {
  using Query = AgentMetricsQuery;
  using Result = AgentMetricsResult;
  static constexpr std::string_view kName = "agentMetrics";
  std::string agent;  ///< an address or name; ALL and the like are names like any other
};

}  // namespace weir::query
