#include "flow/distinct_counter.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/hash.h"

namespace weir::flow {
namespace {

std::uint64_t hashOf(std::uint64_t value) {
  return hashBytes(&value, sizeof value);
}

class DistinctCounterTest : public testing::Test {
 protected:
  ~DistinctCounterTest() override {
    counter.release(arena);
    EXPECT_EQ(arena.used(), 0U);
  }
  /// Values from … to − 1, each twice.
  void add(std::uint64_t from, std::uint64_t to, std::int64_t window) {
    for (int round = 0; round < 2; ++round) {
      for (std::uint64_t v = from; v < to; ++v) counter.add(hashOf(v), window, arena);
    }
  }
  Arena arena{std::size_t{1} << 24};
  DistinctCounter counter;
};

TEST_F(DistinctCounterTest, FewValuesAreCountedExactly) {
  EXPECT_EQ(counter.estimate(0), 0);
  for (std::uint64_t n = 1; n <= DistinctCounter::kListed; ++n) {
    add(0, n, 7);
    EXPECT_EQ(counter.estimate(7), static_cast<double>(n));
  }
}

TEST_F(DistinctCounterTest, ManyValuesWithTheStatedError) {
  // Three standard errors of 3.3 %, at sizes where the estimator changes over.
  std::uint64_t done = 0;
  for (const std::uint64_t n : {65U, 100U, 500U, 2'000U, 2'560U, 3'000U, 10'000U, 100'000U, 1'000'000U}) {
    add(done, n, 7);
    done = n;
    EXPECT_NEAR(counter.estimate(7), static_cast<double>(n), 0.1 * static_cast<double>(n)) << n;
  }
  EXPECT_LE(arena.used(), 2'048U);
}

TEST_F(DistinctCounterTest, TheCurrentAndThePreviousWindowCount) {
  for (const std::uint64_t n : {10U, 30U, 1'000U}) {
    SCOPED_TRACE(n);
    counter.release(arena);
    add(0, n, 100);
    add(n / 2, n + n / 2, 101);
    const double tolerance = n > DistinctCounter::kListed ? 0.1 * static_cast<double>(n) : 0;
    EXPECT_NEAR(counter.estimate(101), 1.5 * static_cast<double>(n), 1.5 * tolerance);
    EXPECT_NEAR(counter.estimate(102), static_cast<double>(n), tolerance) << "the first half was not seen again";
    EXPECT_EQ(counter.estimate(103), 0);
    add(0, 1, 103);
    EXPECT_EQ(counter.estimate(103), 1) << "what is older is forgotten";
  }
}

TEST_F(DistinctCounterTest, WithoutMemoryACountStaysAsItIs) {
  Arena none(0);
  DistinctCounter poor;
  poor.add(hashOf(1), 1, none);
  EXPECT_EQ(poor.estimate(1), 0);
}

}  // namespace
}  // namespace weir::flow
