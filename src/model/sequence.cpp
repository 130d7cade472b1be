#include "model/sequence.h"

namespace weir::model {

SequenceStep SequenceTracker::begin(std::uint32_t sequence, SequenceStep step) {
  last_ = sequence;
  seen_ = 1;
  age_ = 0;
  started_ = true;
  return step;
}

SequenceStep SequenceTracker::note(std::uint32_t sequence, SequenceCounts& counts, bool restarted) {
  if (!started_) return begin(sequence, SequenceStep::first);
  if (restarted) {
    ++counts.restarts;
    return begin(sequence, SequenceStep::restart);
  }
  const std::uint32_t ahead = sequence - last_;
  if (ahead == 0) {
    if (sequence <= 1) return SequenceStep::untracked;
    ++counts.duplicates;
    return SequenceStep::duplicate;
  }
  if (ahead <= kLargestGap) {
    seen_ = ahead < 32 ? seen_ << ahead | 1 : 1;
    age_ = static_cast<std::uint8_t>(ahead < 32U - age_ ? age_ + ahead : 32);
    last_ = sequence;
    if (ahead == 1) return SequenceStep::next;
    counts.lost += ahead - 1;
    return SequenceStep::gap;
  }
  const std::uint32_t behind = last_ - sequence;
  if (behind > kReordering) {
    ++counts.restarts;
    return begin(sequence, SequenceStep::restart);
  }
  const std::uint32_t bit = 1U << behind;
  if ((seen_ & bit) != 0) {
    ++counts.duplicates;
    return SequenceStep::duplicate;
  }
  seen_ |= bit;
  ++counts.outOfOrder;
  // It was counted as lost when it was passed over; a number before the first one of the stream was not.
  if (behind <= age_) --counts.lost;
  return SequenceStep::outOfOrder;
}

std::optional<std::uint32_t> uptimeAdvance(std::uint32_t from, std::uint32_t to) {
  constexpr std::uint32_t kWrap = 3'600'000;
  const std::uint32_t advance = to - from;
  if (to >= from || advance < kWrap) return advance;
  return std::nullopt;
}

bool UptimeTracker::restarted(std::uint32_t uptimeMs) {
  const bool forward = !started_ || uptimeAdvance(last_, uptimeMs).has_value();
  if (!forward && last_ - uptimeMs <= kToleranceMs) return false;  // overtaken: keep the newest
  started_ = true;
  last_ = uptimeMs;
  return !forward;
}

}  // namespace weir::model
