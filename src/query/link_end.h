#pragma once
#include <cstddef>
#include <optional>

#include "model/topology.h"
#include "query/link_ends_question.h"
#include "query/source_view.h"

namespace weir::query {

/// A port that is an end of a link.
struct LinkEnd {
  const model::Topology::Link* link = nullptr;  ///< of the topology
  std::size_t end = 0;                          ///< of Link::ends
  LinkPort port;
  bool down = false;  ///< ifoperstatus
};

/// The end of a link that a port is, if any.
[[nodiscard]] std::optional<LinkEnd> linkEndAt(const SourceView& source, const model::Topology& topology);

}  // namespace weir::query
