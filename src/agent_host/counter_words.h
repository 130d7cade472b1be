#pragma once
#include <cstdint>

namespace weir::agent {

/// Stands for a 32-bit counter that the host does not have (sFlow version 5: all ones).
inline constexpr std::uint32_t kUnknownCounter = 0xFFFFFFFF;

/// A counter of 64 bits where a record has room for 32: it wraps, as receivers expect.
constexpr std::uint32_t counter32(std::uint64_t counter) {
  return static_cast<std::uint32_t>(counter);
}

}  // namespace weir::agent
