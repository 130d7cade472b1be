#pragma once
#include <cstdint>
#include <vector>

namespace weir::query {

/// How many different keys there are, some of which are at several data sources: exact below kExact of them, then with
/// a standard error of 1.6 %. Keeps the kExact smallest hashes, whose largest tells how dense all lie (Bar-Yossef,
/// Jayram, Kumar, Sivakumar, Trevisan, "Counting distinct elements in a data stream", RANDOM 2002). The order of keys
/// does not matter. A plain value of at most 64 KiB.
class DistinctKeys {
 public:
  static constexpr std::size_t kExact = 4'096;

  /// `hash`: KeyId::hash, which is the same at all shards and engines.
  void add(std::uint64_t hash);
  void add(const DistinctKeys& others);
  [[nodiscard]] bool empty() const { return smallest_.empty(); }
  [[nodiscard]] std::uint64_t count() const;
  static auto fields(auto& self, auto&& all) { return all(self.smallest_); }

 private:
  void note(std::uint64_t mixed);
  void prune();

  std::vector<std::uint64_t> smallest_;  // and some more, in no order; some twice
  std::uint64_t bound_ = UINT64_MAX;     // larger ones are not among the smallest
};

}  // namespace weir::query
