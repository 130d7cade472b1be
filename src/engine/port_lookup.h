#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "flow/lookup.h"

namespace weir::model {
class Topology;
}

namespace weir::engine {

class AgentTable;
struct AgentState;
struct ShardContext;

/// What is known of one port, as text: the key functions link:, node: and ifname:.
struct PortTexts {
  const model::Topology* topology = nullptr;  ///< that it was made with; of the shard's definitions
  Nanos looked = 0;                           ///< when the port's own names were looked at
  std::string link, node, name;               ///< empty: there is none
  bool edge = false;                          ///< a port of the topology that is not on a link
};
/// By ifIndex. A text stays where it is when others come.
using PortTextsOfAgent = std::unordered_map<std::uint32_t, PortTexts>;

/// What flow keys tell of the ports of a shard's agents. Agents tell the names of their ports now and then, so these
/// are looked at again once a second of the engine's clock, and when the topology changed: what a sample gets depends
/// on what its own agent sent before. Thread: the shard's.
class PortLookup final : public flow::Lookup {
 public:
  PortLookup(const ShardContext& context, const AgentTable& agents, std::string PortTexts::*text)
      : context_(context), agents_(agents), text_(text) {}
  [[nodiscard]] bool find(const flow::LookupKey& key, flow::Value& result) const override;

  static constexpr std::size_t kMaxPorts = 16'384;  ///< of an agent; further ones have no texts
  /// What is known of a port of an agent of the shard; nullptr: no port, or one too many.
  [[nodiscard]] static const PortTexts* textsOf(const ShardContext& context, AgentState& agent, std::uint64_t ifIndex);

 private:
  const ShardContext& context_;
  const AgentTable& agents_;
  std::string PortTexts::*text_;
};

}  // namespace weir::engine
