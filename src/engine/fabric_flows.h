#pragma once
// Inside the engine room only.
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/agent_table.h"
#include "engine/edge_updates.h"
#include "engine/shard_context.h"

namespace weir::engine {

/// Where the fabric shard keeps the flows of definitions with one cache for the whole fabric, and where each flow came
/// in last. Thread: the fabric shard's.
class FabricFlows {
 public:
  /// Where a packet came in.
  struct Place {
    AgentId agent;
    wire::DataSource source;
    std::shared_ptr<const query::PlaceNames> names;  ///< as they were then; may be nullptr
  };

  FabricFlows(ShardContext& context, AgentTable& agents) : context_(context), agents_(agents) {}

  /// The data source that holds the cache of the definition: the one that first saw a matching packet enter. nullptr:
  /// refused.
  DataSourceState* holderOf(const EdgeUpdates::Update& update);
  /// The packet of the flow whose key has this hash came in there.
  void note(const EdgeUpdates::Update& update, std::uint64_t hash);
  /// Where a packet of a flow came in last; nullptr: not known any more, or no flow of the whole fabric.
  [[nodiscard]] const Place* enteredAt(const FlowEntry& flow, const std::uint8_t* key) const;

  void forget(const FlowEntry& flow);
  void release(DataSourceState& source);

 private:
  using Places = boost::unordered_flat_map<std::uint64_t, Place>;  // by the hash of the key

  ShardContext& context_;
  AgentTable& agents_;
  std::vector<DataSourceState*> holders_;  // by slot
  std::vector<Places> places_;             // by slot
};

}  // namespace weir::engine
