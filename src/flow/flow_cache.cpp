#include "flow/flow_cache.h"

#include <cmath>
#include <random>

namespace weir::flow {

namespace {

/// The upper half of a float's bits, never less than the float.
std::uint16_t roundedUp(float weight) {
  return static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(weight) + 0xFFFF) >> 16);
}

std::uint64_t randomWord() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

const std::uint64_t KeyId::secret[2] = {randomWord(), randomWord()};

std::uint32_t FlowCache::Shape::maxSlots() const {
  return std::bit_ceil(std::clamp<std::uint32_t>(256 * n, 8192, 65536));
}

bool FlowCache::allocate(std::uint32_t slots, const Shape& shape, Arena& arena) {
  // Keys and cells are written before they are read.
  void* fresh = arena.allocate(slots * shape.stride());
  if (fresh == nullptr) return false;
  std::memset(fresh, 0, slots * sizeof(Slot));
  slots_ = static_cast<Slot*>(fresh);
  mask_ = slots - kBucket;
  return true;
}

double FlowCache::scaleTo(const DecayTime& time) const {
  const auto steps = static_cast<double>(time.landmark - landmark_);
  return steps == 0 ? 1.0 : std::exp(-DecayTime::kLandmarkTaus * steps);
}

std::uint32_t FlowCache::age(const Slot& slot, const DecayTime& now) const {
  constexpr std::int64_t kMost = INT32_MAX / DecayTime::kTicksPerLandmark;
  const std::int64_t steps = std::clamp(now.landmark - landmark_, -kMost, kMost);
  const std::int64_t ticks = steps * DecayTime::kTicksPerLandmark + now.tick - slot.last;
  return static_cast<std::uint32_t>(std::max<std::int64_t>(ticks, 0));
}

bool FlowCache::prepare(const Context& c) {
  if (slots_ != nullptr) {
    moveLandmark(c.time, c.shape, c.arena);
    return true;
  }
  landmark_ = c.time.landmark;
  return allocate(c.shape.keySize == 0 ? kBucket : kFirstSlots, c.shape, c.arena);
}

FlowCache::Slot* FlowCache::lightest(Slot* bucket) {
  static_assert(kBucket == 4);
  const float a = bucket[0].total(), b = bucket[1].total(), c = bucket[2].total(), d = bucket[3].total();
  const unsigned left = b < a ? 1 : 0, right = d < c ? 3 : 2;
  return bucket + (std::min(c, d) < std::min(a, b) ? right : left);
}

FlowCache::Slot* FlowCache::addNew(Slot* bucket, const std::uint8_t* key, KeyId id, float weight, const Context& c) {
  if (!(weight > 0)) return nullptr;  // an amount of 0 makes no flow
  Slot* place = lightest(bucket);
  while (place->total() > 0 && mayWiden(c.shape.n) && rebuild(capacity() * 2, c.shape, c.arena)) {
    place = lightest(slots_ + home(id.hash));
  }
  if (place->total() > 0) {
    inherited_ += place->total();
    if (++evictions_ >= std::max(4U, capacity() / 4) && grow(c)) place = lightest(slots_ + home(id.hash));
  }
  const float inherited = place->total();  // 0 of a vacant one
  const auto i = static_cast<std::uint32_t>(place - slots_);
  if (c.shape.cells != nullptr) {
    if (place->own > 0) releaseCells(i, c.shape, c.arena);
    c.shape.cells->init(cellsAt(i, c.shape));
  }
  *place = {id.word, weight, roundedUp(inherited), static_cast<std::uint16_t>(c.time.tick)};
  if (c.shape.keySize > 8) std::memcpy(keyAt(i, c.shape), key, c.shape.keySize);
  return place;
}

/// Keys that meet by chance must not cost a flow that would be reported: there may be room for n flows, but for not
/// more than four times those that there are, so that a few keys which were made to meet do not make a table large.
bool FlowCache::mayWiden(std::uint32_t n) const {
  if (capacity() >= roomFor(n)) return false;
  const auto flows = std::count_if(slots_, slots_ + capacity(), [](const Slot& s) { return s.own > 0; });
  return capacity() < roomFor(4 * (static_cast<std::uint32_t>(flows) + 1));
}

void FlowCache::releaseCells(std::uint32_t i, const Shape& shape, Arena& arena) const {
  if (shape.cells != nullptr) shape.cells->release(cellsAt(i, shape), arena);
}

bool FlowCache::grow(const Context& c) {
  const float mean = inherited_ / static_cast<float>(evictions_);
  evictions_ = 0;
  inherited_ = 0;
  if (capacity() >= c.shape.maxSlots()) return false;
  // Large enough when n flows are so large that what newcomers inherit does not matter beside them.
  const float large = mean / static_cast<float>(kTolerance);
  std::uint32_t count = 0;
  for (const Slot* slot = slots_; slot != slots_ + capacity(); ++slot) {
    if (slot->total() >= large && ++count == c.shape.n) return false;
  }
  return rebuild(capacity() * 2, c.shape, c.arena);
}

bool FlowCache::rebuild(std::uint32_t slots, const Shape& shape, Arena& arena, bool keepAll) {
  const FlowCache old = *this;
  if (!allocate(slots, shape, arena)) return false;
  if (keepAll && !hasRoomFor(old, shape)) {
    arena.free(slots_, capacity() * shape.stride());
    *this = old;
    return false;
  }
  float lost = 0;
  for (std::uint32_t i = 0; i < old.capacity(); ++i) {
    const Slot& moved = old.slots_[i];
    // Who was evicted from a full bucket may find a vacant slot now.
    if (i % kBucket == 0) lost = std::max(lost, lightest(&old.slots_[i])->total());
    if (moved.own == 0) continue;
    const std::uint8_t* key = old.keyOf(i, shape);
    Slot* const place = lightest(slots_ + home(KeyId::of(key, shape.keySize).hash));
    // A full bucket, which only a shrinking table has, keeps its heavier flows.
    lost = std::max(lost, std::min(place->total(), moved.total()));
    if (place->total() >= moved.total()) {
      old.releaseCells(i, shape, arena);
      continue;
    }
    const auto to = static_cast<std::uint32_t>(place - slots_);
    if (place->own > 0) releaseCells(to, shape, arena);
    *place = moved;
    if (shape.keySize > 8) std::memcpy(keyAt(to, shape), key, shape.keySize);
    std::copy_n(old.cellsAt(i, shape), shape.cellWords(), cellsAt(to, shape));
  }
  lost_ += lost;
  arena.free(old.slots_, old.capacity() * shape.stride());
  return true;
}

/// Whether each flow of `old` finds a vacant slot in this table, which is empty, and is afterwards.
bool FlowCache::hasRoomFor(const FlowCache& old, const Shape& shape) {
  bool room = true;
  for (std::uint32_t i = 0; i < old.capacity() && room; ++i) {
    if (old.slots_[i].own == 0) continue;
    Slot* const bucket = slots_ + home(KeyId::of(old.keyOf(i, shape), shape.keySize).hash);
    Slot* const vacant = std::find_if(bucket, bucket + kBucket, [](const Slot& s) { return s.own == 0; });
    room = vacant != bucket + kBucket;
    if (room) vacant->own = 1;
  }
  std::memset(static_cast<void*>(slots_), 0, capacity() * sizeof(Slot));
  return room;
}

void FlowCache::moveLandmark(const DecayTime& time, const Shape& shape, Arena& arena) {
  const double scale = scaleTo(time);
  std::uint32_t live = 0;
  float lost = 0;
  for (Slot* slot = slots_; slot != slots_ + capacity(); ++slot) {
    if (slot->own == 0) continue;
    const auto i = static_cast<std::uint32_t>(slot - slots_);
    const std::uint32_t ticks = age(*slot, time);
    const auto own = static_cast<float>(slot->own * scale);
    const std::uint16_t error = roundedUp(static_cast<float>(slot->errorWeight() * scale));
    const Slot moved{slot->word, own, error, static_cast<std::uint16_t>(time.tick - std::min(ticks, time.tick))};
    if (ticks > DecayTime::kStaleTicks || own == 0) {
      lost = std::max(lost, moved.total());
      releaseCells(i, shape, arena);
      *slot = {};
    } else {
      *slot = moved;
      if (shape.cells != nullptr) shape.cells->scale(cellsAt(i, shape), scale);
      ++live;
    }
  }
  lost_ = static_cast<float>(lost_ * scale) + lost;
  landmark_ = time.landmark;
  evictions_ = 0;
  inherited_ = 0;
  if (shape.keySize == 0) return;
  const bool allReported = live <= shape.n;
  const std::uint32_t wanted = std::max(allReported ? roomFor(live) : std::bit_ceil(live * 2 + 1), kFirstSlots);
  if (wanted < capacity()) rebuild(wanted, shape, arena, allReported);
}

void FlowCache::top(std::vector<Flow>& out, std::size_t limit, const DecayTime& now, const Shape& shape) const {
  out.clear();
  if (slots_ == nullptr || limit == 0) return;
  const double scale = scaleTo(now);
  const auto larger = [&](const Flow& a, const Flow& b) {
    if (a.value != b.value) return a.value > b.value;
    return std::memcmp(a.key, b.key, shape.keySize) < 0;
  };
  // The largest so far are a heap with the least of them on top: most slots are compared with that one and no more.
  for (std::uint32_t i = 0; i < capacity(); ++i) {
    const Slot& slot = slots_[i];
    if (slot.own == 0) continue;
    Flow flow;
    flow.value = measureOf(i, now, shape, scale);
    if (out.size() == limit && flow.value < out.front().value) continue;
    const std::uint32_t ticks = age(slot, now);
    if (ticks > DecayTime::kStaleTicks) continue;
    flow.key = keyOf(i, shape);
    flow.errorRate = shape.valueIsCell ? 0 : (static_cast<double>(slot.errorWeight()) + lost_) * scale;
    flow.age = ticks * shape.tau / DecayTime::kTicksPerTau;
    flow.cells = shape.cells == nullptr ? nullptr : cellsAt(i, shape);
    if (out.size() == limit) {
      if (!larger(flow, out.front())) continue;
      std::pop_heap(out.begin(), out.end(), larger);
      out.pop_back();
    }
    out.push_back(flow);
    std::push_heap(out.begin(), out.end(), larger);
  }
  std::sort_heap(out.begin(), out.end(), larger);
  if (shape.valueIsCell) return;
  for (Flow& flow : out) {
    flow.value = now.rateOf(flow.value);
    flow.errorRate = now.rateOf(flow.errorRate);
  }
  // Rates that differed may be equal now.
  std::sort(out.begin(), out.end(), larger);
}

double FlowCache::largest(const DecayTime& now, const Shape& shape) const {
  if (slots_ == nullptr) return 0;
  const double scale = scaleTo(now);
  if (!shape.valueIsCell) {
    float best = 0;
    for (const Slot* slot = slots_; slot != slots_ + capacity(); ++slot) best = std::max(best, slot->own);
    return now.rateOf(best * scale);
  }
  double best = 0;
  for (std::uint32_t i = 0; i < capacity(); ++i) {
    if (isShown(slots_[i], now)) best = std::max(best, measureOf(i, now, shape, scale));
  }
  return best;
}

void FlowCache::clear(const Shape& shape, Arena& arena) {
  if (slots_ != nullptr) {
    for (std::uint32_t i = 0; shape.cells != nullptr && i < capacity(); ++i) {
      if (slots_[i].own > 0) releaseCells(i, shape, arena);
    }
    arena.free(slots_, capacity() * shape.stride());
  }
  *this = FlowCache();
}

}  // namespace weir::flow
