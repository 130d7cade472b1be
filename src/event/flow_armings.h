#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/time.h"
#include "event/threshold.h"

namespace weir::event {

/// Which flows of one data source are above the limit of one byFlow threshold, and from when on each may fire again.
///
/// A table of windows: a flow stands in one of the kWindow slots behind the place of its hash. A flow is remembered
/// until it is armed again, and then its slot is free. The table doubles where flows find no room, up to kMaxFlows of
/// them. There a newcomer takes the place of the weakest flow of its window, if that is at most half as large as the
/// newcomer now (so that flows of one size do not displace each other in turns, and fire each time); else it is
/// refused: it has no event, but a much larger flow always has. Memory follows the flows that are above the limit, and
/// goes back with them (expire). What it does depends on the flows of this data source only. Thread: its owner's.
class FlowArmings {
 public:
  static constexpr std::uint32_t kMaxFlows = 16'384;
  static constexpr std::uint32_t kWindow = 16;
  static constexpr std::uint32_t kMaxSlots = 2 * kMaxFlows;

  /// Two flows are the same if both are equal. `hash` says where; see flow::KeyId.
  struct Flow {
    std::uint64_t hash;
    std::uint64_t word;
  };
  /// A flow that is above the limit at `now`.
  struct Above {
    Nanos now;
    Nanos below;      ///< when it will have fallen below if nothing else comes
    Nanos timeout;    ///< of the threshold
    double strength;  ///< nanoseconds: now + τ ln(value), or that and a constant; its order stays while flows decay
    double half;  ///< nanoseconds: τ ln 2. Flows whose strengths differ by this are one twice as large as the other
  };
  enum class Result : std::uint8_t {
    quiet,      ///< it fired before, and was not below for the timeout
    fires,      ///< this is the moment to fire
    displaces,  ///< the same, and a smaller flow is forgotten
    refused,    ///< no room: too many flows are above the limit, and it is no larger than they
  };

  FlowArmings() = default;
  FlowArmings(FlowArmings&& other) noexcept { *this = std::move(other); }
  FlowArmings& operator=(FlowArmings&& other) noexcept;
  ~FlowArmings() = default;

  /// `mayGrow`: whether the table may take more memory.
  Result above(const Flow& flow, const Above& above, bool mayGrow);
  /// The flow is at or below the limit now.
  void below(const Flow& flow, Nanos now);
  /// Forgets flows that are armed again at `now`, and gives memory back.
  void expire(Nanos now, Nanos timeout);

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// Octets of the table.
  [[nodiscard]] std::size_t memory() const { return slots_ == nullptr ? 0 : sizeof(Slot) * (mask_ + 1); }

 private:
  static constexpr std::uint32_t kFirstSlots = 16;
  struct Slot {
    Flow flow;
    Nanos belowSince;  // kVacant: no flow
    double strength;
  };
  static constexpr Nanos kVacant = INT64_MIN;
  static bool isArmed(const Slot& slot, Nanos now, Nanos timeout) {
    return slot.belowSince <= now && now - slot.belowSince >= timeout;
  }

  [[nodiscard]] Slot& at(std::uint64_t hash, std::uint32_t i) const {
    return slots_[(static_cast<std::uint32_t>(hash) + i) & mask_];
  }
  [[nodiscard]] Slot* find(const Flow& flow) const;
  [[nodiscard]] Slot* vacant(std::uint64_t hash) const;
  Slot* roomFor(const Flow& flow, const Above& above, bool mayGrow, Result& result);
  /// False: some flow finds no room in a table of so many slots; then nothing changed.
  bool rebuild(std::uint32_t slots);

  std::unique_ptr<Slot[]> slots_;
  std::uint32_t mask_ = 0;
  std::uint32_t count_ = 0;
  Nanos looked_ = INT64_MIN;  // when those that are armed again were looked for, the table being full
};

}  // namespace weir::event
