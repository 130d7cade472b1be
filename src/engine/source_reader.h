#pragma once
// Inside the engine room only: the data sources of a shard as queries see them.
#include <algorithm>

#include "engine/flow_reader.h"
#include "engine/scatter.h"
#include "engine/shard.h"

namespace weir::engine {

/// Calls visit(const query::SourceView&) as visitEachSource does. `asked`: when; a shard that is ahead of it shows what
/// it has now.
template <class Visit>
bool visitSources(Shard& shard, Cursor& cursor, Nanos asked, Visit&& visit) {
  FlowReader flows(shard.definitions(), std::max(asked, shard.now()));
  return visitEachSource(shard, cursor,
                         [&](const AgentState& agent, const DataSourceState* source, const CustomSourceState* custom) {
                           flows.look(source);
                           query::SourceView view = viewOf(agent, source, custom);
                           view.flows = &flows;
                           visit(static_cast<const query::SourceView&>(view));
                         });
}

}  // namespace weir::engine
