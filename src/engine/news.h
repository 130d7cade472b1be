#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/time.h"
#include "engine/definition_kind.h"
#include "event/records.h"

namespace weir::engine {

/// One timer of a subscription (Subscription::after, every).
using TimerId = std::uint64_t;

/// A definition was set or removed; whoever wants its content asks the engine for it.
struct DefinitionChanged {
  std::optional<DefinitionKind> kind;  ///< none: the topology
  std::string name;                    ///< empty for the topology
};

/// A timer reached its time.
struct TimerFired {
  TimerId timer = 0;
  Nanos time = 0;  ///< it was set for, by the engine's clock; in replay the clock stands there
};

/// Records were appended to a log: told once for all that came since the listener last heard it.
struct LogsAppended {};

/// News that would stand here found the listener's mailbox full.
struct NewsLost {
  std::uint64_t count = 0;
};

/// What an engine tells its listeners. A plain value; records are shared and never change.
using News = std::variant<std::shared_ptr<const event::Event>, std::shared_ptr<const event::FlowRecord>,
                          DefinitionChanged, TimerFired, LogsAppended, NewsLost>;

}  // namespace weir::engine
