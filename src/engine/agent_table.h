#pragma once
// Inside the engine room only.
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/agent.h"
#include "engine/shard_context.h"

namespace weir::engine {

/// Hash of an agent.
struct AgentHash {
  using is_avalanching = void;
  std::size_t operator()(const AgentId& a) const { return a.hash(); }
};

/// The agents of a shard and their data sources: finds and makes them, and forgets those that fell silent, and where a
/// bound of Limits is reached those that can best be spared. Thread: the shard's.
class AgentTable {
 public:
  /// Who keeps state at data sources beside what the table itself gives back.
  class Keeper {
   public:
    /// Applies what waits to be added to data sources: some are about to go.
    virtual void flush() = 0;
    /// Forgets what was remembered of thresholds at a data source of the agent and need not be any more.
    virtual void expire(AgentState& agent, Armings& armings, Nanos now) = 0;
    /// Gives back what it keeps at a data source, which goes.
    virtual void release(DataSourceState& source) = 0;
    /// All that had to go went.
    virtual void released() = 0;

   protected:
    ~Keeper() = default;
  };

  /// Agents age in turn, one phase of them a tick.
  static constexpr std::size_t kPhases = 100;
  static constexpr Nanos kSourceLifetime = 600 * kSecond;  ///< at least; more where flows live longer
  static constexpr Nanos kAgentLifetime = 3600 * kSecond;  ///< and not before its last data source went

  AgentTable(ShardContext& context, Keeper& keeper) : context_(context), keeper_(keeper) {}
  ~AgentTable();
  AgentTable(const AgentTable&) = delete;
  AgentTable& operator=(const AgentTable&) = delete;

  /// In order of serial.
  [[nodiscard]] const std::vector<std::unique_ptr<AgentState>>& list() const { return list_; }
  [[nodiscard]] AgentState* find(const AgentId& id) const;
  /// The agent, made where it is new; nullptr: refused and counted.
  AgentState* at(const AgentId& id) {
    if (last_ != nullptr && last_->id == id) return last_;
    return findOrAdd(id);
  }
  /// Its data source, made where it is new; nullptr: refused and counted.
  DataSourceState* source(AgentState& agent, const wire::DataSource& id) {
    if (id.cls == 0 && id.index < agent.ports.size() && agent.ports[id.index] != nullptr) return agent.ports[id.index];
    return findOrAdd(agent, id);
  }
  /// The same of one that has a name.
  CustomSourceState* custom(AgentState& agent, std::string_view name);

  /// Numbered data sources, of all agents.
  [[nodiscard]] std::size_t sourceCount() const { return sourceCount_; }

  /// Data sources that were silent for so long go.
  void setSourceLifetime(Nanos lifetime) { sourceLifetime_ = lifetime; }
  /// Forgets what grew too old up to `now`, at ticks of the clock.
  void age(Nanos now);

 private:
  AgentState* findOrAdd(const AgentId& id);
  DataSourceState* findOrAdd(AgentState& agent, const wire::DataSource& id);
  // agent_ageing.cpp
  void ageAgents(std::size_t phase, Nanos at);
  void forgetSilentSources(AgentState& agent, Nanos at);
  [[nodiscard]] bool isSilent(const DataSourceState& source, Nanos at) const;
  void release(DataSourceState& source);
  void forget(std::vector<AgentState*>& gone);
  bool displace(std::size_t most, const AgentState* keep);
  bool roomForAgent();
  bool roomForSource(AgentState& agent);

  ShardContext& context_;
  Keeper& keeper_;
  boost::unordered_flat_map<AgentId, AgentState*, AgentHash> agents_;
  std::vector<std::unique_ptr<AgentState>> list_;
  std::uint64_t lastSerial_ = 0;
  AgentState* last_ = nullptr;
  std::size_t sourceCount_ = 0, customCount_ = 0;  // numbered data sources, and those with a name
  std::array<std::vector<AgentState*>, kPhases> phases_;
  Nanos sourceLifetime_ = kSourceLifetime;
  std::size_t hand_ = 0;        // place in list_ where displace() looks next
  std::int64_t agedTick_ = -1;  // number of the last tick whose agents aged
};

}  // namespace weir::engine
