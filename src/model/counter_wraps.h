#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/counter_state.h"

namespace weir::model {

/// A 32-bit counter that is smaller than before has wrapped, or it was cleared, or the agent made it of others that it
/// read one after the other and it stepped back a little. It is taken for a wrap where the growth it then had is
/// possible (sFlow version 5, section 5, leaves this to the receiver): within every limit that the sample tells
/// (metrics.def), and less than half of the range unless a counter that limits it grew as much. Else it has no rate for
/// that interval.
class WrapEvidence {
 public:
  /// Where nothing limits a counter it grows by no more than this a second: twice as many calls, interrupts or packets
  /// as the busiest hosts count, and 32-bit counters of octets at more are of no use, as they wrap within minutes.
  static constexpr double kMostPerSecond = 10'000'000;
  static constexpr double kTolerance = 1.2;
  /// Agents read counters one after the other: one may be ahead by so much.
  static constexpr double kReadingSkew = 1000;
  static constexpr double kHalfRange = 0x80000000U;

  /// A limit in growth per second. `counted`: by something that was counted in the same interval.
  void add(double perSecond, bool counted) {
    if (!known_ || perSecond < most_) most_ = perSecond;
    known_ = true;
    counted_ = counted_ || counted;
  }
  /// `growth` in `seconds`: whether a wrap is believed.
  [[nodiscard]] bool allows(double growth, double seconds) const {
    if (!counted_ && growth >= kHalfRange) return false;
    return growth <= (known_ ? kTolerance * most_ * seconds + kReadingSkew : kMostPerSecond * seconds);
  }

 private:
  double most_ = 0;
  bool known_ = false, counted_ = false;
};

/// The counters of one sample that are smaller than before, until all of its records have been read: what limits one
/// may stand in a later record.
struct CounterState::Wraps {
  static constexpr std::size_t kMost = 64;  ///< further ones of a sample have no rate

  struct Wrap {
    std::uint16_t word;  ///< of its block
    std::uint16_t slot;
    double growth;   ///< since the sample before, if it wrapped
    double seconds;  ///< between the two
  };
  std::array<Wrap, kMost> of;
  std::size_t count = 0;
  std::optional<std::uint16_t> shares;  ///< word of the block whose CPU times are to become parts of their sum

  void add(const Wrap& wrap) {
    if (!full()) of[count++] = wrap;
  }
  [[nodiscard]] bool full() const { return count == kMost; }
};

}  // namespace weir::model
