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

  /// The time of day of a moment of the shard's clock: for time stamps of events and flow records.
  [[nodiscard]] Nanos timeStamp(Nanos at) const { return at + timeOfDayOffset; }

  model::MetricNames& names;  ///< of all shards of an engine
  Arena arena;                ///< of data sources, flow tables and open flow records
  std::shared_ptr<const Definitions> definitions = std::make_shared<Definitions>();  ///< never nullptr
  Nanos now = 0;                                                                     ///< time of the last datagram
  Nanos timeOfDayOffset = 0;  ///< added to times of `now`'s clock that people read; 0 in replay
  ShardFigures figures;
  OutputList outputs;
};

}  // namespace weir::engine
