#pragma once
#include "query/analyzer_question.h"
#include "query/context.h"
#include "query/shard_view.h"

namespace weir::query {

/// AnalyzerQuestion, understood. Immutable: shared by the shards.
class AnalyzerQuery {
 public:
  using Question = AnalyzerQuestion;
  static constexpr bool kOfFlows = false;
  [[nodiscard]] static Outcome<AnalyzerQuery> prepare(const AnalyzerQuestion&, const Context& context) {
    return AnalyzerQuery(*context.engine);
  }

  using Partial = ShardFigures;
  static bool visit(ShardView& shard, Partial& partial) {
    partial = shard.figures();
    return true;
  }
  static void merge(Partial& into, Partial&& from) { into.add(from); }
  [[nodiscard]] Outcome<AnalyzerResult> finish(Partial&& partial) const {
    return AnalyzerResult{partial, engine_->figures(partial.bytes)};
  }

 private:
  explicit AnalyzerQuery(EngineView& engine) : engine_(&engine) {}

  EngineView* engine_;
};

}  // namespace weir::query
