#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "http/long_polls.h"

namespace weir::api {

/// What a request asks of the event log or the flow log.
struct LogQuestion {
  engine::Engine::Log log;
  std::vector<std::string> names;  ///< sorted; empty: all
  std::int64_t after;
  std::optional<std::size_t> max;
  auto operator<=>(const LogQuestion&) const = default;
};

/// Requests that wait for a record of a log. One whose time is over is answered [].
using LogPolls = http::LongPolls<LogQuestion>;
[[nodiscard]] LogPolls logPolls(engine::Engine& engine, http::Timers& timers);

}  // namespace weir::api
