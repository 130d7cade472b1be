#include "base/arena.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstring>
#include <map>
#include <thread>
#include <vector>

namespace weir {
namespace {

TEST(Arena, BlocksAreAlignedApartAndLargeEnough) {
  Arena arena(std::size_t{256} << 20);
  std::map<std::uintptr_t, std::size_t> blocks;
  for (std::size_t size = 0; size < 5'000; size += size < 600 ? 1 : 61) {
    void* block = arena.allocate(size);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0U) << size;
    std::memset(block, 0xAA, size);
    const auto at = reinterpret_cast<std::uintptr_t>(block);
    const auto next = blocks.upper_bound(at);
    if (next != blocks.end()) {
      EXPECT_LE(at + size, next->first) << size;
    }
    if (next != blocks.begin()) {
      EXPECT_GE(at, std::prev(next)->first + std::prev(next)->second) << size;
    }
    blocks[at] = size;
  }
}

TEST(Arena, RoundingWastesAtMostAQuarterAboveTheSmallest) {
  for (std::size_t size = 256; size < (std::size_t{1} << 30); size = size * 21 / 20 + 1) {
    Arena arena(std::size_t{4} << 30);
    ASSERT_NE(arena.allocate(size), nullptr);
    EXPECT_GE(arena.used(), size);
    EXPECT_LE(arena.used(), size + size / 4) << size;
  }
}

TEST(Arena, ReservesWhatCanBeHad) {
  EXPECT_EQ(Arena::affordableReserve(2), Arena::kDefaultReserve) << "this machine sets no limit";
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  // What the process has already counts: with a sanitizer, terabytes.
  const rlimit little{std::size_t{1} << 20, before.rlim_max};
  setrlimit(RLIMIT_AS, &little);
  const std::size_t none = Arena::affordableReserve(2);
  setrlimit(RLIMIT_AS, &before);
  EXPECT_EQ(none, 0U);
}

TEST(Arena, GivenBackBlocksAreUsedAgain) {
  Arena arena(std::size_t{16} << 20);
  for (std::size_t size : {1U, 64U, 100U, 192U, 193U, 255U, 256U, 257U, 4096U, 100'000U}) {
    void* first = arena.allocate(size);
    arena.free(first, size);
    EXPECT_EQ(arena.allocate(size), first) << size;
  }
  for (int i = 0; i < 10'000; ++i) {
    void* block = arena.allocate(1U << 20);
    ASSERT_NE(block, nullptr) << "the range must not be used up by blocks that came back";
    arena.free(block, 1U << 20);
  }
}

TEST(Arena, EveryPairOfSizesThatShareAClassFits) {
  // A block that came back for a smaller size must hold any size that may get it.
  Arena arena(std::size_t{1} << 30);
  for (std::size_t size = 1; size < 3'000; ++size) {
    void* block = arena.allocate(size);
    arena.free(block, size);
    const std::size_t before = arena.used();
    for (std::size_t larger = size + 1; larger < size + 200; larger += 7) {
      void* other = arena.allocate(larger);
      const std::size_t rounded = arena.used() - before;
      EXPECT_GE(rounded, larger);
      if (other == block) {
        void* again = arena.allocate(size);
        const std::size_t own = arena.used() - before - rounded;
        EXPECT_EQ(own, rounded) << size << " and " << larger << " share a block of different sizes";
        arena.free(again, size);
      }
      arena.free(other, larger);
    }
  }
}

TEST(Arena, UsedCountsWhatIsOut) {
  Arena arena(std::size_t{16} << 20);
  EXPECT_EQ(arena.used(), 0U);
  void* a = arena.allocate(100);
  void* b = arena.allocate(5'000);
  EXPECT_GE(arena.used(), 5'100U);
  arena.free(a, 100);
  arena.free(b, 5'000);
  arena.free(nullptr, 77);
  EXPECT_EQ(arena.used(), 0U);
}

TEST(Arena, NothingWhenTheRangeIsUsedUp) {
  Arena arena(8192);
  EXPECT_EQ(arena.allocate(10'000), nullptr);
  void* all = arena.allocate(8192);
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(arena.allocate(1), nullptr);
  arena.free(all, 8192);
  EXPECT_EQ(arena.allocate(8192), all);
}

TEST(Arena, PrefaultRunsAheadAndKeepsContents) {
  Arena arena(std::size_t{64} << 20);
  auto* early = static_cast<unsigned char*>(arena.allocate(1U << 16));
  std::memset(early, 0x5A, 1U << 16);
  std::thread other([&] {
    while (arena.prefault(std::size_t{4} << 20)) {
    }
  });
  std::vector<unsigned char*> blocks;
  for (int i = 0; i < 200; ++i) {
    blocks.push_back(static_cast<unsigned char*>(arena.allocate(10'000)));
    std::memset(blocks.back(), i, 10'000);
  }
  other.join();
  for (std::size_t i = 0; i < (1U << 16); ++i) ASSERT_EQ(early[i], 0x5A);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    ASSERT_EQ(blocks[i][0], static_cast<unsigned char>(i));
    ASSERT_EQ(blocks[i][9'999], static_cast<unsigned char>(i));
  }
  EXPECT_FALSE(arena.prefault(0)) << "all of it is ready";
}

}  // namespace
}  // namespace weir
