#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/question.h"
#include "query/source_key.h"

namespace weir::query {

class FlowLocationsQuery;

/// A flow at a data source that sees it.
struct FlowLocation {
  AgentId agent;
  wire::DataSource source;
  std::string key;  ///< as text
  double value = 0;
  static auto fields(auto& self, auto&& all) { return all(self.agent, self.source, self.key, self.value); }
};

struct FlowLocationsResult {
  std::vector<FlowLocation> locations;  ///< the one with the largest value first

  void writeJson(JsonWriter& json) const;
};

/// GET /flowlocations/{agent}/{name}/json: the data sources that see a flow.
struct FlowLocationsQuestion {
  using Query = FlowLocationsQuery;
  using Result = FlowLocationsResult;
  static constexpr std::string_view kName = "flowLocations";
  std::string agents, name;
  std::optional<std::string> key = {};  ///< as text; none: all flows
};

}  // namespace weir::query
