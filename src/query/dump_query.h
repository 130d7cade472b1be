#pragma once
#include <memory>

#include "query/context.h"
#include "query/dump_question.h"
#include "query/selector.h"
#include "query/shard_view.h"

namespace weir::query {

/// DumpQuestion, understood. Immutable: shared by the shards.
class DumpQuery {
 public:
  using Question = DumpQuestion;
  static constexpr bool kOfFlows = true;
  [[nodiscard]] static Outcome<DumpQuery> prepare(const DumpQuestion& question, const Context& context);

  using Partial = RecordList;
  bool visit(ShardView& shard, Partial& partial) const;
  void visit(const SourceView& source, Partial& partial) const;
  static void merge(Partial& into, Partial&& from) { into.append(std::move(from)); }
  [[nodiscard]] static bool accepts(const Partial& partial) { return partial.isWhole(); }
  [[nodiscard]] std::size_t mostOctets() const { return mostOctets_; }
  /// Of the texts, those with names (exports) are not held whole.
  [[nodiscard]] std::size_t heldOctets(const Partial& partial) const {
    return sourceNames_ ? partial.ownOctets() : partial.heldOctets();
  }
  [[nodiscard]] Outcome<DumpResult> finish(Partial&& partial) const;

 private:
  DumpQuery(Selection selection, const DumpQuestion& question, const Context& context);
  void addSelected(const SourceView& source, SourceRecords& to, Partial& partial) const;
  [[nodiscard]] SourceNames namesOf(const SourceView& source) const;

  Selection selection_;
  bool flows_, sourceNames_;
  const model::MetricNames* names_;
  std::shared_ptr<const model::Topology> topology_;
  Nanos asked_;
  std::optional<DumpPart> part_;
  std::size_t mostOctets_;
};

}  // namespace weir::query
