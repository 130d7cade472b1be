#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/time.h"
#include "engine/agent.h"
#include "engine/definitions.h"
#include "engine/edge_updates.h"
#include "engine/output.h"
#include "engine/relay.h"
#include "engine/settings.h"
#include "enrich/dns_names.h"
#include "flow/lookup.h"
#include "flow/sample_fields.h"
#include "flow/shared_fields.h"
#include "ingest/udp.h"
#include "model/host_locations.h"
#include "model/metric_names.h"

namespace weir::engine {

/// Hash of an agent address for the shard's table.
struct AgentHash {
  using is_avalanching = void;
  std::size_t operator()(const IpAddress& a) const { return a.hash(); }
};

/// The sender of a datagram: where an agent does not name itself it is the agent, otherwise it is rarely looked at, so
/// a socket's sender is converted only when asked for.
class Sender {
 public:
  Sender(const IpAddress& known) : known_(&known) {}  // NOLINT(google-explicit-constructor): the two are one to callers
  Sender(const ingest::Datagram& received) : received_(&received) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] IpAddress address() const { return known_ != nullptr ? *known_ : received_->source(); }

 private:
  const IpAddress* known_ = nullptr;
  const ingest::Datagram* received_ = nullptr;
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
  Relay::Figures relayed;             ///< by /forwarding
  std::array<std::uint64_t, static_cast<std::size_t>(wire::Fault::count)> faults{};

  void add(const ShardFigures& other);
};

/// Turns the datagrams of its agents into flows, metrics, thresholds and events. Owns every byte of their state and
/// takes no lock; nothing here knows of threads, sockets or the system clock.
/// Thread: one at a time, its owner.
class Shard {
 public:
  /// `names` must outlive the shard; all shards of an engine share it. `tableBytes`: what flow tables can grow to.
  explicit Shard(model::MetricNames& names, std::size_t tableBytes = Arena::kDefaultReserve);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Definitions to use from the next datagram on. State of definitions that are unchanged is kept.
  void adopt(std::shared_ptr<const Definitions> definitions);

  /// Tables made of what all shards learned from telemetry, to use from the next datagram on; they replace the last
  /// ones.
  void adopt(flow::LookupTables learned);
  /// From now on definitions may look up host names: what names() wants to know, somebody asks.
  void allowNames() { namesAllowed_ = true; }
  /// From now on flow records are made for IPFIX collectors, too. Before definitions are adopted.
  void allowExport() { exportAllowed_ = true; }
  /// The host names that this shard knows; nullptr while no definition wants any.
  [[nodiscard]] enrich::DnsNames* names() { return hostNames_.get(); }

  /// One datagram that arrived at `now`, never earlier than a previous one. `sender` names agents that do not name
  /// themselves. `ordinal` is its place in the capture (live: anything). Flow updates may wait for flush().
  void datagram(Bytes payload, Sender sender, Nanos now, std::uint64_t ordinal);
  /// Applies the flow updates that wait. Called at the end of each batch, and by the shard whenever time moves on.
  void flush();
  /// Ticks of the clock up to `now`, included: ends flow records. Ticks lie at multiples of kTick.
  void advance(Nanos now);
  static constexpr Nanos kTick = 100 * kMillisecond;
  /// Time of the last datagram. A question may be older than what it looks at.
  [[nodiscard]] Nanos now() const { return now_; }
  /// Agents age in turn, one phase of them a tick: metrics that grew too old go, and who was silent for long.
  static constexpr std::size_t kPhases = 100;
  static constexpr Nanos kSourceLifetime = 600 * kSecond;  ///< at least; more where flows live longer
  static constexpr Nanos kAgentLifetime = 3600 * kSecond;  ///< and not before its last data source went

  /// Events and flow records made since they were last taken; the taker empties it.
  std::vector<Output>& outputs() { return outputs_; }
  /// What samples since then add to the flows of the whole fabric, which another shard keeps; the taker empties it.
  EdgeUpdates& edge() { return edge_; }
  /// The fabric shard, which has no agents of its own, takes over what another one's edge() held, from `first` to
  /// `last` of it. Its flows are those of the data source that first saw a matching packet enter.
  void apply(const EdgeUpdates& from, std::size_t first, std::size_t last);
  /// Where a packet of a flow of the whole fabric came in last; nullptr: not known any more.
  struct Place {
    IpAddress agent;
    wire::DataSource source;
  };
  [[nodiscard]] const Place* enteredAt(const FlowEntry& flow, const std::uint8_t* key) const;
  /// Whether there are definitions of the whole fabric.
  [[nodiscard]] bool keepsFabric() const { return !edgeFlows_.empty(); }

  // --- what queries read, on the owner's thread
  [[nodiscard]] const ShardFigures& figures() const { return figures_; }
  ShardFigures& figures() { return figures_; }
  [[nodiscard]] const std::vector<std::unique_ptr<AgentState>>& agents() const { return agentList_; }
  [[nodiscard]] AgentState* findAgent(const IpAddress& address) const;
  [[nodiscard]] const Definitions& definitions() const { return *definitions_; }
  [[nodiscard]] const flow::KeysSeen& keysSeen() const { return keysSeen_; }
  /// Hosts heard at the edge of the topology, by this shard's agents.
  [[nodiscard]] const model::HostLocations& hosts() const { return hosts_; }
  [[nodiscard]] Arena& arena() { return arena_; }
  /// State of a definition at a data source, or nullptr when it saw no matching sample.
  [[nodiscard]] static const FlowState* flowState(const DataSourceState& source, const FlowEntry& flow);

 private:
  struct FlowRuntime;  // a definition in force, with its times and thresholds
  struct MetricThreshold;
  struct Watched;   // a data source as thresholds see it
  struct Measured;  // a flow as thresholds see it
  /// A table of flow records, and the earliest time at which one of them may be due.
  struct DueLog {
    Nanos at;
    std::shared_ptr<FlowLogState> log;  // lives on here when its data source is forgotten
    friend bool operator>(const DueLog& a, const DueLog& b) { return a.at > b.at; }
  };

  /// What a datagram says of all its samples.
  struct Origin {
    model::CounterContext counters;  // a discontinuity is for each stream of samples to say
    std::uint32_t start = 0;         // SubAgentState::start
    bool mayRepeat = false;          // it was seen before, or its sender does not number datagrams
  };

  AgentState* agentFor(const IpAddress& address, Nanos now);
  void takeSample(AgentState& agent, wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  DataSourceState* sourceFor(AgentState& agent, const wire::DataSource& id);
  Origin noteDatagram(AgentState& agent, const wire::DatagramHeader& header, Sender sender, Nanos now);
  void flowSample(AgentState& agent, wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  void counterSample(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  void noteAdapters(DataSourceState& source, const wire::Sample& sample);
  void customFlow(AgentState& agent, const wire::Sample& sample, wire::FaultCounts& faults);
  void customMetrics(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults);
  void evaluate(DataSourceState& source, bool discard);
  void update(FlowRuntime& flow);
  void updateCells(FlowRuntime& flow, std::size_t index, const std::uint8_t* key,
                   const flow::FlowCache::Context& context);
  void flowThresholds(DataSourceState& source, FlowRuntime& flow, const std::uint8_t* key, const Measured& measured);
  void metricChanged(const Watched& source, model::MetricId id, double value);
  void logFlow(DataSourceState& source, FlowRuntime& flow, const flow::FlowLogTable::Update& update);
  void emitFlowRecord(const DataSourceState& source, const FlowEntry& flow, const flow::FlowLogTable::Record& record,
                      Output::Phase phase, Nanos time);
  void emitEvent(const Watched& source, const ThresholdEntry& threshold, double value);
  void emitEvent(const Watched& source, const ThresholdEntry& threshold, const FlowRuntime& flow,
                 const std::uint8_t* key, const Measured& measured);
  void emitLargest(const Watched& source, const ThresholdEntry& threshold, const FlowRuntime& flow);
  bool makeRoom(ArmingState& state, Nanos timeout) const;
  void emit(event::Event event, const Watched& source, const ThresholdEntry& threshold, double value);
  static std::string_view keyBytes(const FlowRuntime& flow, const std::uint8_t* key);
  void fellBelow(const Watched& source, const ThresholdEntry& threshold, const FlowRuntime& flow,
                 const std::uint8_t* key);
  [[nodiscard]] bool passesFilter(const Watched& source, const ThresholdEntry& threshold) const;
  static ArmingState& armingFor(const Watched& source, const ThresholdEntry& threshold);
  FlowState* flowStateFor(DataSourceState& source, const FlowEntry& flow);
  /// The data source that holds the one cache of a definition at an agent: the first that matched.
  static DataSourceState& holderOf(AgentState& agent, const FlowEntry& flow, DataSourceState& first);
  // shard_edge.cpp
  [[nodiscard]] bool comesInAtEdge(const DataSourceState& source) const;
  void learnHost(const DataSourceState& source);
  void passOn(const FlowRuntime& flow, const DataSourceState& source, const std::uint8_t* key, double amount);
  FlowRuntime* runtimeOf(const EdgeUpdates::Update& update);
  void notePlace(const EdgeUpdates::Update& update, std::uint64_t hash);
  DataSourceState* edgeHolder(const EdgeUpdates::Update& update);
  void setTime(Nanos now);
  void forget(const FlowEntry& flow);
  void forget(const ThresholdEntry& threshold);
  /// The table of that name, or nullptr.
  [[nodiscard]] const flow::Lookup* lookup(const flow::LookupName& name);
  void findLookups(FlowRuntime& flow);
  [[nodiscard]] bool watches(const ArmingState& arming, const FlowEntry& flow) const;
  void endFlowRecords(Nanos tick);
  void expectFlowRecords(const std::shared_ptr<FlowLogState>& log);
  // shard_ageing.cpp
  void age(Nanos now);
  void ageAgents(std::size_t phase, Nanos at);
  void forgetSilentSources(AgentState& agent, Nanos at);
  [[nodiscard]] bool isSilent(const DataSourceState& source, Nanos at) const;
  void release(DataSourceState& source);
  void forget(std::vector<AgentState*>& gone);
  void dropForgottenLogs();
  bool displaceAgents(std::size_t most, const AgentState* keep);
  bool roomForAgent();
  bool roomForSource(AgentState& agent);

  model::MetricNames& names_;
  Arena arena_;
  std::shared_ptr<const Definitions> definitions_;
  flow::LookupTables learned_;
  const PortLookup links_{*this, &PortTexts::link}, nodes_{*this, &PortTexts::node},
      portNames_{*this, &PortTexts::name};
  bool namesAllowed_ = false, exportAllowed_ = false;
  std::unique_ptr<enrich::DnsNames> hostNames_;  // made when a definition first wants names
  std::vector<std::unique_ptr<FlowRuntime>> flows_;
  std::vector<FlowRuntime*> packetFlows_, discardFlows_;
  std::vector<FlowRuntime*> edgeFlows_;            // those of the whole fabric, by slot
  std::vector<MetricThreshold> metricThresholds_;  // sorted by metric id

  boost::unordered_flat_map<IpAddress, AgentState*, AgentHash> agents_;
  std::vector<std::unique_ptr<AgentState>> agentList_;  // in order of serial
  std::uint64_t lastSerial_ = 0;
  AgentState* lastAgent_ = nullptr;
  std::size_t sourceCount_ = 0;
  std::array<std::vector<AgentState*>, kPhases> phases_;
  Nanos sourceLifetime_ = kSourceLifetime;
  std::size_t hand_ = 0;           // place in agentList_ where displaceAgents() looks next
  std::vector<DueLog> dueLogs_;    // a heap, the earliest first: each table with open records, once
  std::size_t forgottenLogs_ = 0;  // of them, at most

  Nanos now_ = 0;
  Nanos nextTick_ = 0;
  std::int64_t agedTick_ = -1;  // number of the last tick whose agents aged
  std::uint64_t ordinal_ = 0;
  std::uint32_t position_ = 0;

  std::array<wire::Sample, 16> samples_;  // of one datagram, read ahead
  flow::SampleFields fields_;
  bool entersFabric_ = false;  // the sample of fields_ is of a packet that comes in at the edge of the topology
  flow::SharedFields shared_;  // of the keys of packetFlows_ and discardFlows_
  flow::SharedFields::Values values_;
  std::array<std::uint8_t, 128> synthetic_{};  // header bytes made from records
  std::vector<flow::FlowCache::Flow> top_;     // room for a look at a cache
  std::vector<std::uint64_t> adapters_;        // of one sample
  flow::KeysSeen keysSeen_;
  model::HostLocations hosts_;
  std::int64_t hostsAged_ = 0;  // number of the minute in which they aged
  ShardFigures figures_;
  std::vector<Output> outputs_;
  EdgeUpdates edge_;
  // Of the fabric shard, by slot: where the cache is, and where each flow came in last, by the hash of its key.
  std::vector<DataSourceState*> edgeHolders_;
  using Places = boost::unordered_flat_map<std::uint64_t, Place>;
  std::vector<Places> places_;
};

}  // namespace weir::engine
