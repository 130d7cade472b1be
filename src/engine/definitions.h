#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/entry_list.h"
#include "engine/forwarding.h"
#include "enrich/named_set.h"
#include "event/threshold.h"
#include "flow/definition.h"
#include "flow/flow_cache.h"
#include "flow/flow_log.h"
#include "flow/lookup.h"
#include "ipfix/flow_export.h"
#include "model/topology.h"
#include "query/selector.h"

namespace weir::engine {

/// What definitions in force have in common. The slot is where state is kept of one; a slot is used again after a
/// definition went, and the generation tells the state of the old one from the new one's.
struct Defined {
  std::string name;
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  std::vector<std::string> hints;  ///< what is legal in it but hardly meant, a sentence each
};

/// A flow definition in force.
struct FlowEntry : Defined {
  bool hidden = false;  ///< a probe (Engine::startProbe): no query shows it
  std::shared_ptr<const flow::CompiledDefinition> compiled;
  flow::FlowCache::Shape cache;
  flow::FlowLogTable::Shape log;
  std::shared_ptr<const ipfix::FlowExport> ipfix;  ///< nullptr: its records go to no collector
};

/// Names of probes begin with an octet that no user's name may have, so that they cannot collide with one.
inline constexpr char kHiddenMark = '\x01';
[[nodiscard]] inline bool isHiddenName(std::string_view name) {
  return name.starts_with(kHiddenMark);
}

struct ThresholdEntry : Defined {
  event::Threshold threshold;
  std::string metric;                     ///< threshold.metric without its data source prefix
  std::optional<std::string> dataSource;  ///< that prefix
  query::Filter filter;                   ///< threshold.filter, ready to use
};

struct ForwardingEntry : Defined {
  Forwarding forwarding;
};

/// A group or a map.
struct SetEntry : Defined {
  enrich::NamedSet set;
  Nanos updated = 0;  ///< of the engine's clock
};

/// Everything that users define, as one immutable value: shards swap it as a whole. What two of them have in common is
/// shared.
struct Definitions {
  EntryList<FlowEntry> flows;
  EntryList<ThresholdEntry> thresholds;
  EntryList<SetEntry> groups, maps;
  EntryList<ForwardingEntry> forwarding;
  std::shared_ptr<const flow::LookupTables> databases = std::make_shared<flow::LookupTables>();
  /// The groups, maps and databases that the flows look things up in, as far as they are there.
  std::shared_ptr<const flow::LookupTables> lookups = std::make_shared<flow::LookupTables>();
  std::uint32_t flowSlots = 0;  ///< slots in use or used before
  std::uint32_t thresholdSlots = 0;
  std::shared_ptr<const model::Topology> topology = std::make_shared<model::Topology>();
};

/// The table of that name; nullptr: it is not there, or is none that users define.
[[nodiscard]] inline std::shared_ptr<const flow::Lookup> tableOf(const Definitions& definitions,
                                                                 const flow::LookupName& name) {
  if (name.kind == flow::LookupKind::group || name.kind == flow::LookupKind::map) {
    const SetEntry* const set =
        (name.kind == flow::LookupKind::group ? definitions.groups : definitions.maps).find(name.name);
    return set == nullptr ? nullptr : set->set.table;
  }
  const auto it = definitions.databases->find(name);
  return it == definitions.databases->end() ? nullptr : it->second;
}

}  // namespace weir::engine
