#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/agent_id.h"
#include "base/json_writer.h"
#include "query/question.h"

namespace weir::query {

class TopologyStatusQuery;

struct TopologyStatusResult {
  std::uint64_t nodes = 0, links = 0;
  std::vector<std::string> unmonitoredNodes;  ///< no telemetry comes from them
  std::vector<std::string> unmonitoredLinks;  ///< no agent tells of either end
  std::vector<std::string> linksWithOneEnd;   ///< an agent tells of one end only
  std::vector<std::string> linksDown;
  std::uint64_t hostAgents = 0;        ///< agents that are no node, but a host heard at the edge
  std::vector<AgentId> unknownAgents;  ///< agents that are neither

  void writeJson(JsonWriter& json) const;
};

/// GET /topology/status/json: how far telemetry covers the topology.
struct TopologyStatusQuestion {
  using Query = TopologyStatusQuery;
  using Result = TopologyStatusResult;
  static constexpr std::string_view kName = "topologyStatus";
};

}  // namespace weir::query
