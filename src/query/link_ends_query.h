#pragma once
#include <array>
#include <memory>
#include <optional>

#include "query/context.h"
#include "query/link_ends_question.h"
#include "query/shard_view.h"

namespace weir::query {

/// LinkEndsQuestion, understood. Immutable: shared by the shards.
class LinkEndsQuery {
 public:
  using Question = LinkEndsQuestion;
  static constexpr bool kOfFlows = false;
  [[nodiscard]] static Outcome<LinkEndsQuery> prepare(const LinkEndsQuestion& question, const Context& context);

  /// The port at each end; of several, the first in canonical order.
  using Partial = std::array<std::optional<LinkPort>, 2>;
  bool visit(ShardView& shard, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] Outcome<LinkEndsResult> finish(Partial&& partial) const;

 private:
  LinkEndsQuery(const model::Topology::Link& link, const Context& context)
      : topology_(context.topology), link_(&link) {}

  std::shared_ptr<const model::Topology> topology_;
  const model::Topology::Link* link_;  // of topology_
};

}  // namespace weir::query
