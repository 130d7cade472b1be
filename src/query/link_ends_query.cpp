#include "query/link_ends_query.h"

#include <algorithm>

#include "query/link_end.h"

namespace weir::query {

namespace {

void choose(std::optional<LinkPort>& known, const LinkPort& port) {
  if (!known || port < *known) known = port;
}

}  // namespace

Outcome<LinkEndsQuery> LinkEndsQuery::prepare(const LinkEndsQuestion& question, const Context& context) {
  const auto& links = context.topology->links();
  const auto at = std::ranges::find(links, question.link, &model::Topology::Link::name);
  if (at == links.end()) return notFound("there is no link \"" + question.link + "\" in the topology");
  return LinkEndsQuery(*at, context);
}

bool LinkEndsQuery::visit(ShardView& shard, Partial& partial) const {
  return shard.eachSource([&](const SourceView& source) {
    const auto found = linkEndAt(source, *topology_);
    if (found && found->link == link_) choose(partial.at(found->end), found->port);
  });
}

void LinkEndsQuery::merge(Partial& into, Partial&& from) {
  for (std::size_t i = 0; i < into.size(); ++i) {
    if (from.at(i)) choose(into.at(i), *from.at(i));
  }
}

Outcome<LinkEndsResult> LinkEndsQuery::finish(Partial&& partial) const {
  LinkEndsResult result;
  for (std::size_t i = 0; i < result.ends.size(); ++i) {
    result.ends.at(i) = {link_->ends[i].node, link_->ends[i].port, partial.at(i)};
  }
  return result;
}

}  // namespace weir::query
