#include "flow/flow_log.h"

#include "flow/flow_cache.h"

namespace weir::flow {

bool FlowLogTable::allocate(std::uint32_t slots, const Shape& shape, Arena& arena) {
  const std::size_t size = static_cast<std::size_t>(slots) * shape.stride();
  auto* fresh = static_cast<std::byte*>(arena.allocate(size));
  if (fresh == nullptr) return false;
  std::memset(fresh, 0, size);
  slots_ = fresh;
  mask_ = slots - 1;
  return true;
}

bool FlowLogTable::moveTo(std::uint32_t slots, const Shape& shape, Arena& arena) {
  FlowLogTable other;
  if (!other.allocate(slots, shape, arena)) return false;
  for (std::uint32_t i = 0; i <= mask_; ++i) {
    Slot* from = at(i, shape);
    if (from->used == 0) continue;
    const auto home = static_cast<std::uint32_t>(KeyId::of(keyOf(from), shape.keySize).hash) & other.mask_;
    bool fits = false;
    for (std::uint32_t j = 0; j < kWindow && !fits; ++j) {
      Slot* to = other.at((home + j) & other.mask_, shape);
      if (to->used != 0) continue;
      std::memcpy(to, from, shape.stride());
      fits = true;
    }
    if (fits) continue;
    other.giveBack(shape, arena);
    return false;
  }
  other.open_ = open_;
  other.nextDue_ = nextDue_;  // a look that was under way begins again
  giveBack(shape, arena);
  *this = other;
  return true;
}

bool FlowLogTable::grow(const Shape& shape, Arena& arena) {
  // A window can be full in the larger table too; then double again, up to the bound.
  for (std::uint32_t slots = (mask_ + 1) * 2; slots <= kMaxFlows; slots *= 2) {
    if (moveTo(slots, shape, arena)) return true;
  }
  return false;
}

void FlowLogTable::fit(const Shape& shape, Arena& arena) {
  if (open_ == 0) return giveBack(shape, arena);
  // With this distance between growing and getting smaller, moving costs little beside what opened and ended.
  constexpr std::uint32_t kMostlyEmpty = 16, kRoom = 4;
  if (mask_ < kFirst || open_ > (mask_ + 1) / kMostlyEmpty) return;
  std::uint32_t slots = kFirst;
  while (slots < open_ * kRoom) slots *= 2;
  moveTo(slots, shape, arena);  // where that is too small for some window, it stays at its size
}

/// The slots alone: what their cells hold has moved.
void FlowLogTable::giveBack(const Shape& shape, Arena& arena) {
  if (slots_ != nullptr) arena.free(slots_, static_cast<std::size_t>(mask_ + 1) * shape.stride());
  *this = FlowLogTable();
}

void FlowLogTable::clear(const Shape& shape, Arena& arena) {
  for (std::uint32_t i = 0; slots_ != nullptr && i <= mask_; ++i) {
    if (Slot* s = at(i, shape); s->used != 0) end(s, shape, arena);
  }
  giveBack(shape, arena);
}

}  // namespace weir::flow
