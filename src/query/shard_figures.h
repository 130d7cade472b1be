#pragma once
#include <cstdint>

#include "base/figure.h"
#include "query/fault_figures.h"

namespace weir::query {

/// What a shard counted since it was made, and what it keeps now: the rows of shard_figures.def, and the faults of its
/// datagrams. Plain numbers: the owner writes them, queries read them on its thread. Figures of several shards add up.
struct ShardFigures {
  static constexpr std::string_view kOwner = "shard";

#define WEIR_FIGURE(member, ...) std::uint64_t member = 0;
#include "query/shard_figures.def"
  FaultTotals faults{};

  void add(const ShardFigures& other) {
#define WEIR_FIGURE(member, ...) member += other.member;
#include "query/shard_figures.def"
    for (std::size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
  }
  static void each(auto& self, auto&& visit) {
#define WEIR_FIGURE(member, ...) visit(WEIR_FIGURE_ROW(member, __VA_ARGS__), self.member);
#include "query/shard_figures.def"
    eachFault(self.faults, visit);
  }
  static auto fields(auto& self, auto&& all) {
#define WEIR_FIGURE(member, ...) self.member,
    return all(
#include "query/shard_figures.def"
        self.faults);
  }
};

}  // namespace weir::query
