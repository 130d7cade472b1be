#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/mailbox.h"
#include "engine/shard.h"

namespace weir::engine {

/// How far a question has come in a shard. Between two steps agents and data sources may come and go.
class Cursor {
 public:
  /// The agent to look at; nullptr at the end.
  [[nodiscard]] const AgentState* agent(const Shard& shard) const {
    const auto& agents = shard.agents();
    const auto at = std::lower_bound(agents.begin(), agents.end(), serial_,
                                     [](const auto& a, std::uint64_t serial) { return a->serial < serial; });
    return at == agents.end() ? nullptr : at->get();
  }
  /// Goes on to the next agent.
  const AgentState* nextAgent(const Shard& shard) {
    const AgentState* current = agent(shard);
    if (current == nullptr) return nullptr;
    enter(current->serial + 1);
    return agent(shard);
  }
  /// The agent to look at, and goes on behind it; nullptr at the end.
  const AgentState* takeAgent(const Shard& shard) {
    const AgentState* current = agent(shard);
    if (current != nullptr) enter(current->serial + 1);
    return current;
  }
  /// Where only these agents are looked at: the one whose turn it is; nullptr at the end.
  const AgentState* agentOf(const Shard& shard, const std::vector<AgentId>& agents) {
    for (; listed_ < agents.size(); ++listed_) {
      if (const AgentState* agent = shard.findAgent(agents[listed_])) return agent;
    }
    return nullptr;
  }
  /// Goes on to the next of them.
  void leaveAgent() { ++listed_; }
  /// The next host heard at the edge, then nullptr. From the end: when hosts are forgotten meanwhile, it is the last
  /// ones that move to other places.
  const model::HostLocation* nextHost(const Shard& shard) {
    hostsLeft_ = std::min(hostsLeft_, shard.hosts().size());
    return hostsLeft_ == 0 ? nullptr : &shard.hosts().at(--hostsLeft_);
  }
  /// The next data source of that agent, then nullptr.
  const DataSourceState* nextSource(const AgentState& agent) {
    if (agent.serial != serial_) enter(agent.serial);
    const auto& sources = agent.ordered;
    const auto at = source_ ? std::upper_bound(sources.begin(), sources.end(), *source_,
                                               [](const wire::DataSource& id, const auto* s) { return id < s->id; })
                            : sources.begin();
    if (at == sources.end()) return nullptr;
    source_ = (*at)->id;
    return *at;
  }
  /// The next data source with a name, then nullptr.
  const CustomSourceState* nextCustom(const AgentState& agent) {
    const auto at = custom_ ? agent.custom.upper_bound(*custom_) : agent.custom.begin();
    if (at == agent.custom.end()) return nullptr;
    custom_ = at->first;
    return at->second.get();
  }

 private:
  void enter(std::uint64_t serial) {
    serial_ = serial;
    source_.reset();
    custom_.reset();
  }
  std::uint64_t serial_ = 0;
  std::optional<wire::DataSource> source_;  // the last one of the agent
  std::optional<std::string> custom_;
  std::size_t hostsLeft_ = SIZE_MAX;  // not looked at yet
  std::size_t listed_ = 0;            // place in a list of agents
};

/// Calls visit(agent) for the agents of a shard from `cursor` on, for about Mailbox::kStepTime. True at the end.
template <class VisitAgent>
bool visitAgents(Shard& shard, Cursor& cursor, VisitAgent&& visit) {
  const Nanos end = monotonicNow() + Mailbox::kStepTime;
  for (const AgentState* agent = cursor.agent(shard); agent != nullptr; agent = cursor.nextAgent(shard)) {
    visit(*agent);
    if (monotonicNow() >= end) return cursor.nextAgent(shard) == nullptr;
  }
  return true;
}

/// Calls visit(agent, const DataSourceState*, const CustomSourceState*), one of the two given, for data sources from
/// `cursor` on, for about Mailbox::kStepTime: each agent's in canonical order, custom ones last. True at the end.
template <class VisitSource>
bool visitEachSource(Shard& shard, Cursor& cursor, VisitSource&& visit) {
  const Nanos end = monotonicNow() + Mailbox::kStepTime;
  for (const AgentState* agent = cursor.agent(shard); agent != nullptr; agent = cursor.nextAgent(shard)) {
    while (const DataSourceState* source = cursor.nextSource(*agent)) {
      visit(*agent, source, static_cast<const CustomSourceState*>(nullptr));
      if (monotonicNow() >= end) return false;
    }
    while (const CustomSourceState* custom = cursor.nextCustom(*agent)) {
      visit(*agent, static_cast<const DataSourceState*>(nullptr), custom);
      if (monotonicNow() >= end) return false;
    }
  }
  return true;
}

}  // namespace weir::engine
