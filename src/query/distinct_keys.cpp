#include "query/distinct_keys.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace weir::query {

void DistinctKeys::add(std::uint64_t hash) {
  note(mixHash(hash, 0x9e3779b97f4a7c15ULL));
}

void DistinctKeys::add(const DistinctKeys& others) {
  for (const std::uint64_t mixed : others.smallest_) note(mixed);
}

void DistinctKeys::note(std::uint64_t mixed) {
  if (mixed > bound_) return;
  smallest_.push_back(mixed);
  if (smallest_.size() >= 2 * kExact) prune();
}

void DistinctKeys::prune() {
  std::ranges::sort(smallest_);
  const auto again = std::ranges::unique(smallest_);
  smallest_.erase(again.begin(), again.end());
  if (smallest_.size() < kExact) return;
  smallest_.resize(kExact);
  bound_ = smallest_.back();
}

std::uint64_t DistinctKeys::count() const {
  DistinctKeys all = *this;
  all.prune();
  if (all.smallest_.size() < kExact) return all.smallest_.size();
  const double part =
      (static_cast<double>(all.smallest_.back()) + 1) * 0x1p-64;  // of all hashes, up to the largest kept
  return static_cast<std::uint64_t>(std::llround((kExact - 1) / part));
}

}  // namespace weir::query
