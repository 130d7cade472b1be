#pragma once
#include <functional>
#include <string>

#include "engine/engine.h"
#include "query/link_metrics.h"

namespace weir::engine {

/// Asks which ports a link connects, then each of them for metrics, as /metric does. `done` is called as other
/// answers of the engine are; `engine` must outlive the answer. Thread: any.
void askLinkMetrics(Engine& engine, std::string link, std::string metrics,
                    std::function<void(query::Outcome<query::LinkMetrics>)> done);

}  // namespace weir::engine
