#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/forwarding.h"
#include "event/threshold.h"
#include "flow/definition.h"
#include "flow/flow_cache.h"
#include "flow/flow_log.h"
#include "flow/lookup.h"
#include "ipfix/flow_export.h"
#include "model/topology.h"
#include "query/selector.h"

namespace weir::engine {

/// A flow definition in force. Its slot is where each data source keeps its state; a slot is used again after a
/// definition went, and the generation tells the state of the old one from the new one's.
struct FlowEntry {
  bool hidden = false;  ///< a probe (Engine::startProbe): no query shows it
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
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

struct ThresholdEntry {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  std::string name;
  event::Threshold threshold;
  std::string metric;                     ///< threshold.metric without its data source prefix
  std::optional<std::string> dataSource;  ///< that prefix
  query::Filter filter;                   ///< threshold.filter, ready to use
};

/// Everything that users define, as one immutable value: shards swap it as a whole.
struct Definitions {
  std::vector<FlowEntry> flows;            ///< in order of name
  std::vector<ThresholdEntry> thresholds;  ///< in order of name
  std::vector<Forwarding> forwarding;      ///< relays, in order of name
  /// The tables that the flows look things up in, as far as they are there.
  flow::LookupTables lookups;
  std::uint32_t flowSlots = 0;  ///< slots in use or used before
  std::uint32_t thresholdSlots = 0;
  std::shared_ptr<const model::Topology> topology = std::make_shared<model::Topology>();
};

}  // namespace weir::engine
