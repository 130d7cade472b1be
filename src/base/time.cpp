#include "base/time.h"

#include <atomic>
#include <cmath>
#include <ctime>

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
  static std::atomic<Nanos> latest{0};
  Nanos now = read(CLOCK_REALTIME);
  Nanos seen = latest.load(std::memory_order_relaxed);
  while (seen < now && !latest.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
  }
  return seen > now ? seen : now;
}

Nanos monotonicNow() { return read(CLOCK_MONOTONIC); }

}  // namespace weir
