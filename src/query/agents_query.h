#pragma once
#include <vector>

#include "query/agents_question.h"
#include "query/context.h"
#include "query/selector.h"
#include "query/shard_view.h"

namespace weir::query {

/// AgentsQuestion, understood. Immutable: shared by the shards.
class AgentsQuery {
 public:
  using Question = AgentsQuestion;
  static constexpr bool kOfFlows = false;
  [[nodiscard]] static Outcome<AgentsQuery> prepare(const AgentsQuestion& question, const Context& context);

  /// Shards add the records of the agents that they own, one for each.
  using Partial = std::vector<AgentRecord>;
  bool visit(ShardView& shard, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] Outcome<AgentsResult> finish(Partial&& partial) const;

 private:
  AgentsQuery(AgentSelector selector, const Context& context)
      : selector_(std::move(selector)), asked_(context.now), timeOfDayOffset_(context.timeOfDayOffset) {}
  [[nodiscard]] bool isAsked(const AgentView& agent) const;

  AgentSelector selector_;
  Nanos asked_, timeOfDayOffset_;
};

}  // namespace weir::query
