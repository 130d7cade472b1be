#pragma once
#include <cstdint>

namespace weir::engine {

/// Kinds of definitions that have names: what the REST resources flow, threshold, group, map and forwarding hold.
enum class DefinitionKind : std::uint8_t { flow, threshold, group, map, forwarding };

}  // namespace weir::engine
