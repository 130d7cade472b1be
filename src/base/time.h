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

/// The engine's time where telemetry is live: the time of day when it was first read, and a monotonic clock since,
/// which runs on while the machine sleeps (CLOCK_BOOTTIME). Setting the system's clock does not change it, only time
/// stamps.
[[nodiscard]] Nanos systemNow();
/// CLOCK_REALTIME: for time stamps only.
[[nodiscard]] Nanos timeOfDay();
/// How far the time of day is ahead of systemNow() at present; negative where the system's clock was set back.
[[nodiscard]] Nanos timeOfDayOffset();
/// CLOCK_MONOTONIC, for real-time waits and measurements only.
[[nodiscard]] Nanos monotonicNow();

}  // namespace weir
