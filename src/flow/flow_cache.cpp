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

DecayTime::DecayTime(Nanos now, double tauSeconds) {
  const auto step = static_cast<Nanos>(kLandmarkTaus * tauSeconds * 1e9);
  landmark = now / step - (now % step < 0 ? 1 : 0);
  const double taus = static_cast<double>(now - landmark * step) / (tauSeconds * 1e9);
  gain = std::exp(taus);
  rate = 1.0 / (gain * tauSeconds);
  tick = std::min(kFirstTick + static_cast<std::uint32_t>(taus * kTicksPerTau), 65535U);
}

double DecayTime::rateOf(double weight) const {
  const double exact = weight * rate;
  if (!(exact > 1e-30)) return 0;
  const int digits = 6 - static_cast<int>(std::floor(std::log10(exact)));
  const double power = std::pow(10.0, std::abs(digits));
  return digits >= 0 ? std::round(exact * power) / power : std::round(exact / power) * power;
}

std::uint32_t FlowCache::Shape::maxSlots() const {
  return std::bit_ceil(std::clamp<std::uint32_t>(256 * n, 8192, 65536));
}

bool FlowCache::allocate(std::uint32_t slots, const Shape& shape, Arena& arena) {
  // Keys are written before they are read.
  void* fresh = arena.allocate(slots * (sizeof(Slot) + shape.keyStride()));
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

float FlowCache::addNew(Slot* bucket, const std::uint8_t* key, KeyId id, float weight, const Context& c) {
  if (!(weight > 0)) return 0;  // an amount of 0 makes no flow
  Slot* const place = lightest(bucket);
  const float inherited = place->total();  // 0 of a vacant one
  *place = {id.word, weight, roundedUp(inherited), static_cast<std::uint16_t>(c.time.tick)};
  if (c.shape.keySize > 8) {
    std::memcpy(keyAt(static_cast<std::uint32_t>(place - slots_), c.shape), key, c.shape.keySize);
  }
  if (inherited > 0) {
    inherited_ += inherited;
    if (++evictions_ >= std::max(4U, capacity() / 4)) grow(c);
  }
  return weight;
}

void FlowCache::grow(const Context& c) {
  const float mean = inherited_ / static_cast<float>(evictions_);
  evictions_ = 0;
  inherited_ = 0;
  if (capacity() >= c.shape.maxSlots()) return;
  // Large enough when n flows are so large that what newcomers inherit does not matter beside them.
  const float large = mean / static_cast<float>(kTolerance);
  std::uint32_t count = 0;
  for (const Slot* slot = slots_; slot != slots_ + capacity(); ++slot) {
    if (slot->total() >= large && ++count == c.shape.n) return;
  }
  rebuild(capacity() * 2, c.shape, c.arena);
}

void FlowCache::rebuild(std::uint32_t slots, const Shape& shape, Arena& arena) {
  const FlowCache old = *this;
  if (!allocate(slots, shape, arena)) return;
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
    if (place->total() >= moved.total()) continue;
    *place = moved;
    if (shape.keySize > 8) std::memcpy(keyAt(static_cast<std::uint32_t>(place - slots_), shape), key, shape.keySize);
  }
  lost_ += lost;
  arena.free(old.slots_, old.capacity() * (sizeof(Slot) + shape.keyStride()));
}

void FlowCache::moveLandmark(const DecayTime& time, const Shape& shape, Arena& arena) {
  const double scale = scaleTo(time);
  std::uint32_t live = 0;
  float lost = 0;
  for (Slot* slot = slots_; slot != slots_ + capacity(); ++slot) {
    if (slot->own == 0) continue;
    const std::uint32_t ticks = age(*slot, time);
    const auto own = static_cast<float>(slot->own * scale);
    const std::uint16_t error = roundedUp(static_cast<float>(slot->errorWeight() * scale));
    const Slot moved{slot->word, own, error, static_cast<std::uint16_t>(time.tick - std::min(ticks, time.tick))};
    if (ticks > DecayTime::kStaleTicks || own == 0) {
      lost = std::max(lost, moved.total());
      *slot = {};
    } else {
      *slot = moved;
      ++live;
    }
  }
  lost_ = static_cast<float>(lost_ * scale) + lost;
  landmark_ = time.landmark;
  evictions_ = 0;
  inherited_ = 0;
  if (shape.keySize == 0) return;
  const std::uint32_t wanted = std::max(std::bit_ceil(live * 2 + 1), kFirstSlots);
  if (wanted < capacity()) rebuild(wanted, shape, arena);
}

void FlowCache::top(std::vector<Flow>& out, std::size_t limit, const DecayTime& now, const Shape& shape) const {
  out.clear();
  if (slots_ == nullptr || limit == 0) return;
  const double scale = scaleTo(now);
  for (std::uint32_t i = 0; i < capacity(); ++i) {
    const Slot& slot = slots_[i];
    if (slot.own == 0) continue;
    const std::uint32_t ticks = age(slot, now);
    if (ticks > DecayTime::kStaleTicks) continue;
    out.push_back({keyOf(i, shape), slot.own * scale, (static_cast<double>(slot.errorWeight()) + lost_) * scale,
                   ticks * shape.tau / DecayTime::kTicksPerTau});
  }
  const auto larger = [&](const Flow& a, const Flow& b) {
    if (a.rate != b.rate) return a.rate > b.rate;
    return std::memcmp(a.key, b.key, shape.keySize) < 0;
  };
  if (out.size() > limit) {
    std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(limit) - 1, out.end(), larger);
    out.resize(limit);
  }
  for (Flow& flow : out) {
    flow.rate = now.rateOf(flow.rate);
    flow.errorRate = now.rateOf(flow.errorRate);
  }
  std::sort(out.begin(), out.end(), larger);
}

double FlowCache::largest(const DecayTime& now) const {
  float best = 0;
  if (slots_ == nullptr) return 0;
  for (const Slot* slot = slots_; slot != slots_ + capacity(); ++slot) best = std::max(best, slot->own);
  return now.rateOf(best * scaleTo(now));
}

void FlowCache::clear(const Shape& shape, Arena& arena) {
  if (slots_ != nullptr) arena.free(slots_, capacity() * (sizeof(Slot) + shape.keyStride()));
  *this = FlowCache();
}

}  // namespace weir::flow
