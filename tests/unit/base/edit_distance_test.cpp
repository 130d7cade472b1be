#include "base/edit_distance.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace weir {
namespace {

TEST(EditDistance, CountsSteps) {
  EXPECT_EQ(editDistance("", ""), 0U);
  EXPECT_EQ(editDistance("", "abc"), 3U);
  EXPECT_EQ(editDistance("kitten", "sitting"), 3U);
  EXPECT_EQ(editDistance("ipsuorce", "ipsource"), 1U) << "neighbours swapped";
}

TEST(EditDistance, NearestName) {
  static constexpr std::array<std::string_view, 4> kNames{"maxFlows", "minValue", "ipsource", "t"};
  EXPECT_EQ(nearestName("maxflows", kNames), "maxFlows") << "case does not count";
  EXPECT_EQ(nearestName("ipsorce", kNames), "ipsource");
  EXPECT_EQ(nearestName("ipsrc", kNames), "") << "of a short word one letter may be wrong";
  EXPECT_EQ(nearestName("interval", kNames), "");
  EXPECT_EQ(nearestName("", kNames), "t");
  EXPECT_EQ(nearestName(std::string(kMostOfName + 1, 'x'), kNames), "");
}

}  // namespace
}  // namespace weir
