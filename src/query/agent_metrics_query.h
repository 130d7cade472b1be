#pragma once
#include <optional>
#include <string>

#include "query/agent_metrics_question.h"
#include "query/context.h"
#include "query/selector.h"
#include "query/shard_view.h"

namespace weir::query {

/// AgentMetricsQuestion, understood. Immutable: shared by the shards.
class AgentMetricsQuery {
 public:
  using Question = AgentMetricsQuestion;
  static constexpr bool kOfFlows = true;
  [[nodiscard]] static Outcome<AgentMetricsQuery> prepare(const AgentMetricsQuestion& question,
                                                          const Context& context) {
    return AgentMetricsQuery(question, context);
  }

  struct Partial {
    bool known = false;  ///< there is such an agent, maybe without data sources
    RecordList records;  ///< a data source without values has no records
    static auto fields(auto& self, auto&& all) { return all(self.known, self.records); }
  };
  bool visit(ShardView& shard, Partial& partial) const;
  void visit(const SourceView& source, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] static bool accepts(const Partial& partial) { return partial.records.isWhole(); }
  /// Of several agents of the same name, the first is shown.
  [[nodiscard]] Outcome<AgentMetricsResult> finish(Partial&& partial) const;

 private:
  AgentMetricsQuery(const AgentMetricsQuestion& question, const Context& context);

  std::string agent_;
  std::optional<AgentId> address_;  // where the question names one
  AgentSelector selector_;
  const model::MetricNames* names_;
};

}  // namespace weir::query
