#pragma once
// Inside the engine room only.
#include <stop_token>

#include "base/time.h"

namespace weir::engine {

/// What takes part in the barrier of a replay: at times that it names the clock stands still until it is done. Those
/// times, and what the shards know then, do not depend on the pace of the replay or the number of shards.
/// Thread: the driver's.
class ReplayParticipant {
 public:
  virtual ~ReplayParticipant() = default;
  /// The next time at which the clock must stand, where it shows `now` (0: it has not begun) and the next datagram
  /// comes at `next`; INT64_MAX when there is none. What is not after `now` is due at once.
  virtual Nanos nextStop(Nanos now, Nanos next) = 0;
  /// The clock stands at `time`: shards have done what lies before, ticks at `time` included, and nothing after it.
  /// Returns when the clock may go on, at once when a stop is requested.
  virtual void stand(Nanos time, const std::stop_token& stop) = 0;
  /// A piece of the replay is over (`atEnd`: all of it): waits until what came of it is taken.
  virtual void settle([[maybe_unused]] bool atEnd, [[maybe_unused]] const std::stop_token& stop) {}
};

}  // namespace weir::engine
