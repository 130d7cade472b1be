#include "base/steady_clock.h"

#include <algorithm>

namespace weir {

Nanos SteadyClock::now(Nanos wall, Nanos monotonic) {
  Nanos adjusted = adjusted_.load(std::memory_order_relaxed);
  const Nanos passed = monotonic - adjusted;
  if (passed >= kAdjustEvery && adjusted_.compare_exchange_strong(adjusted, monotonic, std::memory_order_relaxed)) {
    const Nanos wanted = wall - monotonic - offset_.load(std::memory_order_relaxed);
    const Nanos most = passed / kSlew;
    offset_.fetch_add(wanted > kJump ? wanted : std::clamp(wanted, -most, most), std::memory_order_relaxed);
  }
  // The offset shrinks in small steps, so that no two calls see time go back.
  const Nanos now = monotonic + offset_.load(std::memory_order_relaxed);
  Nanos seen = latest_.load(std::memory_order_relaxed);
  while (seen < now && !latest_.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
  }
  return std::max(seen, now);
}

}  // namespace weir
