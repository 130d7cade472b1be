#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace weir::enrich {

/// Ranges of numbers → an id each: addresses as whole numbers, prefixes as ranges. Where ranges lie inside each other
/// the innermost one holds, which for prefixes is the longest.
///
/// Built once, then constant: the ranges are cut into pieces that do not overlap, sorted by where they begin, and a
/// look-up is a binary search among those that share the number's first 16 bits. Range search for longest prefix match
/// is of B. Lampson, V. Srinivasan, G. Varghese, "IP Lookups Using Multiway and Multicolumn Search", IEEE/ACM
/// Transactions on Networking 7(3), 1999; docs/design/enrichment.md has figures, and why no trie.
/// Number: an unsigned integer of at least 16 bits. Thread: find() from any at once.
template <class Number>
class RangeTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  /// `last` is part of it.
  struct Range {
    Number first, last;
    std::uint32_t id;
  };

  RangeTable() = default;
  /// Of equal ranges the first in the list holds; of two that overlap without one holding the other, the one that
  /// begins later.
  explicit RangeTable(std::vector<Range> ranges) { build(std::move(ranges)); }

  /// The id of the innermost range that holds the number, or kNone.
  [[nodiscard]] std::uint32_t find(Number number) const {
    const auto bucket = static_cast<std::size_t>(number >> kShift);
    const Number* const begin = starts_.data();
    const Number* const end = begin + index_[bucket + 1];
    const Number* const above = std::upper_bound(begin + index_[bucket], end, number);
    return above == begin ? kNone : ids_[static_cast<std::size_t>(above - begin) - 1];
  }

  [[nodiscard]] std::size_t pieces() const { return starts_.size(); }
  /// Octets held.
  [[nodiscard]] std::size_t memory() const {
    return sizeof *this + starts_.capacity() * sizeof(Number) + ids_.capacity() * sizeof(std::uint32_t);
  }

 private:
  static constexpr unsigned kShift = sizeof(Number) * 8 - 16;

  void build(std::vector<Range> ranges) {
    // Outer ranges before inner ones; of equal ones the first in the list comes last and covers the others.
    std::reverse(ranges.begin(), ranges.end());
    std::stable_sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
      return a.first != b.first ? a.first < b.first : a.last > b.last;
    });
    std::vector<std::pair<Number, std::uint32_t>> open;  // last number and id of the ranges around a place
    const auto closeBefore = [&](Number place) {
      while (!open.empty() && open.back().first < place) {
        const Number next = open.back().first + 1;
        while (!open.empty() && open.back().first < next) open.pop_back();
        begin(next, open.empty() ? kNone : open.back().second);
      }
    };
    for (const Range& range : ranges) {
      closeBefore(range.first);
      open.emplace_back(range.last, range.id);
      begin(range.first, range.id);
    }
    closeBefore(static_cast<Number>(~Number{0}));
    starts_.shrink_to_fit();
    ids_.shrink_to_fit();
    std::size_t at = 0;
    for (std::size_t bucket = 0; bucket < index_.size(); ++bucket) {
      while (at < starts_.size() && static_cast<std::size_t>(starts_[at] >> kShift) < bucket) ++at;
      index_[bucket] = static_cast<std::uint32_t>(at);
    }
  }

  void begin(Number start, std::uint32_t id) {
    if (!starts_.empty() && starts_.back() == start) {
      ids_.back() = id;
    } else if (ids_.empty() ? id != kNone : ids_.back() != id) {
      starts_.push_back(start);
      ids_.push_back(id);
    }
  }

  std::vector<Number> starts_;                                             // where the pieces begin
  std::vector<std::uint32_t> ids_;                                         // of the pieces
  std::vector<std::uint32_t> index_ = std::vector<std::uint32_t>(65'537);  // the first piece of each first 16 bits
};

}  // namespace weir::enrich
