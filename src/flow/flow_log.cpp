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

bool FlowLogTable::grow(const Shape& shape, Arena& arena) {
  FlowLogTable larger;
  std::uint32_t slots = (mask_ + 1) * 2;
  // A window can be full in the larger table too; then double again, up to the bound.
  for (;; slots *= 2) {
    if (slots > kMaxFlows || !larger.allocate(slots, shape, arena)) return false;
    bool fits = true;
    for (std::uint32_t i = 0; i <= mask_ && fits; ++i) {
      Slot* from = at(i, shape);
      if (from->used == 0) continue;
      const auto home = static_cast<std::uint32_t>(KeyId::of(keyOf(from), shape.keySize).hash) & larger.mask_;
      fits = false;
      for (std::uint32_t j = 0; j < kWindow && !fits; ++j) {
        Slot* to = larger.at((home + j) & larger.mask_, shape);
        if (to->used != 0) continue;
        std::memcpy(to, from, shape.stride());
        fits = true;
      }
    }
    if (fits) break;
    larger.giveBack(shape, arena);
  }
  larger.open_ = open_;
  larger.nextDue_ = nextDue_;
  giveBack(shape, arena);
  *this = larger;
  return true;
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
