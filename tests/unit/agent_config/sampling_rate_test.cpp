#include "agent_config/sampling_rate.h"

#include <gtest/gtest.h>

namespace weir::agent {
namespace {

constexpr std::uint64_t kMega = 1'000'000, kGiga = 1'000'000'000;

TEST(PortRate, FollowsTheRulesInOrder) {
  RateSettings rates;
  EXPECT_EQ(portRate(rates, {}, 10 * kGiga).n, 10'000) << "the default ignores sampling=400";
  EXPECT_EQ(portRate(rates, {}, 10 * kMega).n, 100) << "at least 100 by default";
  EXPECT_EQ(portRate(rates, {}, 0).n, 400);

  rates.bitsPerSecondRatio = 100 * kMega;
  EXPECT_EQ(portRate(rates, {}, 10 * kGiga).n, 100);
  EXPECT_EQ(portRate(rates, {}, 10 * kMega).n, 1);
  rates.bitsPerSecondRatio = 0;
  EXPECT_EQ(portRate(rates, {}, 10 * kGiga).n, 400);

  rates.byName = {{"10g", 2000}, {"2500m", 700}, {"app.http", 5}};
  EXPECT_EQ(portRate(rates, {}, 10 * kGiga).n, 2000);
  EXPECT_EQ(portRate(rates, {}, 2'500 * kMega).n, 700) << "a speed that is no whole number of gigabits";
  EXPECT_EQ(portRate(rates, {}, 2 * kGiga).n, 400);

  TapSettings tap;
  tap.sampling = 7;
  EXPECT_EQ(portRate(rates, tap, 10 * kGiga).n, 7);
  EXPECT_EQ(portRate(rates, tap, 10 * kGiga).reason, "sampling of its block");
}

TEST(ValueFor, LongestDottedPrefixWins) {
  const std::map<std::string, std::uint32_t> byName{{"app", 1}, {"app.a", 2}};
  EXPECT_EQ(valueFor(byName, 9, "app.a.b"), 2);
  EXPECT_EQ(valueFor(byName, 9, "app.ab"), 1);
  EXPECT_EQ(valueFor(byName, 9, "http"), 9);
  EXPECT_EQ(valueFor(byName, 9, ""), 9);
}

}  // namespace
}  // namespace weir::agent
