#include "engine/shard_reader.h"

#include <algorithm>

#include "query/agent_figures.h"

namespace weir::engine {

query::AgentRecord AgentReader::record() const {
  const AgentState& agent = *agent_;
  query::AgentRecord record;
  record.agent = agent.id;
  record.sources.assign(agent.senders.begin(), agent.senders.end());
  record.firstSeen = agent.firstSeen;
  record.lastSeen = agent.lastSeen;
  record.uptimeMs = agent.uptimeMs;
  record.datagrams = agent.datagrams;
  record.datagramSequence = agent.datagramSequence;
  record.flow = {agent.flowSamples, agent.flowSequence, 0, 0};
  record.counter = {agent.counterSamples, agent.counterSequence, 0, 0};
  record.notification = {agent.discardSamples, agent.discardSequence, 0, 0};
  for (const DataSourceState* source : agent.ordered) {
    record.flow.dataSources += source->sentFlowSamples ? 1 : 0;
    record.flow.drops += source->flowDrops;
    record.counter.dataSources += source->sentCounterSamples ? 1 : 0;
    record.notification.dataSources += source->sentDiscards ? 1 : 0;
    record.notification.drops += source->discardDrops;
  }
  return record;
}

query::AgentFaults AgentReader::faults() const {
  const query::AgentFigures figures{agent_->faults, agent_->refusedSources, agent_->datagramSequence.lost};
  query::AgentFaults faults{agent_->id, {}};
  query::AgentFigures::each(figures, [&](const Figure& figure, std::uint64_t count) {
    if (count != 0) faults.counts.emplace_back(figure.agents, count);
  });
  return faults;
}

query::SharedAddress AgentReader::sharedAddress() const {
  query::SharedAddress shared{agent_->id.address, {}, {}};
  for (const SubAgentState& sub : agent_->subAgents) {
    const std::vector<IpAddress> others = sub.senders.others(now_);
    if (!others.empty()) shared.sender = sub.senders.sender();
    shared.others.insert(shared.others.end(), others.begin(), others.end());
  }
  std::ranges::sort(shared.others);
  const auto [first, last] = std::ranges::unique(shared.others);
  shared.others.erase(first, last);
  return shared;
}

ShardReader::ShardReader(Shard& shard, Cursor& cursor, Nanos asked)
    : shard_(shard),
      topology_(*shard.definitions().topology),
      cursor_(cursor),
      end_(monotonicNow() + Mailbox::kStepTime),
      agent_(cursor.agent(shard)),
      agentReader_(topology_),
      flows_(shard.definitions(), std::max(asked, shard.now()), &shard.fabric()) {}

query::SourceView ShardReader::source(const AgentId& agent, const wire::DataSource& source) const {
  const AgentState& state = *shard_.findAgent(agent);
  const auto known = state.sources.find(source.key());
  query::SourceView view = viewOf(topology_, state, known == state.sources.end() ? nullptr : known->second);
  view.source = source;
  return view;
}

query::ShardFigures ShardReader::figures() const {
  query::ShardFigures figures = shard_.figures();
  figures.agents = shard_.agents().size();
  figures.dataSources = shard_.sourceCount();
  figures.flowTableBytes = shard_.arena().used();
  return figures;
}

std::vector<query::ThresholdAtBound> ShardReader::thresholdsAtBound() const {
  std::vector<query::ThresholdAtBound> all;
  for (const ThresholdEntry& threshold : shard_.definitions().thresholds) {
    const ThresholdWatch::Figures figures = shard_.figures(threshold);
    if (figures.refusedFlows == 0 && figures.displacedFlows == 0) continue;
    all.push_back({threshold.name, figures.refusedFlows, figures.displacedFlows});
  }
  return all;
}

std::vector<query::SuspendedFlow> ShardReader::suspendedFlows() const {
  std::vector<query::SuspendedFlow> all;
  for (const FlowEntry& flow : shard_.definitions().flows) {
    const PatternGuard::Figures figures = shard_.figures(flow);
    if (flow.hidden || figures.suspensions == 0) continue;
    all.push_back({flow.compiled->name(), figures.suspensions, figures.skippedSamples, figures.suspended});
  }
  return all;
}

const query::AgentView* ShardReader::nextAgent() {
  const AgentState* agent = cursor_.takeAgent(shard_);
  if (agent == nullptr) return nullptr;
  agentReader_.look(agent, shard_.now());
  return &agentReader_;
}

const query::SourceView* ShardReader::nextSource() {
  for (; agent_ != nullptr; agent_ = cursor_.nextAgent(shard_)) {
    if (const DataSourceState* source = cursor_.nextSource(*agent_)) return show(source, nullptr);
    if (const CustomSourceState* custom = cursor_.nextCustom(*agent_)) return show(nullptr, custom);
  }
  return nullptr;
}

const query::SourceView* ShardReader::nextSourceOf(const std::vector<AgentId>& agents) {
  for (; (agent_ = cursor_.agentOf(shard_, agents)) != nullptr; cursor_.leaveAgent()) {
    if (const DataSourceState* source = cursor_.nextSource(*agent_)) return show(source, nullptr);
    if (const CustomSourceState* custom = cursor_.nextCustom(*agent_)) return show(nullptr, custom);
  }
  return nullptr;
}

const query::SourceView* ShardReader::show(const DataSourceState* source, const CustomSourceState* custom) {
  flows_.look(source);
  view_ = viewOf(topology_, *agent_, source, custom);
  view_.flows = &flows_;
  return &view_;
}

}  // namespace weir::engine
