#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/context.h"
#include "query/flow_locations_question.h"
#include "query/selector.h"
#include "query/shard_view.h"

namespace weir::query {

/// FlowLocationsQuestion, understood. Immutable: shared by the shards.
class FlowLocationsQuery {
 public:
  using Question = FlowLocationsQuestion;
  static constexpr bool kOfFlows = true;
  [[nodiscard]] static Outcome<FlowLocationsQuery> prepare(const FlowLocationsQuestion& question,
                                                           const Context& context);

  using Partial = std::vector<FlowLocation>;
  bool visit(ShardView& shard, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] static Outcome<FlowLocationsResult> finish(Partial&& partial);

 private:
  FlowLocationsQuery(std::shared_ptr<const flow::CompiledDefinition> definition, AgentSelector selector,
                     std::optional<std::string> key)
      : definition_(std::move(definition)), selector_(std::move(selector)), key_(std::move(key)) {}

  std::shared_ptr<const flow::CompiledDefinition> definition_;
  AgentSelector selector_;
  std::optional<std::string> key_;
};

}  // namespace weir::query
