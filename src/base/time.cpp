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
}  // namespace

Nanos nanosFromSeconds(double seconds) {
  if (std::isnan(seconds)) return 0;
  constexpr double kLimit = 9.2e9;
  if (seconds > kLimit) seconds = kLimit;
  if (seconds < -kLimit) seconds = -kLimit;
  return static_cast<Nanos>(seconds * 1e9);
}

Nanos systemNow() {
  static SteadyClock clock(read(CLOCK_REALTIME), read(CLOCK_MONOTONIC));
  return clock.now(read(CLOCK_REALTIME), read(CLOCK_MONOTONIC));
}

Nanos monotonicNow() {
  return read(CLOCK_MONOTONIC);
}

}  // namespace weir
