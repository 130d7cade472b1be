#include "event/flow_armings.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace weir::event {

namespace {

/// A look at all flows is dear, so while the table is full it is taken at most so often.
constexpr Nanos kLookInterval = 100 * kMillisecond;

}  // namespace

FlowArmings& FlowArmings::operator=(FlowArmings&& other) noexcept {
  slots_ = std::move(other.slots_);
  mask_ = std::exchange(other.mask_, 0);
  count_ = std::exchange(other.count_, 0);
  looked_ = other.looked_;
  return *this;
}

FlowArmings::Slot* FlowArmings::find(const Flow& flow) const {
  if (slots_ == nullptr) return nullptr;
  for (std::uint32_t i = 0; i < kWindow; ++i) {
    Slot& slot = at(flow.hash, i);
    if (slot.flow.word == flow.word && slot.flow.hash == flow.hash && slot.belowSince != kVacant) return &slot;
  }
  return nullptr;
}

FlowArmings::Slot* FlowArmings::vacant(std::uint64_t hash) const {
  for (std::uint32_t i = 0; i < kWindow; ++i) {
    if (Slot& slot = at(hash, i); slot.belowSince == kVacant) return &slot;
  }
  return nullptr;
}

FlowArmings::Result FlowArmings::above(const Flow& flow, const Above& above, bool mayGrow) {
  if (Slot* const known = find(flow)) {
    const bool fires = isArmed(*known, above.now, above.timeout);
    known->belowSince = std::max(known->belowSince, above.below);
    known->strength = above.strength;
    return fires ? Result::fires : Result::quiet;
  }
  Result result = Result::fires;
  if (Slot* const slot = roomFor(flow, above, mayGrow, result)) *slot = {flow, above.below, above.strength};
  return result;
}

/// A slot for a newcomer; nullptr: refused.
FlowArmings::Slot* FlowArmings::roomFor(const Flow& flow, const Above& above, bool mayGrow, Result& result) {
  if (slots_ == nullptr && !rebuild(kFirstSlots)) return nullptr;
  const std::uint32_t slots = mask_ + 1;
  const bool looked = looked_ != INT64_MIN && above.now - looked_ < kLookInterval;
  if (count_ >= slots / 2 && !looked) {
    looked_ = above.now;
    const std::uint32_t before = mask_;
    expire(above.now, above.timeout);
    if (slots_ == nullptr || mask_ != before) return roomFor(flow, above, mayGrow, result);
  }
  Slot* weakest = nullptr;
  for (std::uint32_t i = 0; i < kWindow; ++i) {
    Slot& slot = at(flow.hash, i);
    if (slot.belowSince == kVacant) continue;
    if (isArmed(slot, above.now, above.timeout)) return &slot;
    if (weakest == nullptr || slot.strength < weakest->strength) weakest = &slot;
  }
  if (count_ < kMaxFlows) {
    if (count_ < slots / 2 || slots == kMaxSlots || !mayGrow) {
      if (Slot* const slot = vacant(flow.hash)) {
        ++count_;
        return slot;
      }
    }
    if (mayGrow && slots < kMaxSlots && rebuild(2 * slots)) return roomFor(flow, above, mayGrow, result);
  }
  if (weakest == nullptr) {  // nobody near to compare with
    ++count_;
    return vacant(flow.hash);
  }
  if (weakest->strength + above.half > above.strength) {
    result = Result::refused;
    return nullptr;
  }
  result = Result::displaces;
  return weakest;
}

void FlowArmings::below(const Flow& flow, Nanos now) {
  if (Slot* const known = find(flow); known != nullptr && known->belowSince > now) known->belowSince = now;
}

void FlowArmings::expire(Nanos now, Nanos timeout) {
  if (slots_ == nullptr) return;
  for (std::uint32_t i = 0; i <= mask_; ++i) {
    if (slots_[i].belowSince == kVacant || !isArmed(slots_[i], now, timeout)) continue;
    slots_[i].belowSince = kVacant;
    --count_;
  }
  if (count_ == 0) {
    slots_.reset();
    mask_ = 0;
  } else if (count_ < mask_ / 8) {
    rebuild(std::max(kFirstSlots, std::bit_ceil(4 * count_)));
  }
}

bool FlowArmings::rebuild(std::uint32_t slots) {
  FlowArmings larger;
  larger.slots_ = std::make_unique<Slot[]>(slots);
  larger.mask_ = slots - 1;
  for (std::uint32_t i = 0; i < slots; ++i) larger.slots_[i].belowSince = kVacant;
  for (std::uint32_t i = 0; slots_ != nullptr && i <= mask_; ++i) {
    if (slots_[i].belowSince == kVacant) continue;
    Slot* const place = larger.vacant(slots_[i].flow.hash);
    if (place == nullptr) return false;
    *place = slots_[i];
  }
  slots_ = std::move(larger.slots_);
  mask_ = larger.mask_;
  return true;
}

}  // namespace weir::event
