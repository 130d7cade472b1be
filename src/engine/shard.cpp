#include "engine/shard.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "engine/bounds.h"
#include "engine/host_adapters.h"
#include "engine/settings.h"
#include "engine/shared_address.h"
#include "wire/record_table.h"
#include "wire/rt.h"

namespace weir::engine {

namespace {

/// Outputs that a datagram makes in the fabric shard come after those that it makes in its own.
constexpr std::uint32_t kFabricPosition = 1U << 31;

/// True once after each restart, for a stream of samples that knew of the restart `known` until now. Restarts of an
/// agent are numbered over all its sub-agents, so two that share a data source do not undo each other's.
bool beganAnew(std::uint32_t& known, std::uint32_t start) {
  if (static_cast<std::int32_t>(start - known) <= 0) return false;
  known = start;
  return true;
}

}  // namespace

Shard::Shard(model::MetricNames& names, std::size_t tableBytes) : context_(names, tableBytes) {}

// --- definitions

void Shard::adopt(std::shared_ptr<const Definitions> definitions) {
  flush();
  const auto before = context_.definitions;  // lives until all forgot what went
  std::vector<std::string_view> goneFlows;
  EntryList<FlowEntry>::eachChange(before->flows, definitions->flows, [&](const FlowEntry* old, const FlowEntry*) {
    if (old == nullptr) return;
    forget(*old);
    goneFlows.emplace_back(old->name);
  });
  if (before->topology != definitions->topology) fabricEdge_.clear();
  context_.definitions = std::move(definitions);
  const bool goneThresholds = thresholds_.adopt(*before);
  if (goneThresholds || !goneFlows.empty()) thresholds_.forgetGone(goneFlows, agents_);
  flows_.adopt(*before);
  if (before->flows.sameAs(context_.definitions->flows)) return;
  Nanos lifetime = AgentTable::kSourceLifetime;
  for (const FlowEntry& flow : context_.definitions->flows) {
    lifetime = std::max(lifetime, nanosFromSeconds(flow.cache.lifetime()));
  }
  agents_.setSourceLifetime(lifetime);
}

void Shard::adopt(flow::LookupTables learned) {
  // Keys that wait to be counted hold what they need.
  const auto before = lookups_.setLearned(std::move(learned));
  flows_.findLookups();
}

void Shard::forget(const FlowEntry& flow) {
  recorder_.forget(flow);
  fabric_.forget(flow);
  for (const auto& agent : agents_.list()) {
    flows_.forget(*agent, flow);
    for (DataSourceState* source : agent->ordered) recorder_.forget(*source, flow);
  }
}

void Shard::release(DataSourceState& source) {
  fabric_.release(source);
  flows_.release(source);
  ThresholdWatch::release(source);
  recorder_.release(source);
}

// --- time

void Shard::setTime(Nanos now) {
  if (now == context_.now) return;
  advance(now);
  context_.now = now;
  if (enrich::DnsNames* names = lookups_.names()) names->setTime(now);
}

void Shard::advance(Nanos now) {
  flush();
  if (now < nextTick_) return;
  recorder_.tick(nextTick_, now);
  nextTick_ = (now / kTick + 1) * kTick;
  agents_.age(now);
  fabricEdge_.age(now);
}

// --- datagrams

void Shard::datagram(Bytes payload, Sender sender, Nanos now, std::uint64_t ordinal) {
  setTime(now);
  if (ordinal != context_.outputs.datagram()) flush();  // what an update emits belongs to its datagram
  context_.outputs.begin(ordinal);
  ShardFigures& figures = context_.figures;
  ++figures.datagrams;
  figures.bytes += payload.size();
  auto reader = wire::DatagramReader::open(payload);
  if (!reader) {
    ++(reader.error() == wire::Fault::unsupportedVersion ? figures.unsupportedVersion : figures.malformedDatagrams);
    ++figures.faults[static_cast<std::size_t>(reader.error())];
    return;
  }
  const IpAddress from = sender.address();
  const Owner owner = ownerOf(reader->header(), from, payload);
  if (owner.agent == nullptr) return;
  AgentState* const agent = owner.agent;
  const Origin origin = noteDatagram(owner, reader->header(), payload);
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
  if (faults.any()) countFaults(*agent, faults);
}

void Shard::countFaults(AgentState& agent, const wire::FaultCounts& faults) {
  ++context_.figures.malformedDatagrams;
  for (std::size_t i = 0; i < faults.of.size(); ++i) {
    agent.faults[i] += faults.of[i];
    context_.figures.faults[i] += faults.of[i];
  }
}

/// The agent that a datagram names, or its sender, where it names none. Where several devices have the same address,
/// the sender tells them apart.
Shard::Owner Shard::ownerOf(const wire::DatagramHeader& header, const IpAddress& sender, Bytes payload) {
  const bool named = header.agent.family != IpAddress::Family::none;
  Owner owner{agents_.at(named ? header.agent : sender)};
  if (owner.agent == nullptr) return owner;
  owner.subAgent = subAgentOf(*owner.agent, header.subAgent);
  if (owner.subAgent == nullptr) return owner;
  model::SenderWatch& senders = owner.subAgent->senders;
  if (sender != senders.sender()) noteSender(*owner.agent, sender);
  using enum model::SenderWatch::Verdict;
  auto verdict = senders.note({sender, header.sequence, header.uptimeMs, context_.now}, payload);
  if (verdict == conflict) {
    const IpAddress rival = senders.rival();
    const IpAddress keeper = keeperOf(*owner.agent, rival, sender);
    const IpAddress& leaves = keeper == sender ? rival : sender;
    senders.separate(leaves);
    warnOfSharedAddress(*owner.agent, keeper, leaves);
    if (leaves == sender) verdict = other;
  }
  owner.beganAnew = verdict != same;
  if (verdict != other) return owner;
  owner = {agents_.at(AgentId(owner.agent->id.address, sender))};
  if (owner.agent == nullptr) return owner;
  if (owner.agent->senders.empty()) owner.agent->senders.push_back(sender);
  owner.subAgent = subAgentOf(*owner.agent, header.subAgent);
  return owner;
}

void Shard::noteSender(AgentState& agent, const IpAddress& sender) {
  if (agent.senders.size() >= Limits::kSendersShown) return;
  if (std::ranges::find(agent.senders, sender) == agent.senders.end()) agent.senders.push_back(sender);
}

/// nullptr: the agent has as many as it may have.
SubAgentState* Shard::subAgentOf(AgentState& agent, std::uint32_t id) {
  const auto sub =
      std::find_if(agent.subAgents.begin(), agent.subAgents.end(), [&](const SubAgentState& s) { return s.id == id; });
  if (sub != agent.subAgents.end()) return &*sub;
  if (agent.subAgents.size() >= Limits::kSubAgentsOfAgent) {
    ++context_.figures.refusedSubAgents;
    warnOfBound(Bound::subAgents, agent.text);
    return nullptr;
  }
  agent.subAgents.emplace_back().id = id;
  return &agent.subAgents.back();
}

Shard::Origin Shard::noteDatagram(const Owner& owner, const wire::DatagramHeader& header, Bytes payload) {
  AgentState& agent = *owner.agent;
  agent.lastSeen = context_.now;
  agent.uptimeMs = header.uptimeMs;
  ++agent.datagrams;
  Origin origin{{context_.now, header.uptimeMs, header.subAgent, false}};
  if (owner.subAgent == nullptr) return origin;
  SubAgentState& sub = *owner.subAgent;
  // The uptime first: the first numbers after a restart may look like late ones of the time before.
  const bool restarted = sub.uptime.restarted(header.uptimeMs) || owner.beganAnew;
  if (restarted) sub.start = ++agent.restarts;
  origin.start = sub.start;
  const auto step = sub.sequence.note(header.sequence, agent.datagramSequence, restarted);
  origin.numberSeen = step == model::SequenceStep::duplicate;
  origin.mayRepeat = origin.numberSeen || step == model::SequenceStep::untracked;
  if (header.sequence <= 1) {
    const std::uint64_t content = hashBytes(payload.data(), payload.size());
    origin.repeats = std::exchange(sub.lowContent, content) == content && !restarted;
    if (origin.repeats && step == model::SequenceStep::untracked) ++agent.datagramSequence.duplicates;
  }
  return origin;
}

/// Whether a sample is in a datagram that came twice. The number of the datagram alone does not tell, nor do those of
/// its samples: samplers that share a data source have each their own. A sample with number 0 or 1 may be its sampler's
/// first, or that of one that does not count.
bool Shard::isRepeated(const Origin& origin, model::SequenceStep step) {
  return origin.repeats || (origin.mayRepeat && step == model::SequenceStep::duplicate) ||
         (origin.numberSeen && step == model::SequenceStep::untracked);
}

// --- samples

void Shard::takeSample(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults) {
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
      customFlow(agent, sample, origin, faults);
      break;
    default:
      ++agent.unknownSamples;
      ++context_.figures.unknownSamples;
  }
}

void Shard::flowSample(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults) {
  const bool discard = sample.kind == wire::SampleKind::discard;
  DataSourceState* source = agents_.source(agent, sample.source);
  if (discard) {
    ++agent.discardSamples;
    ++context_.figures.discardSamples;
  } else {
    ++agent.flowSamples;
    ++context_.figures.flowSamples;
  }
  if (source == nullptr) return wire::countFaults(wire::RecordSpace::flow, sample.records, faults);
  source->lastSample = context_.now;
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
  if (isRepeated(origin, step)) return wire::countFaults(wire::RecordSpace::flow, sample.records, faults);
  flow::SampleFields& fields = reader_.read(sample, agent.id, faults);
  keysSeen_.note(fields, context_.now);
  const bool enters = fabricEdge_.isEnteredBy(sample, *source);
  if (enters && fields.hasHeader && !discard) fabricEdge_.learnHost(fields, *source);
  flows_.evaluate(*source, fields, discard, enters);
}

// Fields that an application defines. Its data source has only a name (flow key rtsource): the flows are the host's.
void Shard::customFlow(AgentState& agent, const wire::Sample& sample, const Origin& origin, wire::FaultCounts& faults) {
  constexpr wire::DataSource kHost{2, 1};
  auto reader = wire::RtReader::open(sample);
  if (!reader) return faults.add(reader.error());
  for (wire::RtField field; reader->next(field);) {
  }
  if (reader->fault() != wire::kNoFault) faults.add(reader->fault());
  if (origin.repeats || origin.numberSeen) return;  // these samples have no numbers
  DataSourceState* source = agents_.source(agent, kHost);
  if (source == nullptr) return;
  source->lastSample = context_.now;
  flow::SampleFields& fields = reader_.readCustom(sample, agent.id);
  keysSeen_.note(fields, context_.now);
  flows_.evaluate(*source, fields, false, false);
}

void Shard::counterSample(AgentState& agent, const wire::Sample& sample, const Origin& origin,
                          wire::FaultCounts& faults) {
  ++agent.counterSamples;
  ++context_.figures.counterSamples;
  DataSourceState* source = agents_.source(agent, sample.source);
  if (source == nullptr) return wire::countFaults(wire::RecordSpace::counter, sample.records, faults);
  source->lastSample = context_.now;
  source->sentCounterSamples = true;
  model::CounterContext counters = origin.counters;
  counters.discontinuity = beganAnew(source->counterStart, origin.start);
  const auto step = source->counterSequence.note(sample.sequence, agent.counterSequence, counters.discontinuity);
  if (model::isStale(step) || isRepeated(origin, step)) {
    return wire::countFaults(wire::RecordSpace::counter, sample.records, faults);
  }
  counters.discontinuity = counters.discontinuity || step == model::SequenceStep::restart;
  if (sample.source.cls != 0) noteAdapters(*source, sample);  // hosts and virtual machines, no ports
  if (!thresholds_.watchesMetrics()) {
    source->counters.apply(sample, counters, faults);
    return;
  }
  auto changed = [&](model::MetricId id, double value) {
    thresholds_.metricChanged(WatchedSource(*source), id, value);
  };
  source->counters.apply(sample, counters, faults, changed);
}

void Shard::noteAdapters(DataSourceState& source, const wire::Sample& sample) {
  if (!readAdapters(sample, adapters_)) return;
  if (source.macs == nullptr) source.macs = std::make_unique<std::vector<std::uint64_t>>();
  *source.macs = adapters_;
}

void Shard::customMetrics(AgentState& agent, const wire::Sample& sample, const Origin& origin,
                          wire::FaultCounts& faults) {
  auto reader = wire::RtReader::open(sample);
  if (!reader) return faults.add(reader.error());
  CustomSourceState* source = agents_.custom(agent, reader->dataSource());
  if (source == nullptr) return;
  model::CounterContext counters = origin.counters;
  counters.discontinuity = beganAnew(source->start, origin.start);
  if (!thresholds_.watchesMetrics()) {
    source->counters.applyRt(*reader, context_.names, counters, faults);
    return;
  }
  flush();  // events keep the order of their samples
  auto changed = [&](model::MetricId id, double value) {
    thresholds_.metricChanged(WatchedSource(agent, *source), id, value);
  };
  source->counters.applyRt(*reader, context_.names, counters, faults, changed);
}

// --- flows of the whole fabric

void Shard::apply(const EdgeUpdates& from, std::size_t first, std::size_t last) {
  OutputList& outputs = context_.outputs;
  for (std::size_t i = first; i != last; ++i) {
    const EdgeUpdates::Update& update = from.updates[i];
    setTime(std::max(context_.now, update.time));  // live, another shard's may be a little older
    if (update.datagram != outputs.datagram() || outputs.position() < kFabricPosition) {
      flush();
      outputs.begin(update.datagram, kFabricPosition);
    }
    flows_.take(from, update, fabric_);
  }
}

}  // namespace weir::engine
