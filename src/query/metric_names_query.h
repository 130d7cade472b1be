#pragma once
#include <vector>

#include "query/context.h"
#include "query/metric_names_question.h"
#include "query/shard_view.h"

namespace weir::query {

/// MetricNamesQuestion, understood. Immutable: shared by the shards.
class MetricNamesQuery {
 public:
  using Question = MetricNamesQuestion;
  static constexpr bool kOfFlows = true;
  [[nodiscard]] static Outcome<MetricNamesQuery> prepare(const MetricNamesQuestion&, const Context& context) {
    return MetricNamesQuery(context);
  }

  struct Partial {
    NameTable names;
    std::vector<Nanos> newest;  ///< by place in `names`
    static auto fields(auto& self, auto&& all) { return all(self.names, self.newest); }
  };
  bool visit(ShardView& shard, Partial& partial) const {
    return shard.eachSource([&](const SourceView& source) { visit(source, partial); });
  }
  void visit(const SourceView& source, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] static bool accepts(const Partial& partial) { return partial.newest.size() == partial.names.size(); }
  [[nodiscard]] Outcome<MetricNamesResult> finish(Partial&& partial) const;

 private:
  explicit MetricNamesQuery(const Context& context) : names_(context.names), asked_(context.now) {}

  const model::MetricNames* names_;
  Nanos asked_;
};

}  // namespace weir::query
