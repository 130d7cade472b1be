#include "engine/agent_table.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/bounds.h"
#include "engine/settings.h"

namespace weir::engine {

std::string dataSourceText(const wire::DataSource& source) {
  if (source.cls == 0) return std::to_string(source.index);
  return std::to_string(source.cls) + "." + std::to_string(source.index);
}

AgentTable::~AgentTable() {
  for (const auto& agent : list_) {
    for (DataSourceState* source : agent->ordered) std::destroy_at(source);
  }
}

AgentState* AgentTable::find(const AgentId& id) const {
  const auto it = agents_.find(id);
  return it == agents_.end() ? nullptr : it->second;
}

AgentState* AgentTable::findOrAdd(const AgentId& id) {
  if (const auto it = agents_.find(id); it != agents_.end()) return last_ = it->second;
  if (list_.size() >= Limits::kAgents && !roomForAgent()) {
    ++context_.figures.refusedAgents;
    return nullptr;
  }
  auto agent = std::make_unique<AgentState>();
  agent->serial = ++lastSerial_;
  agent->id = id;
  agent->text = id.text();
  agent->firstSeen = context_.now;
  agent->phase = id.hash() % kPhases;
  agent->place = phases_[agent->phase].size();
  phases_[agent->phase].push_back(agent.get());
  last_ = agent.get();
  agents_.emplace(id, agent.get());
  list_.push_back(std::move(agent));
  return last_;
}

DataSourceState* AgentTable::findOrAdd(AgentState& agent, const wire::DataSource& id) {
  const bool direct = id.cls == 0 && id.index < kDirectPorts;
  if (!direct) {
    if (const auto it = agent.sources.find(id.key()); it != agent.sources.end()) return it->second;
  }
  void* memory = nullptr;
  if (agent.sources.size() >= Limits::kSourcesOfAgent) {
    warnOfBound(Bound::sourcesOfAgent, agent.text);
  } else if (roomForSource(agent)) {
    memory = context_.arena.allocate(sizeof(DataSourceState));
  }
  if (memory == nullptr) {
    ++agent.refusedSources;
    ++context_.figures.refusedSources;
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

CustomSourceState* AgentTable::custom(AgentState& agent, std::string_view name) {
  if (const auto it = agent.custom.find(name); it != agent.custom.end()) return it->second.get();
  const bool full = agent.custom.size() >= Limits::kCustomSourcesOfAgent;
  if (full) warnOfBound(Bound::sourcesOfAgent, agent.text);
  if (full || !roomForSource(agent)) {
    ++agent.refusedSources;
    ++context_.figures.refusedSources;
    return nullptr;
  }
  auto made = std::make_unique<CustomSourceState>();
  made->name = std::string(name);
  ++customCount_;
  return agent.custom.emplace(made->name, std::move(made)).first->second.get();
}

}  // namespace weir::engine
