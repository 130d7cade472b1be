#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/agent_record.h"
#include "query/prometheus_text.h"
#include "query/question.h"

namespace weir::query {

class AgentsQuery;

struct AgentsResult {
  Nanos asked = 0;
  std::vector<AgentRecord> agents;  ///< by address
  Nanos timeOfDayOffset = 0;        ///< added to their times, it gives the time of day

  void writeJson(JsonWriter& json) const;
  /// The time of each agent's last datagram as a gauge, unix seconds (docs/prometheus.md).
  [[nodiscard]] std::string prometheusText(const ExportNames& exported) const;
};

/// GET /agents/json: the agents that send telemetry.
struct AgentsQuestion {
  using Query = AgentsQuery;
  using Result = AgentsResult;
  static constexpr std::string_view kName = "agents";
  std::vector<std::string> agents = {};  ///< only these, named as in a path; empty: all
};

}  // namespace weir::query
