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
[[nodiscard]] inline double secondsFromNanos(Nanos t) {
  return static_cast<double>(t) * 1e-9;
}

/// System time, which never goes backwards and does not stand still when the system's clock is set back (SteadyClock):
/// the engine's time where telemetry is live. In replay it is the capture's.
[[nodiscard]] Nanos systemNow();
/// CLOCK_MONOTONIC, for real-time waits and measurements only.
[[nodiscard]] Nanos monotonicNow();

}  // namespace weir
