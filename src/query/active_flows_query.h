#pragma once
#include <memory>
#include <vector>

#include "query/active_flows.h"
#include "query/active_flows_question.h"
#include "query/context.h"
#include "query/selector.h"
#include "query/shard_view.h"

namespace weir::query {

/// What a data source of some flows is called.
struct NamedPlace {
  AgentId agent;
  wire::DataSource source;
  PlaceNames names;
  static auto fields(auto& self, auto&& all) { return all(self.agent, self.source, self.names); }
};

/// ActiveFlowsQuestion, understood. Immutable: shared by the shards.
class ActiveFlowsQuery {
 public:
  using Question = ActiveFlowsQuestion;
  static constexpr bool kOfFlows = true;
  [[nodiscard]] static Outcome<ActiveFlowsQuery> prepare(const ActiveFlowsQuestion& question, const Context& context);
  /// The same of a definition that need not have a name.
  [[nodiscard]] static Outcome<ActiveFlowsQuery> prepare(std::shared_ptr<const flow::CompiledDefinition> definition,
                                                         const ActiveFlowsQuestion& question, const Context& context);

  struct Partial {
    std::vector<FlowContribution> flows;
    DistinctKeys all;  ///< flows of data sources that have more than the definition's n
    std::vector<NamedPlace> places;
    static auto fields(auto& self, auto&& all) { return all(self.flows, self.all, self.places); }
  };
  bool visit(ShardView& shard, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] bool accepts(const Partial& partial) const;
  [[nodiscard]] Outcome<ActiveFlowsResult> finish(Partial&& partial) const;

 private:
  ActiveFlowsQuery(std::shared_ptr<const flow::CompiledDefinition> definition, AggMode mode, AgentSelector selector,
                   const ActiveFlowsQuestion& question, const Context& context);
  void visit(const SourceView& source, std::vector<FlowAtSource>& flows, Partial& partial) const;
  [[nodiscard]] bool takesPart(const SourceView& source) const;
  [[nodiscard]] std::uint64_t countAll(const Partial& partial) const;

  std::shared_ptr<const flow::CompiledDefinition> definition_;
  bool ofFabric_;
  AggMode mode_;
  AgentSelector selector_;
  std::uint32_t maxFlows_;
  double minValue_;
  std::shared_ptr<const model::Topology> topology_;
};

}  // namespace weir::query
