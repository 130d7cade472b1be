#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/agent_id.h"
#include "base/time.h"
#include "model/sequence.h"

namespace weir::query {

/// What is known of the samples of one kind from one agent.
struct SampleFigures {
  std::uint64_t samples = 0;
  model::SequenceCounts sequence;  ///< over all data sources
  std::uint64_t dataSources = 0;
  std::uint64_t drops = 0;  ///< as the agent reports them; counter samples have none
  static auto fields(auto& self, auto&& all) { return all(self.samples, self.sequence, self.dataSources, self.drops); }
};

/// The session of one agent.
struct AgentRecord {
  AgentId agent;
  std::vector<IpAddress> sources;  ///< senders of its datagrams
  Nanos firstSeen = 0, lastSeen = 0;
  std::uint32_t uptimeMs = 0;
  std::uint64_t datagrams = 0;
  model::SequenceCounts datagramSequence;
  SampleFigures flow, counter, notification;
  static auto fields(auto& self, auto&& all) {
    return all(self.agent, self.sources, self.firstSeen, self.lastSeen, self.uptimeMs, self.datagrams,
               self.datagramSequence, self.flow, self.counter, self.notification);
  }
};

/// What was wrong with the telemetry of one agent: name and how often.
struct AgentFaults {
  AgentId agent;
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  static auto fields(auto& self, auto&& all) { return all(self.agent, self.counts); }
};

/// A flow definition whose regular expressions took too long.
struct SuspendedFlow {
  std::string name;
  std::uint64_t suspensions = 0;
  std::uint64_t skippedSamples = 0;  ///< that it did not look at
  bool suspended = false;            ///< now
  static auto fields(auto& self, auto&& all) {
    return all(self.name, self.suspensions, self.skippedSamples, self.suspended);
  }
};

/// An agent address that several devices have.
struct SharedAddress {
  IpAddress address;
  IpAddress sender;               ///< the one of them that is the agent of that address
  std::vector<IpAddress> others;  ///< senders of the others: agents with their sender in the name, sorted
  static auto fields(auto& self, auto&& all) { return all(self.address, self.sender, self.others); }
  friend auto operator<=>(const SharedAddress&, const SharedAddress&) = default;
};

/// Flows above the limit of a byFlow threshold that found no room among those that are remembered.
struct ThresholdAtBound {
  std::string threshold;
  std::uint64_t refusedFlows = 0;    ///< they had no event
  std::uint64_t displacedFlows = 0;  ///< forgotten for larger ones: they may have a second event
  static auto fields(auto& self, auto&& all) { return all(self.threshold, self.refusedFlows, self.displacedFlows); }
};

}  // namespace weir::query
