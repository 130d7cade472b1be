// How agents and data sources are forgotten: metrics that grew old, data sources and agents that fell silent, and
// agents that give way to others where a bound is reached.
#include <algorithm>
#include <memory>
#include <tuple>

#include "engine/agent_table.h"
#include "engine/bounds.h"
#include "engine/settings.h"

namespace weir::engine {

/// At times that depend on the agent alone, so that it shows neither how time was cut nor who shares the shard. Where
/// the clock jumped, each phase has the last of its turns.
void AgentTable::age(Nanos now) {
  const std::int64_t last = now / kTick;
  for (std::int64_t t = std::max<std::int64_t>({0, agedTick_ + 1, last - static_cast<std::int64_t>(kPhases) + 1});
       t <= last; ++t) {
    ageAgents(static_cast<std::size_t>(t) % kPhases, t * kTick);
  }
  agedTick_ = last;
}

void AgentTable::ageAgents(std::size_t phase, Nanos at) {
  std::vector<AgentState*> gone;
  for (AgentState* agent : phases_[phase]) {
    for (DataSourceState* source : agent->ordered) {
      source->counters.expire(at);
      if (!source->armings.empty()) keeper_.expire(*agent, source->armings, at);
    }
    for (auto& [name, custom] : agent->custom) {
      if (!custom->armings.empty()) keeper_.expire(*agent, custom->armings, at);
    }
    customCount_ -= std::erase_if(agent->custom, [&](auto& custom) { return custom.second->counters.expire(at); });
    forgetSilentSources(*agent, at);
    if (at - agent->lastSeen >= kAgentLifetime && agent->ordered.empty() && agent->custom.empty())
      gone.push_back(agent);
  }
  if (!gone.empty()) forget(gone);
}

void AgentTable::forgetSilentSources(AgentState& agent, Nanos at) {
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
  keeper_.released();
  if (!agent.ordered.empty()) return;
  agent.sources = {};
  agent.ports = {};
  agent.ordered = {};
}

/// Its flow records have ended long ago: a record ends sooner after its last sample than a flow goes.
bool AgentTable::isSilent(const DataSourceState& source, Nanos at) const {
  if (at - source.lastSample < sourceLifetime_) return false;
  // The cache of a whole agent gets the samples of the other data sources too.
  const auto& holders = source.agent->holders;
  for (std::size_t slot = 0; slot < holders.size() && slot < source.flowSlots; ++slot) {
    if (holders[slot] == &source && at - source.flows[slot].updated < sourceLifetime_) return false;
  }
  return true;
}

/// Gives back all memory of a data source. Nothing of it waits (flush), and who lists it takes it off the lists.
void AgentTable::release(DataSourceState& source) {
  keeper_.release(source);
  context_.arena.free(source.flows, sizeof(FlowState) * source.flowSlots);
  std::destroy_at(&source);
  context_.arena.free(&source, sizeof(DataSourceState));
}

/// Forgets agents and all that they have; sorts `gone`.
void AgentTable::forget(std::vector<AgentState*>& gone) {
  keeper_.flush();
  for (AgentState* agent : gone) {
    for (DataSourceState* source : agent->ordered) release(*source);
    sourceCount_ -= agent->ordered.size();
    customCount_ -= agent->custom.size();
    agents_.erase(agent->id);
    auto& phase = phases_[agent->phase];
    phase[agent->place] = phase.back();
    phase[agent->place]->place = agent->place;
    phase.pop_back();
    if (last_ == agent) last_ = nullptr;
  }
  keeper_.released();
  std::sort(gone.begin(), gone.end(), [](const auto* a, const auto* b) { return a->serial < b->serial; });
  // The list is in the same order.
  auto next = gone.begin();
  std::erase_if(list_, [&](const auto& agent) {
    if (next == gone.end() || agent.get() != *next) return false;
    ++next;
    return true;
  });
}

/// Forgets up to `most` of those agents that can best be spared, never `keep`, and with `keep` only such as have data
/// sources: of a number of agents that a clock hand points at, those that sent least, and of them those that were
/// silent longest. Forged agents send little; who sends more, and did so in the last minute, stays. Some at once, as
/// each time costs a pass over the list. False: none can be spared.
bool AgentTable::displace(std::size_t most, const AgentState* keep) {
  constexpr std::size_t kLook = 1'024;
  static constexpr std::uint64_t kLittle = 8;  // datagrams, or less than one a data source
  constexpr Nanos kShort = 60 * kSecond;
  std::vector<AgentState*> spare;
  for (std::size_t i = std::min(kLook, list_.size()); i != 0; --i) {
    AgentState& agent = *list_[hand_++ % list_.size()];
    const std::size_t sources = agent.ordered.size() + agent.custom.size();
    if (&agent == keep || (keep != nullptr && sources == 0)) continue;
    if (agent.datagrams < std::max<std::uint64_t>(kLittle, sources) || context_.now - agent.lastSeen >= kShort) {
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
  context_.figures.displacedAgents += go;
  forget(spare);
  return true;
}

bool AgentTable::roomForAgent() {
  const bool room = displace(64, nullptr);
  warnOfBound(room ? Bound::agents : Bound::activeAgents);
  return room;
}

bool AgentTable::roomForSource(AgentState& agent) {
  if (sourceCount_ + customCount_ < Limits::kSources) return true;
  const bool room = displace(4, &agent);
  warnOfBound(room ? Bound::sources : Bound::activeSources);
  return room;
}

}  // namespace weir::engine
