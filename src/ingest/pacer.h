#pragma once
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace weir::ingest {

/// Says how long a receiving thread may look away from its socket so that the next batch is fuller. Waking up for a few
/// datagrams at a time costs more than reading them (docs/design/receive.md has figures). A socket's buffer holds many
/// times what comes in a pause. Below kBusyRate there is no pause, so what arrives is seen at once.
/// Thread: one. Real (monotonic) time: it decides when bytes are read, never what comes of them.
class BatchPacer {
 public:
  static constexpr std::uint64_t kBusyRate = 30'000;  ///< datagrams a second
  static constexpr Nanos kLongestPause = 500 * kMicrosecond;

  /// After a receive() that left the socket empty: how long to wait for anything but the socket; 0: wait for the socket
  /// too. `received`: datagrams since the last call.
  [[nodiscard]] Nanos pause(std::size_t received, Nanos monotonic) {
    count_ += received;
    const Nanos elapsed = monotonic - began_;
    if (elapsed >= kWindow) {
      busy_ = elapsed <= 4 * kWindow && count_ * kSecond >= kBusyRate * static_cast<std::uint64_t>(elapsed);
      count_ = 0;
      began_ = monotonic;
    }
    return busy_ ? kLongestPause : 0;
  }

 private:
  static constexpr Nanos kWindow = 10 * kMillisecond;
  Nanos began_ = 0;
  std::uint64_t count_ = 0;
  bool busy_ = false;
};

}  // namespace weir::ingest
