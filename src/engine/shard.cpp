#include "engine/shard.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "decode/synthetic.h"
#include "engine/bounds.h"
#include "engine/ipfix_export.h"
#include "engine/shard_runtime.h"
#include "wire/flow_records.h"
#include "wire/record_table.h"
#include "wire/rt.h"

namespace weir::engine {

namespace {

void checkRecord(wire::RecordSpace space, const wire::Record& record, wire::FaultCounts& faults) {
  const wire::RecordSpec* spec = wire::recordSpec(space, record);
  if (spec == nullptr) return;
  if (const wire::Fault fault = wire::checkRecord(*spec, record); fault != wire::kNoFault) faults.add(fault);
}

/// Faults in the records of a sample that goes no further: what is malformed counts all the same.
void checkRecords(wire::RecordSpace space, wire::RecordReader records, wire::FaultCounts& faults) {
  wire::Record record;
  while (records.next(record)) checkRecord(space, record, faults);
  if (records.fault() != wire::kNoFault) faults.add(records.fault());
}

/// True once after each restart, for a stream of samples that knew of the restart `known` until now. Restarts of an
/// agent are numbered over all its sub-agents, so two that share a data source do not undo each other's.
bool beganAnew(std::uint32_t& known, std::uint32_t start) {
  if (static_cast<std::int32_t>(start - known) <= 0) return false;
  known = start;
  return true;
}

}  // namespace

std::string dataSourceText(const wire::DataSource& source) {
  if (source.cls == 0) return std::to_string(source.index);
  return std::to_string(source.cls) + "." + std::to_string(source.index);
}

Shard::Shard(model::MetricNames& names, std::size_t tableBytes)
    : names_(names), arena_(tableBytes), definitions_(std::make_shared<Definitions>()) {}

Shard::~Shard() {
  for (const auto& agent : agentList_) {
    for (DataSourceState* source : agent->ordered) std::destroy_at(source);
  }
}

bool Shard::watches(const ArmingState& arming, const FlowEntry& flow) const {
  return std::any_of(definitions_->thresholds.begin(), definitions_->thresholds.end(), [&](const ThresholdEntry& t) {
    return t.slot == arming.slot && t.generation == arming.generation && t.metric == flow.compiled->name();
  });
}

void Shard::forget(const ThresholdEntry& threshold) {
  const auto isOf = [&](const auto& arming) {
    return arming->slot == threshold.slot && arming->generation == threshold.generation;
  };
  for (const auto& agent : agentList_) {
    for (DataSourceState* source : agent->ordered) {
      std::erase_if(source->armings, isOf);
    }
    for (auto& [name, custom] : agent->custom) std::erase_if(custom->armings, isOf);
  }
}

void Shard::forget(const FlowEntry& flow) {
  std::erase_if(dueLogs_, [&](const DueLog& due) {
    return due.log->slot == flow.slot && due.log->generation == flow.generation;
  });
  std::make_heap(dueLogs_.begin(), dueLogs_.end(), std::greater<>());
  if (flow.slot < edgeHolders_.size()) edgeHolders_[flow.slot] = nullptr;
  if (flow.slot < places_.size()) places_[flow.slot] = {};
  for (const auto& agent : agentList_) {
    if (flow.slot < agent->holders.size()) agent->holders[flow.slot] = nullptr;
    for (DataSourceState* source : agent->ordered) {
      if (flow.slot < source->flowSlots && source->flows[flow.slot].generation == flow.generation) {
        source->flows[flow.slot].cache.clear(flow.cache, arena_);
        source->flows[flow.slot] = FlowState();
        source->flows[flow.slot].source = source;
      }
      std::erase_if(source->armings, [&](const auto& arming) { return watches(*arming, flow); });
      std::erase_if(source->logs, [&](const auto& log) {
        if (log->slot != flow.slot || log->generation != flow.generation) return false;
        log->table.clear(flow.log, arena_);
        return true;
      });
    }
  }
}

void Shard::adopt(std::shared_ptr<const Definitions> definitions) {
  flush();
  const auto forgetGone = [this](const auto& before, const auto& after) {
    for (const auto& old : before) {
      const bool stays = std::any_of(after.begin(), after.end(), [&](const auto& entry) {
        return entry.slot == old.slot && entry.generation == old.generation;
      });
      if (!stays) forget(old);
    }
  };
  forgetGone(definitions_->flows, definitions->flows);
  forgetGone(definitions_->thresholds, definitions->thresholds);
  fields_.lookups = {};
  if (definitions_->topology != definitions->topology) hosts_.clear();  // the edge is elsewhere
  definitions_ = std::move(definitions);
  flows_.clear();
  packetFlows_.clear();
  discardFlows_.clear();
  edgeFlows_.clear();
  metricThresholds_.clear();
  shared_.clear();
  sourceLifetime_ = kSourceLifetime;
  for (const FlowEntry& entry : definitions_->flows) {
    sourceLifetime_ = std::max(sourceLifetime_, nanosFromSeconds(entry.cache.lifetime()));
    auto runtime = std::make_unique<FlowRuntime>();
    runtime->entry = &entry;
    runtime->compiled = entry.compiled.get();
    const flow::Definition& definition = entry.compiled->definition();
    runtime->taus = definition.t;
    findLookups(*runtime);
    runtime->direct = entry.compiled->direct(shared_);
    runtime->log = definition.log || (exportAllowed_ && entry.ipfix != nullptr);
    runtime->perAgent = definition.scope == flow::CacheScope::agent;
    runtime->ofFabric = definition.scope == flow::CacheScope::edge;
    if (runtime->ofFabric) {
      edgeFlows_.resize(std::max<std::size_t>(edgeFlows_.size(), entry.slot + 1));
      edgeFlows_[entry.slot] = runtime.get();
    }
    // Not empty even if keys have no octets: they are copied all the same.
    runtime->keys.resize(std::max(FlowRuntime::kMaxWaiting * entry.cache.keySize, 1U));
    if (entry.cache.cells != nullptr) {
      runtime->values.resize(FlowRuntime::kMaxWaiting * entry.cache.cells->count());
      runtime->weights.resize(FlowRuntime::kMaxWaiting);
    }
    for (const ThresholdEntry& threshold : definitions_->thresholds) {
      if (threshold.metric == entry.compiled->name()) runtime->watches.push_back({&threshold, 0});
    }
    (definition.dropped ? discardFlows_ : packetFlows_).push_back(runtime.get());
    flows_.push_back(std::move(runtime));
  }
  for (const ThresholdEntry& threshold : definitions_->thresholds) {
    const bool isFlow = std::any_of(definitions_->flows.begin(), definitions_->flows.end(),
                                    [&](const FlowEntry& f) { return f.compiled->name() == threshold.metric; });
    if (isFlow) continue;
    if (const auto id = names_.find(threshold.metric); id != model::kNoMetric) {
      metricThresholds_.push_back({id, &threshold});
    }
  }
  std::sort(metricThresholds_.begin(), metricThresholds_.end(),
            [](const MetricThreshold& a, const MetricThreshold& b) { return a.metric < b.metric; });
}

AgentState* Shard::findAgent(const IpAddress& address) const {
  const auto it = agents_.find(address);
  return it == agents_.end() ? nullptr : it->second;
}

const FlowState* Shard::flowState(const DataSourceState& source, const FlowEntry& flow) {
  if (flow.slot >= source.flowSlots) return nullptr;
  const FlowState& state = source.flows[flow.slot];
  return state.generation == flow.generation && !state.cache.empty() ? &state : nullptr;
}

void ShardFigures::add(const ShardFigures& other) {
  datagrams += other.datagrams;
  bytes += other.bytes;
  flowSamples += other.flowSamples;
  counterSamples += other.counterSamples;
  discardSamples += other.discardSamples;
  unknownSamples += other.unknownSamples;
  malformedDatagrams += other.malformedDatagrams;
  unsupportedVersion += other.unsupportedVersion;
  refusedAgents += other.refusedAgents;
  refusedSources += other.refusedSources;
  refusedSubAgents += other.refusedSubAgents;
  refusedArmings += other.refusedArmings;
  displacedAgents += other.displacedAgents;
  refusedEdge += other.refusedEdge;
  kernelDrops += other.kernelDrops;
  receiveErrors += other.receiveErrors;
  relayed.sent += other.relayed.sent;
  relayed.dropped += other.relayed.dropped;
  for (std::size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
}

// --- time

void Shard::setTime(Nanos now) {
  if (now == now_) return;
  flush();
  advance(now);
  now_ = now;
  if (hostNames_ != nullptr) hostNames_->setTime(now);
}

void Shard::advance(Nanos now) {
  flush();
  if (now < nextTick_) return;
  const auto tickAfter = [](Nanos t) { return (t / kTick + 1) * kTick; };
  const auto tickAtOrAfter = [](Nanos t) { return (t + kTick - 1) / kTick * kTick; };
  // Ticks at which nothing can be due are passed over, however far the clock jumped.
  while (!dueLogs_.empty()) {
    const Nanos tick = std::max(nextTick_, tickAtOrAfter(dueLogs_.front().at));
    if (tick > now) break;
    endFlowRecords(tick);
    nextTick_ = tick + kTick;
  }
  nextTick_ = tickAfter(now);
  age(now);
}

void Shard::endFlowRecords(Nanos tick) {
  while (!dueLogs_.empty() && dueLogs_.front().at <= tick) {
    std::pop_heap(dueLogs_.begin(), dueLogs_.end(), std::greater<>());
    const std::shared_ptr<FlowLogState> held = std::move(dueLogs_.back().log);
    dueLogs_.pop_back();
    FlowLogState& log = *held;
    if (log.source == nullptr) continue;
    const auto flow = std::find_if(definitions_->flows.begin(), definitions_->flows.end(), [&](const FlowEntry& f) {
      return f.slot == log.slot && f.generation == log.generation;
    });
    if (flow == definitions_->flows.end()) continue;
    log.table.tick(tick, flow->log, arena_, [&](const flow::FlowLogTable::Record& record) {
      emitFlowRecord(*log.source, *flow, record, Output::Phase::tick, tick);
    });
    expectFlowRecords(held);
  }
}

// --- datagrams

void Shard::datagram(Bytes payload, Sender sender, Nanos now, std::uint64_t ordinal) {
  setTime(now);
  if (ordinal != ordinal_) flush();  // what an update emits belongs to its datagram
  ordinal_ = ordinal;
  position_ = 0;
  ++figures_.datagrams;
  figures_.bytes += payload.size();
  auto reader = wire::DatagramReader::open(payload);
  if (!reader) {
    if (reader.error() == wire::Fault::unsupportedVersion) {
      ++figures_.unsupportedVersion;
    } else {
      ++figures_.malformedDatagrams;
    }
    ++figures_.faults[static_cast<std::size_t>(reader.error())];
    return;
  }
  const IpAddress& named = reader->header().agent;
  AgentState* agent = agentFor(named.family == IpAddress::Family::none ? sender.address() : named, now);
  if (agent == nullptr) return;
  const Origin origin = noteDatagram(*agent, reader->header(), sender, now);
  wire::FaultCounts faults;
  // A few samples are read ahead, so that the state of their data sources is on its way when their turn comes.
  std::size_t count;
  do {
    count = 0;
    while (count < samples_.size() && reader->next(samples_[count])) {
      const wire::DataSource& id = samples_[count].source;
      if (id.index < agent->ports.size()) __builtin_prefetch(agent->ports[id.index], 1);
      ++count;
    }
    for (std::size_t i = 0; i < count; ++i) takeSample(*agent, samples_[i], origin, faults);
  } while (count == samples_.size());
  for (std::size_t i = 0; i < faults.of.size(); ++i) faults.of[i] += reader->faults().of[i];
  if (!faults.any()) return;
  ++figures_.malformedDatagrams;
  for (std::size_t i = 0; i < faults.of.size(); ++i) {
    agent->faults[i] += faults.of[i];
    figures_.faults[i] += faults.of[i];
  }
}

void Shard::takeSample(AgentState& agent, wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults) {
  switch (sample.kind) {
    case wire::SampleKind::flow:
    case wire::SampleKind::discard:
      flowSample(agent, sample, origin, faults);
      break;
    case wire::SampleKind::counters:
      flush();  // thresholds of flows may look at metrics
      counterSample(agent, sample, origin, faults);
      break;
    case wire::SampleKind::rtMetric:
      customMetrics(agent, sample, origin, faults);
      break;
    case wire::SampleKind::rtFlow:
      customFlow(agent, sample, faults);
      break;
    default:
      ++agent.unknownSamples;
      ++figures_.unknownSamples;
  }
}

AgentState* Shard::agentFor(const IpAddress& address, Nanos now) {
  if (lastAgent_ != nullptr && lastAgent_->address == address) return lastAgent_;
  if (const auto it = agents_.find(address); it != agents_.end()) return lastAgent_ = it->second;
  if (agentList_.size() >= Limits::kAgents && !roomForAgent()) {
    ++figures_.refusedAgents;
    return nullptr;
  }
  auto agent = std::make_unique<AgentState>();
  agent->serial = ++lastSerial_;
  agent->address = address;
  agent->text = address.text();
  agent->firstSeen = now;
  agent->phase = address.hash() % kPhases;
  agent->place = phases_[agent->phase].size();
  phases_[agent->phase].push_back(agent.get());
  lastAgent_ = agent.get();
  agents_.emplace(address, agent.get());
  agentList_.push_back(std::move(agent));
  return lastAgent_;
}

Shard::Origin Shard::noteDatagram(AgentState& agent, const wire::DatagramHeader& header, Sender sender, Nanos now) {
  // Who sent it is looked at now and then: relays do not change from one datagram to the next.
  constexpr std::uint64_t kLookAtSender = 64;
  agent.lastSeen = now;
  agent.uptimeMs = header.uptimeMs;
  if (agent.datagrams++ % kLookAtSender == 0 && agent.senders.size() < Limits::kSendersShown) {
    const IpAddress address = sender.address();
    const auto& known = agent.senders;
    if (std::find(known.begin(), known.end(), address) == known.end()) agent.senders.push_back(address);
  }
  Origin origin{{now, header.uptimeMs, header.subAgent, false}};
  auto sub = std::find_if(agent.subAgents.begin(), agent.subAgents.end(),
                          [&](const SubAgentState& s) { return s.id == header.subAgent; });
  if (sub == agent.subAgents.end()) {
    if (agent.subAgents.size() >= Limits::kSubAgentsOfAgent) {
      ++figures_.refusedSubAgents;
      warnOfBound(Bound::subAgents, agent.text);
      return origin;
    }
    agent.subAgents.push_back({header.subAgent, 0, {}, {}});
    sub = agent.subAgents.end() - 1;
  }
  // The uptime first: the first numbers after a restart may look like late ones of the time before.
  const bool restarted = sub->uptime.restarted(header.uptimeMs);
  if (restarted) sub->start = ++agent.restarts;
  origin.start = sub->start;
  const auto step = sub->sequence.note(header.sequence, agent.datagramSequence, restarted);
  origin.mayRepeat = step == model::SequenceStep::duplicate || step == model::SequenceStep::untracked;
  return origin;
}

DataSourceState* Shard::sourceFor(AgentState& agent, const wire::DataSource& id) {
  const bool direct = id.cls == 0 && id.index < kDirectPorts;
  if (direct && id.index < agent.ports.size() && agent.ports[id.index] != nullptr) return agent.ports[id.index];
  if (!direct) {
    if (const auto it = agent.sources.find(id.key()); it != agent.sources.end()) return it->second;
  }
  void* memory = nullptr;
  if (agent.sources.size() >= Limits::kSourcesOfAgent) {
    warnOfBound(Bound::sourcesOfAgent, agent.text);
  } else if (roomForSource(agent)) {
    memory = arena_.allocate(sizeof(DataSourceState));
  }
  if (memory == nullptr) {
    ++agent.refusedSources;
    ++figures_.refusedSources;
    return nullptr;
  }
  auto* source = new (memory) DataSourceState();
  source->agent = &agent;
  source->id = id;
  agent.sources.emplace(id.key(), source);
  agent.ordered.insert(std::upper_bound(agent.ordered.begin(), agent.ordered.end(), source,
                                        [](const auto* a, const auto* b) { return a->id < b->id; }),
                       source);
  if (direct) {
    if (agent.ports.size() <= id.index) agent.ports.resize(id.index + 1);
    agent.ports[id.index] = source;
  }
  ++sourceCount_;
  if (id == wire::DataSource{2, 1}) agent.host = source;
  return source;
}

// --- flow samples

void Shard::flowSample(AgentState& agent, wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults) {
  const bool discard = sample.kind == wire::SampleKind::discard;
  DataSourceState* source = sourceFor(agent, sample.source);
  if (discard) {
    ++agent.discardSamples;
    ++figures_.discardSamples;
  } else {
    ++agent.flowSamples;
    ++figures_.flowSamples;
  }
  if (source == nullptr) return checkRecords(wire::RecordSpace::flow, sample.records, faults);
  source->lastSample = now_;
  model::SequenceStep step;
  if (discard) {
    source->sentDiscards = true;
    step = source->discardSequence.note(sample.sequence, agent.discardSequence,
                                        beganAnew(source->discardStart, origin.start));
    source->discardDrops = sample.drops;
  } else {
    source->sentFlowSamples = true;
    step = source->flowSequence.note(sample.sequence, agent.flowSequence, beganAnew(source->flowStart, origin.start));
    source->flowDrops = sample.drops;
  }
  // A repeated datagram counts once. The numbers of its samples alone do not tell: samplers that share a data source
  // have each their own (sflow-wire.md 4.1).
  if (step == model::SequenceStep::duplicate && origin.mayRepeat) {
    return checkRecords(wire::RecordSpace::flow, sample.records, faults);
  }

  // All records first, in whatever order they came, then the definitions.
  wire::SampledHeader header;
  wire::SampledEthernet ethernet;
  wire::SampledIpv4 ipv4;
  wire::SampledIpv6 ipv6;
  bool hasHeader = false, hasEthernet = false, hasIpv4 = false, hasIpv6 = false;
  fields_.sample = &sample;
  fields_.agent = &agent.address;
  fields_.recordCount = 0;
  fields_.scale = sample.samplingRate == 0 ? 1.0 : static_cast<double>(sample.samplingRate);
  wire::Record record;
  const auto take = [&](wire::Fault fault, bool& has) {
    if (fault == wire::kNoFault) {
      has = true;
    } else {
      faults.add(fault);
    }
  };
  while (sample.records.next(record)) {
    switch (record.tag) {
      case wire::tag(0, 1):
        if (!hasHeader) take(wire::parseSampledHeader(record, header), hasHeader);
        break;
      case wire::tag(0, 2):
        take(wire::parseSampledEthernet(record, ethernet), hasEthernet);
        break;
      case wire::tag(0, 3):
        take(wire::parseSampledIpv4(record, ipv4), hasIpv4);
        break;
      case wire::tag(0, 4):
        take(wire::parseSampledIpv6(record, ipv6), hasIpv6);
        break;
      default:
        checkRecord(wire::RecordSpace::flow, record, faults);
        if (fields_.recordCount < flow::kMaxRecords) fields_.records[fields_.recordCount++] = record;
    }
  }
  if (sample.records.fault() != wire::kNoFault) faults.add(sample.records.fault());

  fields_.hasPacket = true;
  fields_.frameBytes = 0;
  if (hasHeader) {
    decode::decodeHeader(header.protocol, header.frameLength, header.stripped, header.header, fields_.packet);
    fields_.frameBytes = header.frameLength;
  } else if (hasIpv4 || hasIpv6 || hasEthernet) {
    const Bytes bytes = hasIpv4 ? decode::synthesizeIpv4(ipv4.srcIp, ipv4.dstIp, ipv4.protocol, ipv4.srcPort,
                                                         ipv4.dstPort, ipv4.tcpFlags, ipv4.tos, ipv4.length, synthetic_)
                        : hasIpv6
                            ? decode::synthesizeIpv6(ipv6.srcIp, ipv6.dstIp, ipv6.protocol, ipv6.srcPort, ipv6.dstPort,
                                                     ipv6.tcpFlags, ipv6.priority, ipv6.length, synthetic_)
                            : decode::synthesizeEthernet(ethernet.srcMac, ethernet.dstMac, ethernet.type, synthetic_);
    const std::uint32_t length = hasEthernet ? ethernet.length : hasIpv4 ? ipv4.length : ipv6.length;
    decode::decodeHeader(hasIpv4 ? 11 : hasIpv6 ? 12 : 1, length, 0, bytes, fields_.packet);
    fields_.frameBytes = length;
  } else {
    fields_.hasPacket = false;
  }
  keysSeen_.note(fields_, now_);
  entersFabric_ = !definitions_->topology->empty() && comesInAtEdge(*source);
  if (entersFabric_ && hasHeader && !discard) learnHost(*source);
  evaluate(*source, discard);
}

// Fields that an application defines. Its data source has only a name (flow key rtsource): the flows are the host's.
void Shard::customFlow(AgentState& agent, const wire::Sample& sample, wire::FaultCounts& faults) {
  constexpr wire::DataSource kHost{2, 1};
  auto reader = wire::RtReader::open(sample);
  if (!reader) return faults.add(reader.error());
  for (wire::RtField field; reader->next(field);) {
  }
  if (reader->fault() != wire::kNoFault) faults.add(reader->fault());
  DataSourceState* source = sourceFor(agent, kHost);
  if (source == nullptr) return;
  source->lastSample = now_;
  entersFabric_ = false;
  fields_.sample = &sample;
  fields_.agent = &agent.address;
  fields_.recordCount = 0;
  fields_.hasPacket = false;
  fields_.frameBytes = 0;
  fields_.scale = sample.samplingRate == 0 ? 1.0 : static_cast<double>(sample.samplingRate);
  keysSeen_.note(fields_, now_);
  evaluate(*source, false);
}

void Shard::evaluate(DataSourceState& source, bool discard) {
  const auto& flows = discard ? discardFlows_ : packetFlows_;
  if (!flows.empty()) shared_.read(fields_, values_);
  for (FlowRuntime* flow : flows) {
    if (flow->ofFabric && !entersFabric_) continue;
    std::uint8_t* key = flow->keys.data() + std::size_t{flow->waiting} * flow->entry->cache.keySize;
    double amount = 0;
    fields_.lookups = flow->lookups;
    if (!flow->direct) {
      if (!flow->compiled->evaluate(fields_, key, amount)) continue;
    } else {
      if (flow->direct->filtered && !flow->compiled->accepts(fields_)) continue;
      if (!flow->direct->make(fields_, values_, key, amount)) continue;
    }
    if (flow->ofFabric) {
      passOn(*flow, source, key, amount);
      continue;
    }
    FlowState* state =
        flowStateFor(flow->perAgent ? holderOf(*source.agent, *flow->entry, source) : source, *flow->entry);
    if (state == nullptr) continue;
    __builtin_prefetch(state, 1);
    if (const auto* cells = flow->entry->cache.cells; cells != nullptr) {
      flow->compiled->readCells(fields_, &flow->values[flow->waiting * cells->count()]);
      flow->weights[flow->waiting] = fields_.scale;
    }
    flow->updates[flow->waiting++] = {state, flow::KeyId::of(key, flow->entry->cache.keySize), amount};
    if (flow->waiting == FlowRuntime::kMaxWaiting) update(*flow);
  }
}

DataSourceState& Shard::holderOf(AgentState& agent, const FlowEntry& flow, DataSourceState& first) {
  if (agent.holders.size() <= flow.slot) agent.holders.resize(flow.slot + 1);
  DataSourceState*& holder = agent.holders[flow.slot];
  if (holder == nullptr) holder = &first;
  return *holder;
}

FlowState* Shard::flowStateFor(DataSourceState& source, const FlowEntry& flow) {
  // At the first use after the number of slots grew: nothing of this source waits, adopt() applied what did.
  if (source.flowSlots < definitions_->flowSlots) {
    const std::uint32_t slots = definitions_->flowSlots;
    auto* fresh = static_cast<FlowState*>(arena_.allocate(sizeof(FlowState) * slots));
    if (fresh == nullptr) return nullptr;
    std::uninitialized_default_construct_n(fresh, slots);
    std::copy_n(source.flows, source.flowSlots, fresh);
    arena_.free(source.flows, sizeof(FlowState) * source.flowSlots);
    for (std::uint32_t i = 0; i < slots; ++i) fresh[i].source = &source;
    source.flows = fresh;
    source.flowSlots = slots;
  }
  return &source.flows[flow.slot];
}

void Shard::flush() {
  for (const auto& flow : flows_) {
    if (flow->waiting != 0) update(*flow);
  }
}

void Shard::update(FlowRuntime& flow) {
  flow.moveTo(now_);
  const FlowEntry& entry = *flow.entry;
  const std::span<const FlowRuntime::Update> updates(flow.updates.data(), std::exchange(flow.waiting, 0));
  // Tables are visited at random, so the places of all updates are fetched before the first is made, in a loop short
  // enough for many address translations to be under way at once.
  for (const auto& update : updates) update.state->cache.prefetch(update.key.hash);
  const std::uint8_t* key = flow.keys.data();
  const flow::FlowCache::Context context{flow.time, entry.cache, arena_};
  const bool hasCells = entry.cache.cells != nullptr;
  const double lowestLimit = flow.lowestLimit;
  for (std::size_t i = 0; i < updates.size(); ++i, key += entry.cache.keySize) {
    const auto& update = updates[i];
    FlowState& state = *update.state;
    state.generation = entry.generation;  // what an earlier definition held in this slot, adopt() gave back
    state.updated = now_;
    if (hasCells) {
      updateCells(flow, i, key, context);
      continue;
    }
    const float weight = state.cache.add(key, update.key, update.amount, context);
    if (weight > 0 && weight > lowestLimit)
      flowThresholds(*state.source, flow, key, {weight, flow.time.rateOf(weight), nullptr});
    if (flow.log) logFlow(*state.source, flow, {key, update.key.hash, update.amount});
  }
}

/// One update of a definition that keeps more than a weight.
void Shard::updateCells(FlowRuntime& flow, std::size_t index, const std::uint8_t* key,
                        const flow::FlowCache::Context& context) {
  const FlowRuntime::Update& update = flow.updates[index];
  const flow::FlowCache::Shape& shape = context.shape;
  const flow::SampleValue* const values = &flow.values[index * shape.cells->count()];
  const double weight = flow.weights[index];
  float total = 0;
  std::uint64_t* const cells = update.state->cache.addForCells(key, update.key, update.amount, context, total);
  if (cells != nullptr) {
    shape.cells->add(cells, values, weight, flow.time, arena_);
    if (!flow.watches.empty()) {
      Measured measured{total, flow.time.rateOf(total), cells};
      if (shape.valueIsCell) measured.measure = measured.value = shape.cells->read(cells, 0, flow.time, 1).value;
      flowThresholds(*update.state->source, flow, key, measured);
    }
  }
  if (flow.log) logFlow(*update.state->source, flow, {key, update.key.hash, update.amount, values, weight});
}

void Shard::logFlow(DataSourceState& source, FlowRuntime& flow, const flow::FlowLogTable::Update& update) {
  const FlowEntry& entry = *flow.entry;
  auto it = std::find_if(source.logs.begin(), source.logs.end(), [&](const auto& s) { return s->slot == entry.slot; });
  if (it == source.logs.end()) {
    source.logs.push_back(std::make_shared<FlowLogState>());
    it = source.logs.end() - 1;
    (*it)->source = &source;
    (*it)->slot = entry.slot;
    (*it)->generation = entry.generation;
  }
  const bool wasEmpty = (*it)->table.open() == 0;
  (*it)->table.add(update, now_, entry.log, arena_, [&](const flow::FlowLogTable::Record& record) {
    emitFlowRecord(source, entry, record, Output::Phase::sample, now_);
  });
  // A record that opens beside others is never due before the earliest of them.
  if (wasEmpty) expectFlowRecords(*it);
}

void Shard::expectFlowRecords(const std::shared_ptr<FlowLogState>& log) {
  if (log->table.open() == 0) return;
  dueLogs_.push_back({log->table.nextDue(), log});
  std::push_heap(dueLogs_.begin(), dueLogs_.end(), std::greater<>());
}

void Shard::emitFlowRecord(const DataSourceState& source, const FlowEntry& flow,
                           const flow::FlowLogTable::Record& record, Output::Phase phase, Nanos time) {
  event::FlowRecord out;
  out.flowName = flow.compiled->name();
  const Place* const entered = enteredAt(flow, record.key);  // of flows of the whole fabric only
  out.agent = entered == nullptr ? source.agent->text : entered->agent.text();
  const wire::DataSource place = entered == nullptr ? source.id : entered->source;
  out.dataSource = dataSourceText(place);
  flow.compiled->appendKeyText(out.flowKeys, record.key);
  const flow::CompiledDefinition& compiled = *flow.compiled;
  out.value = compiled.valueIsCell() ? record.read(compiled.cells(), 0) : record.total;
  for (std::size_t i = compiled.firstValue(); i < compiled.cells().count(); ++i) {
    out.values.push_back(record.read(compiled.cells(), i));
  }
  out.start = record.start;
  out.end = record.end;
  outputs_.push_back({time,
                      phase,
                      phase == Output::Phase::sample ? ordinal_ : 0,
                      phase == Output::Phase::sample ? position_++ : 0,
                      std::move(out),
                      compiled.definition().log,
                      {}});
  if (exportAllowed_ && flow.ipfix != nullptr) {
    const IpAddress& agent = entered == nullptr ? source.agent->address : entered->agent;
    outputs_.back().exported = ipfixRecordOf(flow, agent, place, record);
  }
}

// --- counter samples

void Shard::counterSample(AgentState& agent, const wire::Sample& sample, const Origin& origin,
                          wire::FaultCounts& faults) {
  ++agent.counterSamples;
  ++figures_.counterSamples;
  DataSourceState* source = sourceFor(agent, sample.source);
  if (source == nullptr) return checkRecords(wire::RecordSpace::counter, sample.records, faults);
  source->lastSample = now_;
  source->sentCounterSamples = true;
  model::CounterContext context = origin.counters;
  context.discontinuity = beganAnew(source->counterStart, origin.start);
  const auto step = source->counterSequence.note(sample.sequence, agent.counterSequence, context.discontinuity);
  if (model::isStale(step)) return checkRecords(wire::RecordSpace::counter, sample.records, faults);
  context.discontinuity = context.discontinuity || step == model::SequenceStep::restart;
  if (sample.source.cls != 0) noteAdapters(*source, sample);  // hosts and virtual machines, no ports
  if (metricThresholds_.empty()) {
    source->counters.apply(sample, context, faults);
    return;
  }
  auto changed = [&](model::MetricId id, double value) { metricChanged(Watched(*source), id, value); };
  source->counters.apply(sample, context, faults, changed);
}

void Shard::customMetrics(AgentState& agent, const wire::Sample& sample, const Origin& origin,
                          wire::FaultCounts& faults) {
  auto reader = wire::RtReader::open(sample);
  if (!reader) {
    faults.add(reader.error());
    return;
  }
  auto it = agent.custom.find(reader->dataSource());
  if (it == agent.custom.end()) {
    const bool full = agent.custom.size() >= Limits::kCustomSourcesOfAgent;
    if (full) warnOfBound(Bound::sourcesOfAgent, agent.text);
    if (full || !roomForSource(agent)) {
      ++agent.refusedSources;
      ++figures_.refusedSources;
      return;
    }
    auto custom = std::make_unique<CustomSourceState>();
    custom->name = std::string(reader->dataSource());
    it = agent.custom.emplace(custom->name, std::move(custom)).first;
    ++sourceCount_;
  }
  model::CounterContext context = origin.counters;
  context.discontinuity = beganAnew(it->second->start, origin.start);
  if (metricThresholds_.empty()) {
    it->second->counters.applyRt(*reader, names_, context, faults);
    return;
  }
  flush();  // events keep the order of their samples
  auto changed = [&](model::MetricId id, double value) { metricChanged(Watched(agent, *it->second), id, value); };
  it->second->counters.applyRt(*reader, names_, context, faults, changed);
}

}  // namespace weir::engine
