#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "model/sequence.h"

namespace weir::query {

/// What is known of the samples of one kind from one agent.
struct SampleFigures {
  std::uint64_t samples = 0;
  model::SequenceCounts sequence;  ///< over all data sources
  std::uint64_t dataSources = 0;
  std::uint64_t drops = 0;  ///< as the agent reports them; counter samples have none
};

/// The session of one agent: an element of GET /agents/json (rest-api.md 2.4).
struct AgentRecord {
  IpAddress agent;
  std::vector<IpAddress> sources;  ///< senders of its datagrams
  Nanos firstSeen = 0, lastSeen = 0;
  std::uint32_t uptimeMs = 0;
  std::uint64_t datagrams = 0;
  model::SequenceCounts datagramSequence;
  SampleFigures flow, counter, notification;
};

/// Immutable: shared by the shards. Shards add the records of the agents they own, one for each.
class AgentsQuery {
 public:
  explicit AgentsQuery(Nanos now) : now_(now) {}
  struct Partial {
    std::vector<AgentRecord> agents;
  };
  static void visit(AgentRecord record, Partial& partial) { partial.agents.push_back(std::move(record)); }
  static void merge(Partial& into, Partial&& from);
  void write(Partial partial, JsonWriter& json) const;

 private:
  Nanos now_;
};

}  // namespace weir::query
