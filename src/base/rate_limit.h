#pragma once
#include <cstdint>
#include <mutex>

#include "base/time.h"

namespace weir {

/// Lets at most `perSecond` of many like things through in each second and counts the rest.
/// Thread: any. Time is monotonic and given by the caller.
class RateLimit {
 public:
  explicit RateLimit(unsigned perSecond = 1) : perSecond_(perSecond) {}

  struct Verdict {
    bool admitted = false;
    std::uint64_t suppressed = 0;  ///< with admitted: how many were held back since the last one let through
  };
  [[nodiscard]] Verdict admit(Nanos monotonic) {
    const std::lock_guard lock(mutex_);
    if (!started_ || monotonic - second_ >= kSecond) {
      started_ = true;
      second_ = monotonic;
      used_ = 0;
    }
    if (used_ >= perSecond_) {
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
  unsigned perSecond_;
  unsigned used_ = 0;
  std::uint64_t suppressed_ = 0;
  Nanos second_ = 0;  // when the current second began
  bool started_ = false;
};

}  // namespace weir
