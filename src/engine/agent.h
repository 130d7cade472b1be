#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/agent_id.h"
#include "base/time.h"
#include "engine/port_lookup.h"
#include "event/flow_armings.h"
#include "event/threshold.h"
#include "flow/flow_cache.h"
#include "flow/flow_log.h"
#include "model/counter_state.h"
#include "model/sender_watch.h"
#include "model/sequence.h"
#include "wire/datagram.h"

/// What a shard remembers of an agent. All of it is owned by that shard's thread.
namespace weir::engine {

inline constexpr std::uint32_t kDirectPorts = 512;  ///< indexes below are found in AgentState::ports

struct AgentState;
struct DataSourceState;
struct FlowEntry;

/// State of one flow definition at one data source (or at an agent, for definitions of that scope): one cache line.
struct alignas(64) FlowState {
  flow::FlowCache cache;
  std::uint32_t generation = 0;  ///< of the definition it belongs to; another one: stale
  Nanos updated = 0;             ///< last matching sample
  DataSourceState* source = nullptr;
};
static_assert(sizeof(FlowState) == 64);

/// Flow records being made: few data sources have some.
struct FlowLogState {
  DataSourceState* source = nullptr;  ///< nullptr: forgotten
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  flow::FlowLogTable table;
};
/// What is remembered of a threshold at a data source where its limit was crossed, until it may fire again.
struct ArmingState {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  Nanos nextLook = 0;        ///< when it may be asked again whether the largest flow is still above the limit
  event::Arming all;         ///< thresholds that are not byFlow
  event::FlowArmings flows;  ///< those that are
};
using Armings = std::vector<ArmingState>;  ///< by slot

/// One data source of an agent. What every flow sample needs stands in the first cache line.
struct alignas(64) DataSourceState {
  AgentState* agent = nullptr;
  FlowState* flows = nullptr;  ///< by slot of the definition; from the shard's arena
  std::uint32_t flowSlots = 0;
  std::uint32_t flowDrops = 0;  ///< as the agent last said, cumulative
  wire::DataSource id;
  model::SequenceTracker flowSequence;
  std::uint32_t flowStart = 0;  ///< as SubAgentState::start: the last that its flow samples know of
  Nanos lastSample = 0;         ///< of any kind
  bool sentFlowSamples = false, sentCounterSamples = false, sentDiscards = false;

  model::SequenceTracker counterSequence, discardSequence;
  std::uint32_t counterStart = 0, discardStart = 0;  ///< as flowStart
  std::uint32_t discardDrops = 0;
  model::CounterState counters;
  std::unique_ptr<std::vector<std::uint64_t>> macs;  ///< of its adapters, once it named them (0:2001)
  std::vector<std::shared_ptr<FlowLogState>> logs;
  Armings armings;
};

/// A data source with a name instead of a class and index: custom metrics (4300:1002).
struct CustomSourceState {
  std::string name;
  std::uint32_t start = 0;  ///< as DataSourceState::flowStart
  model::CounterState counters;
  Armings armings;
};

/// What the regular expressions of a definition cost (PatternGuard).
struct PatternUse {
  std::uint32_t generation = 0;  ///< of the definition
  std::int64_t second = 0;       ///< of the clock, for which `steps` counts
  std::uint64_t steps = 0;
  Nanos suspendedUntil = 0;
};

struct SubAgentState {
  std::uint32_t id = 0;
  std::uint32_t start = 0;  ///< AgentState::restarts when it last began anew
  model::SequenceTracker sequence;
  model::UptimeTracker uptime;
  model::SenderWatch senders;
  std::uint64_t lowContent =
      0;  ///< hash of the last datagram with number 0 or 1: these numbers alone tell no repetition
};

struct AgentState {
  std::uint64_t serial = 0;  ///< increasing in a shard: the order of its agents
  std::size_t phase = 0;     ///< of ageing
  std::size_t place = 0;     ///< among the agents of that phase
  AgentId id;
  std::string text;  ///< of the id
  Nanos firstSeen = 0, lastSeen = 0;
  std::uint32_t uptimeMs = 0;
  std::vector<IpAddress> senders;  ///< where its datagrams came from, the first few
  std::vector<SubAgentState> subAgents;
  std::uint32_t restarts = 0;  ///< of all its sub-agents, by their uptime
  std::uint64_t datagrams = 0, flowSamples = 0, counterSamples = 0, discardSamples = 0;
  model::SequenceCounts datagramSequence, flowSequence, counterSequence, discardSequence;
  std::uint64_t unknownSamples = 0, refusedSources = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(wire::Fault::count)> faults{};
  boost::unordered_flat_map<std::uint64_t, DataSourceState*> sources;  ///< from the shard's arena
  std::vector<DataSourceState*>
      ports;  ///< those of class 0 and small index once more: the usual ones, without a search
  std::vector<DataSourceState*> ordered;  ///< the same, by class and index: the order of every answer
  std::size_t armingBytes = 0;            ///< of the tables of flows above a limit, at all its data sources
  PortTextsOfAgent portTexts;             ///< of ports that flow keys asked about
  DataSourceState* host = nullptr;        ///< data source 2.1
  std::map<std::string, std::unique_ptr<CustomSourceState>, std::less<>> custom;
  /// For definitions with one cache an agent: the data source that holds it, the first that matched; by slot.
  std::vector<DataSourceState*> holders;
  std::vector<PatternUse> patternUse;  ///< by slot; of definitions that try patterns
};

/// State of a definition at a data source, or nullptr when it saw no matching sample.
[[nodiscard]] const FlowState* flowState(const DataSourceState& source, const FlowEntry& flow);

/// `class 0`: the ifIndex alone; else `class.index` (docs/metrics.md).
[[nodiscard]] std::string dataSourceText(const wire::DataSource& source);

}  // namespace weir::engine
