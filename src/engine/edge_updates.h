#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/agent_id.h"
#include "base/time.h"
#include "flow/value_cells.h"
#include "query/place_names.h"
#include "wire/datagram.h"

namespace weir::engine {

/// What samples that enter the fabric add to definitions with one cache for all of it (docs/flow-definitions.md,
/// aggMode edge): made by the shards, kept by the fabric shard. Plain values, in the order of the samples.
struct EdgeUpdates {
  struct Update {
    Nanos time;
    std::uint64_t datagram;  ///< its place in the capture
    AgentId agent;           ///< who saw the packet enter, and where
    wire::DataSource source;
    std::shared_ptr<const query::PlaceNames> names;  ///< of that place; may be nullptr
    std::uint32_t slot, generation;                  ///< of the definition
    double amount;
    double weight;        ///< samples that it stands for
    std::size_t key;      ///< where its octets begin in `keys`
    std::uint32_t value;  ///< where its values begin in `values`
  };
  std::vector<Update> updates;
  std::vector<std::uint8_t> keys;
  std::vector<flow::SampleValue> values;  ///< of definitions with cells

  [[nodiscard]] bool empty() const { return updates.empty(); }
};

}  // namespace weir::engine
