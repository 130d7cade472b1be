#pragma once
#include <memory>
#include <optional>
#include <string>

#include "query/context.h"
#include "query/flow_value_question.h"
#include "query/selector.h"
#include "query/shard_view.h"

namespace weir::query {

/// FlowValueQuestion, understood. Immutable: shared by the shards.
class FlowValueQuery {
 public:
  using Question = FlowValueQuestion;
  static constexpr bool kOfFlows = true;
  [[nodiscard]] static Outcome<FlowValueQuery> prepare(const FlowValueQuestion& question, const Context& context);

  using Partial = std::optional<FlowValueResult>;
  bool visit(ShardView& shard, Partial& partial) const;
  /// Of several agents of the same name, the first counts.
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] static Outcome<FlowValueResult> finish(Partial&& partial);

 private:
  FlowValueQuery(std::shared_ptr<const flow::CompiledDefinition> definition, AgentSelector selector, std::string source,
                 std::string key)
      : definition_(std::move(definition)),
        selector_(std::move(selector)),
        source_(std::move(source)),
        key_(std::move(key)) {}

  std::shared_ptr<const flow::CompiledDefinition> definition_;
  AgentSelector selector_;
  std::string source_, key_;
};

}  // namespace weir::query
