#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "engine/agent_table.h"
#include "engine/fabric_edge.h"
#include "engine/fabric_flows.h"
#include "engine/flow_recorder.h"
#include "engine/flow_runner.h"
#include "engine/sender.h"
#include "engine/shard_context.h"
#include "engine/shard_lookups.h"
#include "engine/threshold_watch.h"
#include "flow/definition.h"
#include "flow/sample_reader.h"

namespace weir::engine {

/// Turns the datagrams of its agents into flows, metrics, thresholds and events. Owns every byte of their state and
/// takes no lock; nothing here knows of threads, sockets or the system clock.
/// Reads datagrams, counts them and their samples, and gives each sample to the part that keeps what it is about:
///   AgentTable      agents and data sources, and how they are forgotten
///   FlowRunner      definitions over samples, the flow tables of data sources
///   ThresholdWatch  thresholds on metrics and flows
///   FlowRecorder    flow records
///   FabricEdge      which packets enter the fabric, and hosts heard there
///   FabricFlows     at the fabric shard: flows of the whole fabric
/// Thread: one at a time, its owner.
class Shard final : private AgentTable::Keeper {
 public:
  /// `names` must outlive the shard; all shards of an engine share it. `tableBytes`: what flow tables can grow to.
  explicit Shard(model::MetricNames& names, std::size_t tableBytes = Arena::kDefaultReserve);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Definitions to use from the next datagram on. State of definitions that are unchanged is kept; the others, and
  /// each flow while the list of flows changes, cost time.
  void adopt(std::shared_ptr<const Definitions> definitions);
  /// Tables made of what all shards learned from telemetry, to use from the next datagram on; they replace the last
  /// ones.
  void adopt(flow::LookupTables learned);
  /// From now on definitions may look up host names: names() says which are wanted.
  void allowNames() { lookups_.allowNames(); }
  /// From now on flow records are made for IPFIX collectors, too. Before definitions are adopted.
  void allowExport() { recorder_.allowExport(); }
  /// Datagrams come from a socket: what takes too long here loses others. Before the first.
  void beLive() { flows_.patterns().beLive(); }
  /// The host names that this shard knows; nullptr while no definition wants any.
  [[nodiscard]] enrich::DnsNames* names() { return lookups_.names(); }

  /// One datagram that arrived at `now`, never earlier than a previous one. `sender` names agents that do not name
  /// themselves. `ordinal` is its place in the capture (live: anything). Flow updates may wait for flush().
  void datagram(Bytes payload, Sender sender, Nanos now, std::uint64_t ordinal);
  /// How far the system's clock is ahead of that of `now` (timeOfDayOffset): time stamps of what is made from now on
  /// follow it. 0 until it is told, and in replay.
  void setTimeOfDay(Nanos offset) { context_.timeOfDayOffset = offset; }
  /// Applies the flow updates that wait. Called at the end of each batch, and by the shard whenever time moves on.
  void flush() override { flows_.flush(); }
  /// Ticks of the clock up to `now`, included: ends flow records and forgets what fell silent.
  void advance(Nanos now);
  static constexpr Nanos kTick = engine::kTick;
  /// Time of the last datagram. A question may be older than what it looks at.
  [[nodiscard]] Nanos now() const { return context_.now; }

  /// Events and flow records made since they were last taken; the taker empties it.
  std::vector<Output>& outputs() { return context_.outputs.list(); }
  /// What samples since then add to the flows of the whole fabric, which another shard keeps; the taker empties it.
  EdgeUpdates& edge() { return flows_.edge(); }
  /// The fabric shard, which has no agents of its own, takes over what another one's edge() held, from `first` to
  /// `last` of it. Its flows are those of the data source that first saw a matching packet enter.
  void apply(const EdgeUpdates& from, std::size_t first, std::size_t last);
  /// Whether there are definitions of the whole fabric.
  [[nodiscard]] bool keepsFabric() const { return flows_.keepsFabric(); }

  // --- what queries read, on the owner's thread
  [[nodiscard]] const ShardFigures& figures() const { return context_.figures; }
  ShardFigures& figures() { return context_.figures; }
  [[nodiscard]] const std::vector<std::unique_ptr<AgentState>>& agents() const { return agents_.list(); }
  /// Numbered data sources, of all agents.
  [[nodiscard]] std::size_t sourceCount() const { return agents_.sourceCount(); }
  [[nodiscard]] AgentState* findAgent(const AgentId& id) const { return agents_.find(id); }
  [[nodiscard]] const Definitions& definitions() const { return *context_.definitions; }
  [[nodiscard]] const flow::KeysSeen& keysSeen() const { return keysSeen_; }
  /// Hosts heard at the edge of the topology, by this shard's agents.
  [[nodiscard]] const model::HostLocations& hosts() const { return fabricEdge_.hosts(); }
  /// Flow definitions, and metrics that thresholds look at, which nothing came for so far.
  [[nodiscard]] std::vector<query::Uncounted> uncountedFlows() const { return flows_.uncounted(); }
  [[nodiscard]] std::vector<query::Uncounted> unseenMetrics() const { return thresholds_.uncounted(); }
  [[nodiscard]] Arena& arena() { return context_.arena; }
  /// Flows above the limit of a threshold in force that found no room among those that are remembered.
  [[nodiscard]] ThresholdWatch::Figures figures(const ThresholdEntry& threshold) const {
    return thresholds_.figures(threshold);
  }
  /// How often the definition was suspended, since its regular expressions took too long.
  [[nodiscard]] PatternGuard::Figures figures(const FlowEntry& flow) const { return flows_.patterns().figures(flow); }
  /// State of a definition at a data source, or nullptr when it saw no matching sample.
  [[nodiscard]] static const FlowState* flowState(const DataSourceState& source, const FlowEntry& flow) {
    return engine::flowState(source, flow);
  }
  /// Where flows of the whole fabric came in; of the fabric shard.
  [[nodiscard]] const FabricFlows& fabric() const { return fabric_; }

 private:
  /// What a datagram says of all its samples.
  struct Origin {
    model::CounterContext counters;  // a discontinuity is for each stream of samples to say
    std::uint32_t start = 0;         // SubAgentState::start
    bool numberSeen = false;         // of the datagram, before
    bool mayRepeat = false;          // that, or its sender does not number datagrams
    bool repeats = false;            // it is the same as the last one with its number
  };

  /// Whose a datagram is.
  struct Owner {
    AgentState* agent = nullptr;        // nullptr: refused
    SubAgentState* subAgent = nullptr;  // nullptr: the agent has as many as it may have
    bool beganAnew = false;             // its sender is another one, and it does not go on where the last ended
  };

  void setTime(Nanos now);
  Owner ownerOf(const wire::DatagramHeader& header, const IpAddress& sender, Bytes payload);
  SubAgentState* subAgentOf(AgentState& agent, std::uint32_t id);
  static void noteSender(AgentState& agent, const IpAddress& sender);
  Origin noteDatagram(const Owner& owner, const wire::DatagramHeader& header, Bytes payload);
  static bool isRepeated(const Origin& origin, model::SequenceStep step);
  void countFaults(AgentState& agent, const wire::FaultCounts& faults);
  void takeSample(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  void flowSample(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  void customFlow(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  void counterSample(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  void noteAdapters(DataSourceState& source, const wire::Sample& sample);
  void customMetrics(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  void forget(const FlowEntry& flow);
  void expire(AgentState& agent, Armings& armings, Nanos now) override { thresholds_.expire(agent, armings, now); }
  void release(DataSourceState& source) override;
  void released() override { recorder_.released(); }

  ShardContext context_;
  AgentTable agents_{context_, *this};
  ShardLookups lookups_{context_, agents_};
  FabricEdge fabricEdge_{context_};
  FabricFlows fabric_{context_, agents_};
  ThresholdWatch thresholds_{context_, fabric_};
  FlowRecorder recorder_{context_, fabric_};
  FlowRunner flows_{context_, lookups_, thresholds_, recorder_};

  Nanos nextTick_ = 0;
  std::array<wire::Sample, 16> samples_;  // of one datagram, read ahead
  flow::SampleReader reader_;
  flow::KeysSeen keysSeen_;
  std::vector<std::uint64_t> adapters_;  // of one sample
};

}  // namespace weir::engine
