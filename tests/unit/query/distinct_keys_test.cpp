#include "query/distinct_keys.h"

#include <gtest/gtest.h>

namespace weir::query {
namespace {

DistinctKeys of(std::uint64_t first, std::uint64_t last) {
  DistinctKeys keys;
  for (std::uint64_t key = first; key < last; ++key) keys.add(key);
  return keys;
}

TEST(DistinctKeys, AreExactWhileTheyAreFew) {
  EXPECT_TRUE(DistinctKeys().empty());
  EXPECT_EQ(DistinctKeys().count(), 0U);
  DistinctKeys twice = of(0, 4'095);
  EXPECT_EQ(twice.count(), 4'095U);
  for (int i = 0; i < 5; ++i) twice.add(of(0, 4'095));
  EXPECT_EQ(twice.count(), 4'095U) << "the same keys at other places";
}

TEST(DistinctKeys, AreAboutRightWhenTheyAreMany) {
  for (const std::uint64_t count : {4'096U, 10'000U, 300'000U}) {
    const auto counted = static_cast<double>(of(0, count).count());
    EXPECT_NEAR(counted / static_cast<double>(count), 1, 0.06) << count;
  }
}

TEST(DistinctKeys, DoNotDependOnOrderAndPlaces) {
  const std::uint64_t all = of(0, 50'000).count();
  DistinctKeys merged = of(20'000, 50'000), other = of(0, 30'000), backwards;
  merged.add(other);
  EXPECT_EQ(merged.count(), all);
  for (std::uint64_t key = 50'000; key-- > 0;) backwards.add(key);
  EXPECT_EQ(backwards.count(), all);
}

TEST(DistinctKeys, TakeBoundedMemory) {
  DistinctKeys keys = of(0, 1'000'000);
  std::size_t kept = 0;
  DistinctKeys::fields(keys, [&](const auto& list) { kept = list.size(); });
  EXPECT_LE(kept, 2 * DistinctKeys::kExact);
}

}  // namespace
}  // namespace weir::query
