#include "http/headers.h"

#include <gtest/gtest.h>

namespace weir::http {
namespace {

TEST(Headers, are_found_by_name_in_any_case) {
  Headers headers;
  headers.add("Host", "a");
  headers.add("X-Empty", "");
  headers.add("host", "b");
  EXPECT_EQ(headers["HOST"], "a");
  EXPECT_EQ(headers.count("hOST"), 2u);
  EXPECT_TRUE(headers.has("x-empty"));
  EXPECT_EQ(headers["x-empty"], "");
  EXPECT_FALSE(headers.has("Hos"));
  EXPECT_FALSE(headers.has("Hostb"));
  EXPECT_EQ(headers[""], "");
}

}  // namespace
}  // namespace weir::http
