#include "flow/flow_cache.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::flow {

namespace {

constexpr std::uint32_t kAheadMs = 3'600'000;  // how far behind the newest sample a question may be

std::uint32_t staleAfterMs(double tau) { return static_cast<std::uint32_t>(std::min(tau * 10'000.0, 4e9)); }

bool sameKey(const std::byte* slot, const std::uint8_t* key, std::uint32_t size) {
  const std::byte* p = slot + 16;
  for (std::uint32_t i = 0; i < size; i += 8) {
    std::uint64_t a, b;
    std::memcpy(&a, p + i, 8);
    std::memcpy(&b, key + i, 8);
    if (a != b) return false;
  }
  return true;
}

}  // namespace

DecayTime::DecayTime(Nanos now, double tauSeconds) {
  const auto step = static_cast<Nanos>(kLandmarkTaus * tauSeconds * 1e9);
  landmark = now / step - (now % step < 0 ? 1 : 0);
  gain = std::exp(static_cast<double>(now - landmark * step) / (tauSeconds * 1e9));
  rate = 1.0 / (gain * tauSeconds);
  milliseconds = static_cast<std::uint32_t>(now / kMillisecond);
}

std::uint32_t FlowCache::Shape::maxSlots() const {
  return std::bit_ceil(std::clamp<std::uint32_t>(256 * n, 8192, 65536));
}

bool FlowCache::allocate(std::uint32_t slots, const Shape& shape, Arena& arena) {
  const std::size_t size = static_cast<std::size_t>(slots) * shape.stride();
  auto* fresh = static_cast<std::byte*>(arena.allocate(size));
  if (fresh == nullptr) return false;
  std::memset(fresh, 0, size);
  slots_ = fresh;
  mask_ = slots - 1;
  return true;
}

double FlowCache::scaleTo(const DecayTime& time) const {
  const auto steps = static_cast<double>(time.landmark - landmark_);
  return steps == 0 ? 1.0 : std::exp(-DecayTime::kLandmarkTaus * steps);
}

FlowCache::Change FlowCache::add(const std::uint8_t* key, std::uint64_t hash, double amount, const DecayTime& time,
                                 const Shape& shape, Arena& arena) {
  if (slots_ == nullptr) {
    if (!allocate(shape.keySize == 0 ? 1 : kFirstSlots, shape, arena)) return {};
    landmark_ = time.landmark;
  } else if (landmark_ != time.landmark) {
    moveLandmark(time, shape, arena);
  }
  const double weight = amount * time.gain;
  const std::uint32_t stride = shape.stride();
  const std::uint32_t bucket = home(hash);
  std::byte* p = at(bucket, stride);
  for (std::uint32_t i = 0; i < bucketSize(); ++i, p += stride) {
    auto* slot = reinterpret_cast<Slot*>(p);
    if (slot->weight == 0) break;
    if (sameKey(p, key, shape.keySize)) {
      const double before = slot->weight - static_cast<double>(slot->error);
      slot->weight += weight;
      slot->lastMs = time.milliseconds;
      return {before, before + weight, false};
    }
  }
  return addNew(bucket, key, weight, time, shape, arena);
}

FlowCache::Change FlowCache::addNew(std::uint32_t bucket, const std::uint8_t* key, double weight, const DecayTime& time,
                                    const Shape& shape, Arena& arena) {
  if (!(weight > 0)) return {};  // an amount of 0 makes no flow
  const std::uint32_t stride = shape.stride();
  std::byte* lightest = nullptr;
  std::byte* p = at(bucket, stride);
  for (std::uint32_t i = 0; i < bucketSize(); ++i, p += stride) {
    auto* slot = reinterpret_cast<Slot*>(p);
    if (slot->weight == 0) {
      lightest = p;
      break;
    }
    if (lightest == nullptr || slot->weight < reinterpret_cast<Slot*>(lightest)->weight) lightest = p;
  }
  auto* slot = reinterpret_cast<Slot*>(lightest);
  const double inherited = slot->weight;
  // The bound is rounded up to a float, so that weight − error never exceeds the true weight.
  float error = static_cast<float>(inherited);
  if (static_cast<double>(error) < inherited) error = std::nextafter(error, INFINITY);
  slot->weight = inherited + weight;
  slot->error = error;
  slot->lastMs = time.milliseconds;
  std::memcpy(lightest + 16, key, shape.keySize);
  const double after = std::max(0.0, slot->weight - static_cast<double>(error));
  if (inherited > 0) onEviction(inherited, time, shape, arena);
  return {0, after, true};
}

void FlowCache::onEviction(double inherited, const DecayTime& time, const Shape& shape, Arena& arena) {
  ++evictions_;
  inherited_ += inherited;
  lost_ = std::max(lost_, inherited);
  if (evictions_ < std::max(4u, (mask_ + 1) / 4)) return;
  const double mean = inherited_ / evictions_;
  evictions_ = 0;
  inherited_ = 0;
  if (mask_ + 1 >= shape.maxSlots() || mean <= kTolerance * nthWeight(shape)) return;
  rebuild((mask_ + 1) * 2, 1.0, time.milliseconds, shape, arena);
}

double FlowCache::nthWeight(const Shape& shape) const {
  // The n-th largest of a table: a bounded heap of the n largest met so far.
  thread_local std::vector<double> largest;
  largest.clear();
  const std::uint32_t stride = shape.stride();
  for (std::uint32_t i = 0; i <= mask_; ++i) {
    const double w = reinterpret_cast<const Slot*>(at(i, stride))->weight;
    if (largest.size() < shape.n) {
      largest.push_back(w);
      std::push_heap(largest.begin(), largest.end(), std::greater<>());
    } else if (w > largest.front()) {
      std::pop_heap(largest.begin(), largest.end(), std::greater<>());
      largest.back() = w;
      std::push_heap(largest.begin(), largest.end(), std::greater<>());
    }
  }
  return largest.front();
}

void FlowCache::rebuild(std::uint32_t slots, double scale, std::uint32_t nowMs, const Shape& shape, Arena& arena) {
  lost_ *= scale;
  std::byte* const old = slots_;
  const std::uint32_t oldCount = mask_ + 1;
  const std::uint32_t stride = shape.stride();
  if (!allocate(slots, shape, arena)) return;
  const std::uint32_t stale = staleAfterMs(shape.tau);
  for (std::uint32_t i = 0; i < oldCount; ++i) {
    const std::byte* from = old + static_cast<std::size_t>(i) * stride;
    Slot moved = *reinterpret_cast<const Slot*>(from);
    moved.weight *= scale;
    moved.error = static_cast<float>(moved.error * scale);
    if (!(moved.weight > 0)) continue;
    if (nowMs - moved.lastMs > stale) {
      lost_ = std::max(lost_, moved.weight);
      continue;
    }
    const auto* key = reinterpret_cast<const std::uint8_t*>(from + 16);
    std::byte* place = nullptr;
    std::byte* p = at(home(hashKey(key, shape.keySize)), stride);
    for (std::uint32_t j = 0; j < bucketSize(); ++j, p += stride) {
      const double there = reinterpret_cast<Slot*>(p)->weight;
      if (there == 0) {
        place = p;
        break;
      }
      if (place == nullptr || there < reinterpret_cast<Slot*>(place)->weight) place = p;
    }
    // A full bucket keeps its heavier flows; the lightest is given up, as an eviction would.
    const double there = reinterpret_cast<Slot*>(place)->weight;
    if (there > 0) lost_ = std::max(lost_, std::min(there, moved.weight));
    if (there > moved.weight) continue;
    std::memcpy(place + 16, key, shape.keySize);
    *reinterpret_cast<Slot*>(place) = moved;
  }
  arena.free(old, static_cast<std::size_t>(oldCount) * stride);
}

void FlowCache::moveLandmark(const DecayTime& time, const Shape& shape, Arena& arena) {
  const double scale = scaleTo(time);
  const std::uint32_t stale = staleAfterMs(shape.tau);
  std::uint32_t live = 0;
  for (std::uint32_t i = 0; i <= mask_; ++i) {
    const auto* slot = reinterpret_cast<const Slot*>(at(i, shape.stride()));
    if (slot->weight > 0 && time.milliseconds - slot->lastMs <= stale) ++live;
  }
  const std::uint32_t wanted =
      shape.keySize == 0 ? 1 : std::clamp(std::bit_ceil(live * 2 + 1), kFirstSlots, mask_ + 1);
  rebuild(wanted, scale, time.milliseconds, shape, arena);
  landmark_ = time.landmark;
  evictions_ = 0;
  inherited_ = 0;
}

void FlowCache::top(std::vector<Flow>& out, std::size_t limit, const DecayTime& now, const Shape& shape) const {
  out.clear();
  if (slots_ == nullptr || limit == 0) return;
  const double toRate = scaleTo(now) * now.rate;
  const std::uint32_t stale = staleAfterMs(shape.tau);
  for (std::uint32_t i = 0; i <= mask_; ++i) {
    const std::byte* p = at(i, shape.stride());
    const auto* slot = reinterpret_cast<const Slot*>(p);
    // A sample may have come after the question: it is no age then.
    std::uint32_t age = now.milliseconds - slot->lastMs;
    if (static_cast<std::int32_t>(age) < 0 && age > 0xFFFFFFFF - kAheadMs) age = 0;
    if (!(slot->weight > 0) || age > stale) continue;
    const double guaranteed = slot->weight - static_cast<double>(slot->error);
    if (!(guaranteed > 0)) continue;
    out.push_back({reinterpret_cast<const std::uint8_t*>(p + 16), guaranteed * toRate,
                   std::max(static_cast<double>(slot->error), lost_) * toRate, age});
  }
  const auto larger = [&](const Flow& a, const Flow& b) {
    if (a.rate != b.rate) return a.rate > b.rate;
    return std::memcmp(a.key, b.key, shape.keySize) < 0;
  };
  if (out.size() > limit) {
    std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(limit) - 1, out.end(), larger);
    out.resize(limit);
  }
  std::sort(out.begin(), out.end(), larger);
}

double FlowCache::largest(const DecayTime& now, const Shape& shape) const {
  if (slots_ == nullptr) return 0;
  double best = 0;
  for (std::uint32_t i = 0; i <= mask_; ++i) {
    const auto* slot = reinterpret_cast<const Slot*>(at(i, shape.stride()));
    best = std::max(best, slot->weight - static_cast<double>(slot->error));
  }
  return best * scaleTo(now) * now.rate;
}

void FlowCache::clear(const Shape& shape, Arena& arena) {
  if (slots_ != nullptr) arena.free(slots_, static_cast<std::size_t>(mask_ + 1) * shape.stride());
  *this = FlowCache();
}

}  // namespace weir::flow
