#pragma once
#include <map>
#include <string>

#include "query/context.h"
#include "query/flow_keys_question.h"
#include "query/shard_view.h"

namespace weir::query {

/// FlowKeysQuestion, understood. Immutable: shared by the shards.
class FlowKeysQuery {
 public:
  using Question = FlowKeysQuestion;
  static constexpr bool kOfFlows = false;
  [[nodiscard]] static Outcome<FlowKeysQuery> prepare(const FlowKeysQuestion&, const Context& context) {
    return FlowKeysQuery(context.now);
  }

  using Partial = std::map<std::string, Nanos>;  ///< as FlowKeysResult::newest
  bool visit(ShardView& shard, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] Outcome<FlowKeysResult> finish(Partial&& partial) const {
    return FlowKeysResult{asked_, std::move(partial)};
  }

 private:
  explicit FlowKeysQuery(Nanos asked) : asked_(asked) {}

  Nanos asked_;
};

}  // namespace weir::query
