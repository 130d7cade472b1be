#pragma once
// Inside the engine room only.
#include <memory>
#include <vector>

#include "engine/agent_table.h"
#include "engine/port_lookup.h"
#include "engine/shard_context.h"
#include "enrich/dns_names.h"
#include "flow/definition.h"
#include "flow/lookup.h"

namespace weir::engine {

/// What the definitions of a shard look things up in: tables of the snapshot, those made of what all shards learned
/// from telemetry, the ports of the shard's own agents, and host names. Thread: the shard's.
class ShardLookups {
 public:
  ShardLookups(const ShardContext& context, const AgentTable& agents)
      : context_(context),
        links_(context, agents, &query::PlaceNames::link),
        nodes_(context, agents, &query::PlaceNames::node),
        portNames_(context, agents, &query::PlaceNames::port) {}

  /// The tables that a definition names, in its order; nullptr: not there.
  [[nodiscard]] std::vector<const flow::Lookup*> of(const flow::CompiledDefinition& compiled);
  /// Replaces the tables of what was learned. Gives the last ones back, which must outlive what refers to them.
  [[nodiscard]] flow::LookupTables setLearned(flow::LookupTables learned);

  void allowNames() { namesAllowed_ = true; }
  /// nullptr while no definition wants any.
  [[nodiscard]] enrich::DnsNames* names() { return hostNames_.get(); }

 private:
  [[nodiscard]] const flow::Lookup* find(const flow::LookupName& name);

  const ShardContext& context_;
  const PortLookup links_, nodes_, portNames_;
  flow::LookupTables learned_;
  bool namesAllowed_ = false;
  std::unique_ptr<enrich::DnsNames> hostNames_;  // made when a definition first wants names
};

}  // namespace weir::engine
