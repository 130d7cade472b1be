#pragma once
// Inside the engine room only: what the parts of a shard share.
#include <memory>

#include "base/arena.h"
#include "base/time.h"
#include "engine/definitions.h"
#include "engine/output_list.h"
#include "model/metric_names.h"
#include "query/shard_figures.h"

namespace weir::engine {

using query::ShardFigures;

/// Ticks of the clock lie at multiples of this: flow records end there, and what fell silent is forgotten.
inline constexpr Nanos kTick = 100 * kMillisecond;

/// The memory of a shard, the definitions in force, the time, and what it counted and made. Owned by the Shard, which
/// moves the time and the datagram of `outputs` on; its parts refer to it. Thread: the shard's.
struct ShardContext {
  ShardContext(model::MetricNames& metricNames, std::size_t tableBytes) : names(metricNames), arena(tableBytes) {}

  model::MetricNames& names;  ///< of all shards of an engine
  Arena arena;                ///< of data sources, flow tables and open flow records
  std::shared_ptr<const Definitions> definitions = std::make_shared<Definitions>();  ///< never nullptr
  Nanos now = 0;                                                                     ///< time of the last datagram
  ShardFigures figures;
  OutputList outputs;
};

}  // namespace weir::engine
