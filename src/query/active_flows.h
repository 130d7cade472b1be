#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/agent_id.h"
#include "flow/value_cells.h"
#include "wire/datagram.h"

/// The flows of many data sources made one list. Plain values: contributions may come from anywhere.
namespace weir::query {

/// How flows of the same key at several data sources become one.
enum class AggMode : std::uint8_t {
  max,   ///< the largest, with its values: a packet that crosses several switches counts once
  sum,   ///< all of them
  edge,  ///< sum over the topology's ports that are not on links
  core,  ///< mean over the ports on links
};
/// In any case; nothing: no such mode.
[[nodiscard]] std::optional<AggMode> aggModeOf(std::string_view text);

/// What one data source says of one flow.
struct FlowContribution {
  std::string key;  ///< its octets, which all shards share
  AgentId agent;
  wire::DataSource source;
  std::vector<flow::ValueCells::Reading> values;  ///< the value of the definition, then its `values`
  static auto fields(auto& self, auto&& all) { return all(self.key, self.agent, self.source, self.values); }
};

struct ActiveFlow {
  std::string key;
  AgentId agent;  ///< of the largest contribution
  wire::DataSource source;
  std::uint32_t sources = 0;
  std::vector<flow::ValueCells::Reading> values;
};

/// The flows of all contributions, each key once, in no order. `functions` says what the values are. The order of the
/// contributions does not matter: sums are made in the order of agents and data sources.
[[nodiscard]] std::vector<ActiveFlow> mergeFlows(std::vector<FlowContribution>&& all, AggMode mode,
                                                 const std::vector<flow::ValueFunction>& functions);

}  // namespace weir::query
