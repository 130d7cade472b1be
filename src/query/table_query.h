#pragma once
#include <optional>

#include "query/context.h"
#include "query/selector.h"
#include "query/shard_view.h"
#include "query/table_question.h"

namespace weir::query {

/// TableQuestion, understood. Immutable: shared by the shards.
class TableQuery {
 public:
  using Question = TableQuestion;
  static constexpr bool kOfFlows = true;
  [[nodiscard]] static Outcome<TableQuery> prepare(const TableQuestion& question, const Context& context);

  using Partial = RecordList;  ///< the rows
  bool visit(ShardView& shard, Partial& partial) const {
    return shard.eachSource([&](const SourceView& source) { visit(source, partial); });
  }
  void visit(const SourceView& source, Partial& partial) const;
  void merge(Partial& into, Partial&& from) const;
  [[nodiscard]] bool accepts(const Partial& partial) const;
  [[nodiscard]] Outcome<TableResult> finish(Partial&& partial) const;

 private:
  TableQuery(Selection selection, Nanos asked);
  [[nodiscard]] std::weak_ordering compareSorted(const SourceRecords& a, const SourceRecords& b) const;
  [[nodiscard]] bool before(const SourceRecords& a, const SourceRecords& b, const NameTable& names) const;
  [[nodiscard]] std::size_t rowsKept() const;
  void prune(Partial& partial, std::size_t slack) const;

  Selection selection_;
  Nanos asked_;
  std::optional<std::size_t> sort_;  // the column with `sort:`
};

}  // namespace weir::query
