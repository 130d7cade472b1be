#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir::query {

/// A flow definition, or a metric that thresholds look at, which nothing came for so far.
struct Uncounted {
  std::string name;
  std::uint64_t samples = 0;  ///< that came meanwhile
  static auto fields(auto& self, auto&& all) { return all(self.name, self.samples); }
};

/// Of two shards: what nothing came for at either. Both in order of name.
[[nodiscard]] inline std::vector<Uncounted> uncountedAtBoth(const std::vector<Uncounted>& one,
                                                            const std::vector<Uncounted>& other) {
  std::vector<Uncounted> both;
  auto at = other.begin();
  for (const Uncounted& each : one) {
    while (at != other.end() && at->name < each.name) ++at;
    if (at != other.end() && at->name == each.name) both.push_back({each.name, each.samples + at->samples});
  }
  return both;
}

/// A definition that counts nothing, and why.
struct CountsNothing {
  std::string kind;  ///< flow, threshold
  std::string name;
  std::vector<std::string> reasons;
};

}  // namespace weir::query
