#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "query/context.h"
#include "query/shard_view.h"
#include "query/topology_status_question.h"

namespace weir::query {

/// TopologyStatusQuestion, understood. Immutable: shared by the shards.
class TopologyStatusQuery {
 public:
  using Question = TopologyStatusQuestion;
  static constexpr bool kOfFlows = false;
  [[nodiscard]] static Outcome<TopologyStatusQuery> prepare(const TopologyStatusQuestion&, const Context& context) {
    return TopologyStatusQuery(context.topology);
  }

  struct Partial {
    std::set<std::string> nodes;                          ///< that telemetry comes from
    std::set<AgentId> agents;                             ///< that are no node
    std::set<AgentId> hosts;                              ///< addresses heard at the edge
    std::set<std::pair<std::string, std::uint8_t>> ends;  ///< of links, by name and end, that agents tell of
    std::set<std::string> linksDown;
    static auto fields(auto& self, auto&& all) {
      return all(self.nodes, self.agents, self.hosts, self.ends, self.linksDown);
    }
  };
  bool visit(ShardView& shard, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] Outcome<TopologyStatusResult> finish(Partial&& partial) const;

 private:
  explicit TopologyStatusQuery(std::shared_ptr<const model::Topology> topology) : topology_(std::move(topology)) {}
  void visit(const SourceView& source, Partial& partial) const;

  std::shared_ptr<const model::Topology> topology_;
};

}  // namespace weir::query
