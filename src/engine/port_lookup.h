#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "flow/lookup.h"
#include "query/place_names.h"

namespace weir::model {
class Topology;
}

namespace weir::engine {

class AgentTable;
struct AgentState;
struct ShardContext;

/// What is known of one port: the key functions link:, node: and ifname:, and the names of where a flow came in.
struct PortTexts {
  const model::Topology* topology = nullptr;  ///< that it was made with; of the shard's definitions
  Nanos looked = 0;                           ///< when the port's own names were looked at
  std::shared_ptr<const query::PlaceNames> names;
  bool edge = false;  ///< a port of the topology that is not on a link
};
/// By ifIndex. A text stays where it is when others come.
using PortTextsOfAgent = std::unordered_map<std::uint32_t, PortTexts>;

/// What flow keys tell of the ports of a shard's agents. Agents tell the names of their ports now and then, so these
/// are looked at again once a second of the engine's clock, and when the topology changed: what a sample gets depends
/// on what its own agent sent before. Thread: the shard's.
class PortLookup final : public flow::Lookup {
 public:
  PortLookup(const ShardContext& context, const AgentTable& agents, std::string query::PlaceNames::* text)
      : context_(context), agents_(agents), text_(text) {}
  [[nodiscard]] bool find(const flow::LookupKey& key, flow::Value& result) const override;

  static constexpr std::size_t kMaxPorts = 16'384;  ///< of an agent; further ones have no texts
  /// What is known of a port of an agent of the shard; nullptr: no port, or one too many.
  [[nodiscard]] static const PortTexts* textsOf(const ShardContext& context, AgentState& agent, std::uint64_t ifIndex);

 private:
  const ShardContext& context_;
  const AgentTable& agents_;
  std::string query::PlaceNames::* text_;
};

}  // namespace weir::engine
