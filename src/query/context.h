#pragma once
#include <functional>
#include <memory>
#include <string_view>

#include "base/time.h"
#include "flow/definition.h"
#include "model/metric_names.h"
#include "model/topology.h"
#include "query/engine_view.h"

namespace weir::query {

/// What a question is understood by: the time at which it was asked, and what its names stood for then.
struct Context {
  Nanos now = 0;                                    ///< the engine's clock
  const model::MetricNames* names = nullptr;        ///< never nullptr; outlives all questions
  std::shared_ptr<const model::Topology> topology;  ///< never nullptr
  EngineView* engine = nullptr;                     ///< never nullptr; outlives all questions
  /// The flow definition of that name; nullptr: there is none.
  std::function<std::shared_ptr<const flow::CompiledDefinition>(std::string_view name)> flow;
  Nanos timeOfDayOffset = 0;  ///< added to times of the engine's clock, it gives the time of day; 0 in replay
};

}  // namespace weir::query
