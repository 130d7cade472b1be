#pragma once
#include <atomic>

#include "base/time.h"

namespace weir {

/// The time of day as rates need it: it runs with the monotonic clock, and follows the system's clock when that is set
/// differently without standing still or going back, as either would make rates wrong for as long as the step was.
/// Set back, or forward by a little, it is followed by running up to 1/kSlew slower or faster; set forward by more than
/// kJump, at once. Thread: any.
class SteadyClock {
 public:
  /// Readings of CLOCK_REALTIME and CLOCK_MONOTONIC.
  SteadyClock(Nanos wall, Nanos monotonic) : offset_(wall - monotonic), adjusted_(monotonic) {}
  [[nodiscard]] Nanos now(Nanos wall, Nanos monotonic);

  static constexpr Nanos kSlew = 16;
  static constexpr Nanos kJump = 10 * kSecond;
  static constexpr Nanos kAdjustEvery = 10 * kMillisecond;

 private:
  std::atomic<Nanos> offset_;    // of the time of day to the monotonic clock
  std::atomic<Nanos> adjusted_;  // when the offset was last looked at, monotonic
  std::atomic<Nanos> latest_{INT64_MIN};
};

}  // namespace weir
