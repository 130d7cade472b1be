#pragma once
#include <cstdint>

namespace weir {

/// Nanoseconds. As a point in time: since 1970-01-01 UTC (signed 64 bits reach the year 2262).
using Nanos = std::int64_t;

inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

/// Seconds as a double to nanoseconds, rounded towards zero and clamped to ±292 years.
[[nodiscard]] Nanos nanosFromSeconds(double seconds);
[[nodiscard]] inline double secondsFromNanos(Nanos t) { return static_cast<double>(t) * 1e-9; }

/// The engine's only source of "now". Live it follows the system clock; in replay it follows the capture.
/// Nothing in the engine may read another clock, save for long-poll and HTTP timeouts and the rate limit of the log.
/// Thread: now() from any thread. Never goes backwards.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Nanos now() const = 0;
};

/// System time (CLOCK_REALTIME), held so that it never goes backwards.
[[nodiscard]] Nanos systemNow();
/// CLOCK_MONOTONIC, for real-time waits and measurements only.
[[nodiscard]] Nanos monotonicNow();

}  // namespace weir
