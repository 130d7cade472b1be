#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/agent_id.h"
#include "base/time.h"
#include "query/agent_record.h"
#include "query/shard_figures.h"
#include "query/source_view.h"
#include "query/uncounted.h"

namespace weir::model {
struct HostLocation;
}

namespace weir::query {

/// An agent as queries see it. Valid as SourceView is.
class AgentView {
 public:
  /// Without any of its data sources.
  [[nodiscard]] virtual SourceView itself() const = 0;
  /// Its numbered data sources, in canonical order.
  [[nodiscard]] virtual std::size_t sources() const = 0;
  [[nodiscard]] virtual SourceView source(std::size_t i) const = 0;
  [[nodiscard]] virtual AgentRecord record() const = 0;
  [[nodiscard]] virtual AgentFaults faults() const = 0;
  /// Other devices that have its address; no others: there are none.
  [[nodiscard]] virtual SharedAddress sharedAddress() const = 0;

 protected:
  ~AgentView() = default;
};

/// The state of one shard as a step of a query sees it; the engine provides it. What a step has looked at stays behind:
/// the next step goes on from there, whatever came and went in between. Thread: the shard's, during the step.
class ShardView {
 public:
  virtual ~ShardView() = default;

  /// Calls visit(const SourceView&) for data sources, those of an agent in canonical order, until the time of the step
  /// is over. True: there are no more.
  template <class Visit>
  bool eachSource(Visit&& visit) {
    while (const SourceView* source = nextSource()) {
      visit(*source);
      if (isOver()) return false;
    }
    return true;
  }
  /// The same for the data sources of these agents, as far as this shard has them, in that order; also finished once
  /// visit() returns false.
  template <class Visit>
  bool eachSourceOf(const std::vector<AgentId>& agents, Visit&& visit) {
    while (const SourceView* source = nextSourceOf(agents)) {
      if (!visit(*source)) return true;
      if (isOver()) return false;
    }
    return true;
  }
  /// The same for visit(const AgentView&) and agents.
  template <class Visit>
  bool eachAgent(Visit&& visit) {
    while (const AgentView* agent = nextAgent()) {
      visit(*agent);
      if (isOver()) return false;
    }
    return true;
  }
  /// The same for visit(const model::HostLocation&) and the hosts that the shard's agents heard at the edge of the
  /// topology, in no order.
  template <class Visit>
  bool eachHost(Visit&& visit) {
    constexpr unsigned kBetweenLooks = 64;  // a host takes less time than a look at the clock
    for (unsigned n = 1; const model::HostLocation* host = nextHost(); ++n) {
      visit(*host);
      if (n % kBetweenLooks == 0 && isOver()) return false;
    }
    return true;
  }

  /// Whether the shard knows the agent, also one without data sources.
  [[nodiscard]] virtual bool hasAgent(const AgentId& agent) const = 0;
  /// An agent that the shard knows, without any of its data sources.
  [[nodiscard]] virtual SourceView agent(const AgentId& agent) const = 0;
  /// A data source of an agent that the shard knows; where it does not know the data source, that has no counters.
  [[nodiscard]] virtual SourceView source(const AgentId& agent, const wire::DataSource& source) const = 0;
  /// Flow keys that samples had, with the time when one last had it.
  [[nodiscard]] virtual std::vector<std::pair<std::string, Nanos>> flowKeys() const = 0;
  [[nodiscard]] virtual ShardFigures figures() const = 0;
  /// Thresholds whose flows found no room at some time, by name.
  [[nodiscard]] virtual std::vector<ThresholdAtBound> thresholdsAtBound() const = 0;
  /// Those that ever were; in no order.
  [[nodiscard]] virtual std::vector<SuspendedFlow> suspendedFlows() const = 0;
  /// Flow definitions that counted nothing so far, and metrics of thresholds that no data source sent; by name.
  [[nodiscard]] virtual std::vector<Uncounted> uncountedFlows() const = 0;
  [[nodiscard]] virtual std::vector<Uncounted> unseenMetrics() const = 0;

 protected:
  /// The next data source, agent or host; nullptr: there are no more. Valid until the next call.
  [[nodiscard]] virtual const SourceView* nextSource() = 0;
  [[nodiscard]] virtual const SourceView* nextSourceOf(const std::vector<AgentId>& agents) = 0;
  [[nodiscard]] virtual const AgentView* nextAgent() = 0;
  [[nodiscard]] virtual const model::HostLocation* nextHost() = 0;
  /// Whether the time of the step is over.
  [[nodiscard]] virtual bool isOver() const = 0;
};

}  // namespace weir::query
