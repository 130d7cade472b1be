#include "base/time.h"

#include <cmath>
#include <ctime>

#include "base/steady_clock.h"

namespace weir {

namespace {
Nanos read(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return static_cast<Nanos>(t.tv_sec) * kSecond + t.tv_nsec;
}

/// A clock that runs on while the machine sleeps: agents do not stop counting then.
constexpr clockid_t kRunning = CLOCK_BOOTTIME;

const SteadyClock& systemClock() {
  static const SteadyClock clock(read(CLOCK_REALTIME), read(kRunning));
  return clock;
}
}  // namespace

Nanos nanosFromSeconds(double seconds) {
  if (std::isnan(seconds)) return 0;
  constexpr double kLimit = 9.2e9;
  if (seconds > kLimit) seconds = kLimit;
  if (seconds < -kLimit) seconds = -kLimit;
  return static_cast<Nanos>(seconds * 1e9);
}

Nanos systemNow() {
  return systemClock().now(read(kRunning));
}

Nanos timeOfDay() {
  return read(CLOCK_REALTIME);
}

Nanos timeOfDayOffset() {
  return systemClock().offset(timeOfDay(), read(kRunning));
}

Nanos monotonicNow() {
  return read(CLOCK_MONOTONIC);
}

}  // namespace weir
