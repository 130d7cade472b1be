#pragma once
#include <optional>
#include <string>
#include <vector>

#include "query/context.h"
#include "query/metric_question.h"
#include "query/selector.h"
#include "query/shard_view.h"

namespace weir::query {

/// MetricQuestion, understood. Immutable: shared by the shards.
class MetricQuery {
 public:
  using Question = MetricQuestion;
  static constexpr bool kOfFlows = true;
  [[nodiscard]] static Outcome<MetricQuery> prepare(const MetricQuestion& question, const Context& context);

  struct Summary {
    std::uint64_t count = 0;
    Nanos oldest = 0, newest = 0;       ///< with count > 0
    std::optional<ChosenValue> chosen;  ///< max, min, any
    std::vector<double> numbers;        ///< the other operations: every number, in any order
    static auto fields(auto& self, auto&& all) {
      return all(self.count, self.oldest, self.newest, self.chosen, self.numbers);
    }
  };
  /// One summary per requested metric, or none before the first value.
  struct Partial {
    std::vector<Summary> summaries;
    static auto fields(auto& self, auto&& all) { return all(self.summaries); }
  };

  bool visit(ShardView& shard, Partial& partial) const {
    return shard.eachSource([&](const SourceView& source) { visit(source, partial); });
  }
  void visit(const SourceView& source, Partial& partial) const;
  /// Commutative and associative: the result does not depend on the order.
  void merge(Partial& into, Partial&& from) const;
  [[nodiscard]] bool accepts(const Partial& partial) const;
  [[nodiscard]] Outcome<MetricResult> finish(Partial&& partial) const;

 private:
  MetricQuery(Selection selection, std::optional<wire::DataSource> only, Nanos asked)
      : selection_(std::move(selection)), only_(only), asked_(asked) {}
  static void choose(const MetricItem& item, const Value& value, const SourceView& source, Summary& summary);

  Selection selection_;
  std::optional<wire::DataSource> only_;
  Nanos asked_;
};

}  // namespace weir::query
