#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/agent_id.h"
#include "base/json_writer.h"
#include "query/place_names.h"
#include "query/question.h"
#include "wire/datagram.h"

namespace weir::query {

class ActiveFlowsQuery;

struct ActiveFlowsResult {
  struct Flow {
    AgentId agent;  ///< where it is largest
    wire::DataSource source;
    std::uint32_t sources = 0;  ///< data sources that see it
    PlaceNames names;           ///< of that data source
    std::string key;            ///< as text
    double value = 0;
    std::vector<double> values;  ///< of the definition's `values`
  };
  std::vector<Flow> flows;  ///< the largest first
  /// Flows that there are, of which these are the largest: the definition's n and maxFlows bound an answer. Those that
  /// a flow cache has no room for are not counted.
  std::uint64_t total = 0;
  [[nodiscard]] std::uint64_t leftOut() const { return total > flows.size() ? total - flows.size() : 0; }

  void writeJson(JsonWriter& json) const;
};

/// GET /activeflows/{agent}/{name}/json: the largest flows now, those of several data sources merged.
struct ActiveFlowsQuestion {
  using Query = ActiveFlowsQuery;
  using Result = ActiveFlowsResult;
  static constexpr std::string_view kName = "activeFlows";
  std::string agents, name;
  std::uint32_t maxFlows = 100;
  double minValue = 0;
  std::string aggMode = "max";  ///< max, sum, edge or core
  friend auto operator<=>(const ActiveFlowsQuestion&, const ActiveFlowsQuestion&) = default;
};

}  // namespace weir::query
