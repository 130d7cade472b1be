#pragma once
#include <array>
#include <cstdint>

#include "wire/datagram.h"

namespace weir::query {

/// What a shard's relays did with the datagrams of /forwarding.
struct RelayFigures {
  std::uint64_t sent = 0, dropped = 0;
  static auto fields(auto& self, auto&& all) { return all(self.sent, self.dropped); }
};

/// What a shard counted since it was made. Plain numbers: the owner writes them, queries read them on its thread.
struct ShardFigures {
  std::uint64_t datagrams = 0, bytes = 0, flowSamples = 0, counterSamples = 0, discardSamples = 0, unknownSamples = 0;
  std::uint64_t malformedDatagrams = 0;  ///< with anything wrong in them, each once; unsupported versions apart
  std::uint64_t unsupportedVersion = 0;
  std::uint64_t refusedAgents = 0, refusedSources = 0, refusedSubAgents = 0;  ///< bounds of Limits reached
  std::uint64_t refusedArmings = 0;
  std::uint64_t displacedAgents = 0;  ///< forgotten to make room for others
  std::uint64_t refusedEdge = 0;      ///< updates of flows of the whole fabric that its shard was too busy to take
  std::uint64_t kernelDrops = 0;      ///< lost at the socket before we saw them
  std::uint64_t receiveErrors = 0;    ///< failures of the receive call itself
  RelayFigures relayed;               ///< by /forwarding
  std::array<std::uint64_t, static_cast<std::size_t>(wire::Fault::count)> faults{};

  void add(const ShardFigures& other);
  static auto fields(auto& self, auto&& all) {
    return all(self.datagrams, self.bytes, self.flowSamples, self.counterSamples, self.discardSamples,
               self.unknownSamples, self.malformedDatagrams, self.unsupportedVersion, self.refusedAgents,
               self.refusedSources, self.refusedSubAgents, self.refusedArmings, self.displacedAgents, self.refusedEdge,
               self.kernelDrops, self.receiveErrors, self.relayed, self.faults);
  }
};

/// The same, and what the shard has now.
struct ShardTotals {
  ShardFigures counted;
  std::uint64_t agents = 0;
  std::uint64_t flowTableBytes = 0;

  void add(const ShardTotals& other);
  static auto fields(auto& self, auto&& all) { return all(self.counted, self.agents, self.flowTableBytes); }
};

}  // namespace weir::query
