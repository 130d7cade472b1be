// The part of a shard that forgets: metrics that grew old, data sources and agents that fell silent, and agents that
// give way to others where a bound is reached.
#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>

#include "engine/bounds.h"
#include "engine/shard.h"

namespace weir::engine {

/// At fixed times of the clock that depend on the agent alone, so that it shows neither how time was cut nor who shares
/// the shard. Where the clock jumped, each phase has the last of its turns.
void Shard::age(Nanos now) {
  const std::int64_t tick = now / kTick;
  for (std::int64_t t = std::max<std::int64_t>({0, agedTick_ + 1, tick - static_cast<std::int64_t>(kPhases) + 1});
       t <= tick; ++t) {
    ageAgents(static_cast<std::size_t>(t) % kPhases, t * kTick);
  }
  agedTick_ = tick;
  constexpr std::int64_t kHostsEvery = 60 * kSecond / kTick;
  if (tick / kHostsEvery != hostsAged_) hosts_.expire(tick / kHostsEvery * kHostsEvery * kTick);
  hostsAged_ = tick / kHostsEvery;
}

void Shard::ageAgents(std::size_t phase, Nanos at) {
  std::vector<AgentState*> gone;
  for (AgentState* agent : phases_[phase]) {
    for (DataSourceState* source : agent->ordered) source->counters.expire(at);
    sourceCount_ -= std::erase_if(agent->custom, [&](auto& custom) { return custom.second->counters.expire(at); });
    forgetSilentSources(*agent, at);
    if (at - agent->lastSeen >= kAgentLifetime && agent->ordered.empty() && agent->custom.empty())
      gone.push_back(agent);
  }
  if (!gone.empty()) forget(gone);
}

void Shard::forgetSilentSources(AgentState& agent, Nanos at) {
  const std::size_t gone = std::erase_if(agent.ordered, [&](DataSourceState* source) {
    if (!isSilent(*source, at)) return false;
    agent.sources.erase(source->id.key());
    if (source->id.cls == 0 && source->id.index < agent.ports.size()) agent.ports[source->id.index] = nullptr;
    if (agent.host == source) agent.host = nullptr;
    std::replace(agent.holders.begin(), agent.holders.end(), source, static_cast<DataSourceState*>(nullptr));
    release(*source);
    return true;
  });
  if (gone == 0) return;
  sourceCount_ -= gone;
  dropForgottenLogs();
  if (!agent.ordered.empty()) return;
  agent.sources = {};
  agent.ports = {};
  agent.ordered = {};
}

/// Its flow records have ended long ago: a record ends sooner after its last sample than a flow goes.
bool Shard::isSilent(const DataSourceState& source, Nanos at) const {
  if (at - source.lastSample < sourceLifetime_) return false;
  // The cache of a whole agent gets the samples of the other data sources too.
  const auto& holders = source.agent->holders;
  for (std::size_t slot = 0; slot < holders.size() && slot < source.flowSlots; ++slot) {
    if (holders[slot] == &source && at - source.flows[slot].updated < sourceLifetime_) return false;
  }
  return true;
}

/// Gives back all memory of a data source. Nothing of it waits (flush), and who lists it takes it off the lists.
void Shard::release(DataSourceState& source) {
  std::replace(edgeHolders_.begin(), edgeHolders_.end(), &source, static_cast<DataSourceState*>(nullptr));
  for (const FlowEntry& flow : definitions_->flows) {
    if (flow.slot >= source.flowSlots || source.flows[flow.slot].generation != flow.generation) continue;
    source.flows[flow.slot].cache.clear(flow.cache, arena_);
  }
  for (const auto& log : source.logs) {
    const auto flow = std::find_if(definitions_->flows.begin(), definitions_->flows.end(), [&](const FlowEntry& f) {
      return f.slot == log->slot && f.generation == log->generation;
    });
    if (log->table.open() != 0) ++forgottenLogs_;
    if (flow != definitions_->flows.end()) log->table.clear(flow->log, arena_);
    log->source = nullptr;
  }
  arena_.free(source.flows, sizeof(FlowState) * source.flowSlots);
  std::destroy_at(&source);
  arena_.free(&source, sizeof(DataSourceState));
}

/// A log that is forgotten leaves dueLogs_ when its time comes; where there are many, all go at once.
void Shard::dropForgottenLogs() {
  if (forgottenLogs_ < 1'024 || forgottenLogs_ < dueLogs_.size() / 2) return;
  std::erase_if(dueLogs_, [](const DueLog& due) { return due.log->source == nullptr; });
  std::make_heap(dueLogs_.begin(), dueLogs_.end(), std::greater<>());
  forgottenLogs_ = 0;
}

/// Forgets agents and all that they have; sorts `gone`.
void Shard::forget(std::vector<AgentState*>& gone) {
  flush();
  for (AgentState* agent : gone) {
    for (DataSourceState* source : agent->ordered) release(*source);
    sourceCount_ -= agent->ordered.size() + agent->custom.size();
    agents_.erase(agent->address);
    auto& phase = phases_[agent->phase];
    phase[agent->place] = phase.back();
    phase[agent->place]->place = agent->place;
    phase.pop_back();
    if (lastAgent_ == agent) lastAgent_ = nullptr;
  }
  dropForgottenLogs();
  std::sort(gone.begin(), gone.end(), [](const auto* a, const auto* b) { return a->serial < b->serial; });
  // The list is in the same order.
  auto next = gone.begin();
  std::erase_if(agentList_, [&](const auto& agent) {
    if (next == gone.end() || agent.get() != *next) return false;
    ++next;
    return true;
  });
}

/// Forgets up to `most` of those agents that can best be spared, never `keep`, and with `keep` only such as have data
/// sources: of a number of agents that a clock hand points at, those that sent least, and of them those that were
/// silent longest. Forged agents send little; who sends more, and did so in the last minute, stays. Some at once, as
/// each time costs a pass over the list. False: none can be spared.
bool Shard::displaceAgents(std::size_t most, const AgentState* keep) {
  constexpr std::size_t kLook = 1'024;
  static constexpr std::uint64_t kLittle = 8;  // datagrams, or less than one a data source
  constexpr Nanos kShort = 60 * kSecond;
  std::vector<AgentState*> spare;
  for (std::size_t i = std::min(kLook, agentList_.size()); i != 0; --i) {
    AgentState& agent = *agentList_[hand_++ % agentList_.size()];
    const std::size_t sources = agent.ordered.size() + agent.custom.size();
    if (&agent == keep || (keep != nullptr && sources == 0)) continue;
    if (agent.datagrams < std::max<std::uint64_t>(kLittle, sources) || now_ - agent.lastSeen >= kShort) {
      spare.push_back(&agent);
    }
  }
  if (spare.empty()) return false;
  const auto worth = [](const AgentState* a) {
    return std::tuple(std::min(a->datagrams, kLittle), a->lastSeen, a->serial);
  };
  const std::size_t go = std::min(most, spare.size());
  std::nth_element(spare.begin(), spare.begin() + static_cast<std::ptrdiff_t>(go - 1), spare.end(),
                   [&](const auto* a, const auto* b) { return worth(a) < worth(b); });
  spare.resize(go);
  figures_.displacedAgents += go;
  forget(spare);
  return true;
}

bool Shard::roomForAgent() {
  const bool room = displaceAgents(64, nullptr);
  warnOfBound(room ? Bound::agents : Bound::activeAgents);
  return room;
}

bool Shard::roomForSource(AgentState& agent) {
  if (sourceCount_ < Limits::kSources) return true;
  const bool room = displaceAgents(4, &agent);
  warnOfBound(room ? Bound::sources : Bound::activeSources);
  return room;
}

}  // namespace weir::engine
