#include "flow/distinct_counter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace weir::flow {

namespace {

constexpr std::uint64_t kCurrent = 1;
constexpr unsigned kIndexBits = std::bit_width(DistinctCounter::kRegisters) - 1;

/// Spreads a hash that is good enough for a table over all bits, as registers need it (the finaliser of SplitMix64:
/// Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t spread(std::uint64_t h) {
  h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
  return h ^ h >> 31;
}

/// The lowest bit of the hash takes no part: lists use it.
void note(std::uint8_t* registers, std::uint64_t hash) {
  const std::uint64_t rest = hash >> 1 | std::uint64_t{1} << (63 - kIndexBits);
  const auto rank = static_cast<std::uint8_t>(std::countr_zero(rest) + 1);
  std::uint8_t& of = registers[hash >> (64 - kIndexBits)];
  of = std::max(of, rank);
}

/// Estimate of registers whose value is given by `at`, by linear counting where many are still 0 (section 4 of the
/// HyperLogLog paper).
template <class At>
double estimateOf(At&& at) {
  constexpr double m = DistinctCounter::kRegisters;
  double sum = 0;
  unsigned zeros = 0;
  for (std::uint32_t i = 0; i < DistinctCounter::kRegisters; ++i) {
    const unsigned rank = at(i);
    sum += std::ldexp(1.0, -static_cast<int>(rank));
    zeros += rank == 0 ? 1 : 0;
  }
  const double raw = 0.7213 / (1 + 1.079 / m) * m * m / sum;
  return raw <= 2.5 * m && zeros != 0 ? m * std::log(m / zeros) : raw;
}

}  // namespace

std::size_t DistinctCounter::blockSize() const {
  return isRegisters_ ? 2 * kRegisters : capacity_ * sizeof(std::uint64_t);
}

std::uint16_t DistinctCounter::windowsSince(std::int64_t window) const {
  return static_cast<std::uint16_t>(static_cast<std::uint16_t>(window) - window_);
}

void DistinctCounter::release(Arena& arena) {
  arena.free(block_, blockSize());
  *this = {};
}

void DistinctCounter::moveTo(std::int64_t window, Arena& arena) {
  const std::uint16_t steps = windowsSince(window);
  if (steps != 0 && block_ != nullptr) {
    if (steps > 1) {
      release(arena);
    } else if (isRegisters_) {
      std::memcpy(registers() + kRegisters, registers(), kRegisters);
      std::memset(registers(), 0, kRegisters);
    } else {
      auto* const end = std::remove_if(list(), list() + listed_, [](std::uint64_t h) { return (h & kCurrent) == 0; });
      listed_ = static_cast<std::uint16_t>(end - list());
      std::for_each(list(), end, [](std::uint64_t& h) { h &= ~kCurrent; });
    }
  }
  window_ = static_cast<std::uint16_t>(window);
}

void DistinctCounter::add(std::uint64_t hash, std::int64_t window, Arena& arena) {
  moveTo(window, arena);
  hash = spread(hash);
  if (isRegisters_) return note(registers(), hash);
  addToList(hash, arena);
}

void DistinctCounter::addToList(std::uint64_t hash, Arena& arena) {
  const std::uint64_t value = hash | kCurrent;
  for (std::uint16_t i = 0; i < listed_; ++i) {
    if ((list()[i] | kCurrent) != value) continue;
    list()[i] = value;
    return;
  }
  if (listed_ == capacity_) {
    if (listed_ == kListed) {
      if (becomeRegisters(arena)) note(registers(), hash);
      return;
    }
    if (!growList(arena)) return;
  }
  list()[listed_++] = value;
}

bool DistinctCounter::growList(Arena& arena) {
  const std::uint32_t wanted = capacity_ == 0 ? kFirstListed : capacity_ * 2U;
  void* larger = arena.allocate(wanted * sizeof(std::uint64_t));
  if (larger == nullptr) return false;
  std::copy_n(list(), listed_, static_cast<std::uint64_t*>(larger));
  arena.free(block_, blockSize());
  block_ = larger;
  capacity_ = static_cast<std::uint16_t>(wanted);
  return true;
}

bool DistinctCounter::becomeRegisters(Arena& arena) {
  auto* fresh = static_cast<std::uint8_t*>(arena.allocate(2 * kRegisters));
  if (fresh == nullptr) return false;
  std::memset(fresh, 0, 2 * kRegisters);
  for (std::uint16_t i = 0; i < listed_; ++i) {
    note((list()[i] & kCurrent) != 0 ? fresh : fresh + kRegisters, list()[i]);
  }
  arena.free(block_, blockSize());
  block_ = fresh;
  isRegisters_ = true;
  return true;
}

double DistinctCounter::estimate(std::int64_t window) const {
  const std::uint16_t steps = windowsSince(window);
  if (block_ == nullptr || steps > 1) return 0;
  if (!isRegisters_) {
    return steps == 0 ? listed_ : static_cast<double>(std::count_if(list(), list() + listed_, [](std::uint64_t h) {
      return (h & kCurrent) != 0;
    }));
  }
  const std::uint8_t* current = registers();
  const std::uint8_t* previous = current + kRegisters;
  if (steps == 1) return estimateOf([&](std::uint32_t i) { return current[i]; });
  return estimateOf([&](std::uint32_t i) { return std::max(current[i], previous[i]); });
}

}  // namespace weir::flow
