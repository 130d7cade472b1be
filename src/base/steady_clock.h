#pragma once
#include "base/time.h"

namespace weir {

/// A clock for rates and windows: it begins with the time of day and runs with the monotonic clock, so that setting the
/// system's clock changes no rate. What that clock shows is for time stamps only. Thread: any.
class SteadyClock {
 public:
  /// Readings of the system's clock and of the monotonic one, at the same time.
  SteadyClock(Nanos wall, Nanos monotonic) : start_(wall - monotonic) {}
  [[nodiscard]] Nanos now(Nanos monotonic) const { return start_ + monotonic; }
  /// How far the system's clock is ahead of now(): what to add for the time of day. Negative: it was set back.
  [[nodiscard]] Nanos offset(Nanos wall, Nanos monotonic) const { return wall - now(monotonic); }

 private:
  Nanos start_;
};

}  // namespace weir
