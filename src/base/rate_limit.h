#pragma once
#include <cstdint>
#include <mutex>

#include "base/time.h"

namespace weir {

/// Lets at most `most` of many like things through in each interval, a second unless said, and counts the rest.
/// Thread: any. Time is monotonic and given by the caller.
class RateLimit {
 public:
  explicit RateLimit(unsigned most = 1, Nanos interval = kSecond) : most_(most), interval_(interval) {}

  struct Verdict {
    bool admitted = false;
    std::uint64_t suppressed = 0;  ///< with admitted: how many were held back since the last one let through
  };
  [[nodiscard]] Verdict admit(Nanos monotonic) {
    const std::lock_guard lock(mutex_);
    if (!started_ || monotonic - began_ >= interval_) {
      started_ = true;
      began_ = monotonic;
      used_ = 0;
    }
    if (used_ >= most_) {
      ++suppressed_;
      return {};
    }
    ++used_;
    const Verdict verdict{true, suppressed_};
    suppressed_ = 0;
    return verdict;
  }

 private:
  std::mutex mutex_;
  unsigned most_;
  Nanos interval_;
  unsigned used_ = 0;
  std::uint64_t suppressed_ = 0;
  Nanos began_ = 0;  // when the current interval began
  bool started_ = false;
};

}  // namespace weir
