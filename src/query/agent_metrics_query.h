#pragma once
#include <vector>

#include "base/json_writer.h"
#include "query/record.h"
#include "query/selector.h"

namespace weir::query {

/// GET /metric/{agent}/json: `"<dataSource>.<name>": value` for everything one agent reports (rest-api.md 3.2).
/// Immutable: shared by the shards.
class AgentMetricsQuery {
 public:
  /// agent: AgentSelector::single().
  AgentMetricsQuery(AgentSelector agent, const model::MetricNames& names) : agent_(std::move(agent)), names_(&names) {}

  /// The members of each data source as JSON; a data source without values leaves an empty one.
  struct Partial {
    std::vector<Fragment> fragments;
    /// False: no data source of such an agent was visited (404, unless the agent is known otherwise).
    [[nodiscard]] bool found() const { return !fragments.empty(); }
  };

  void visit(const SourceView& view, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  /// Of several agents of the same name, the first is shown.
  static void write(Partial partial, JsonWriter& json);

 private:
  AgentSelector agent_;
  const model::MetricNames* names_;
};

}  // namespace weir::query
