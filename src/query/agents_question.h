#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/agent_record.h"
#include "query/question.h"

namespace weir::query {

class AgentsQuery;

struct AgentsResult {
  Nanos asked = 0;
  std::vector<AgentRecord> agents;  ///< by address

  void writeJson(JsonWriter& json) const;
};

/// GET /agents/json: the agents that send telemetry.
struct AgentsQuestion {
  using Query = AgentsQuery;
  using Result = AgentsResult;
  static constexpr std::string_view kName = "agents";
  std::vector<std::string> agents = {};  ///< only these, named as in a path; empty: all
};

}  // namespace weir::query
