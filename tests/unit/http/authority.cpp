#include "http/authority.h"

#include <gtest/gtest.h>

namespace weir::http {
namespace {

TEST(Authority, names_addresses_and_ports) {
  EXPECT_EQ(parseAuthority("Weir.Example:8008"), (Authority{"weir.example", 8008, false}));
  EXPECT_EQ(parseAuthority("localhost"), (Authority{"localhost", std::nullopt, false}));
  EXPECT_EQ(parseAuthority("192.0.2.1:80"), (Authority{"192.0.2.1", 80, true}));
  EXPECT_EQ(parseAuthority("[2001:DB8::1]:80"), (Authority{"2001:db8::1", 80, true}));
  EXPECT_EQ(parseAuthority("[0:0:0:0:0:0:0:1]"), (Authority{"::1", std::nullopt, true}));
  EXPECT_EQ(parseAuthority("a_b.c%41"), (Authority{"a_b.c%41", std::nullopt, false}));
  EXPECT_EQ(parseAuthority("a:"), (Authority{"a", std::nullopt, false}));
  EXPECT_EQ(parseAuthority(""), Authority{});
}

TEST(Authority, anything_else_is_none) {
  for (const char* text :
       {"a b",     "a/b",         "a:99999", "a:b", "a:-1", "a:+1", "a:80:90", "a: 80", "[::1", "::1", "[x]",  "[::1]x",
        "[::1]:x", "[192.0.2.1]", "a@b",     "a?b", "a#b",  "a\\b", "a\"b",    "a<b",   "%zz",  "a%4", "a\x80"}) {
    EXPECT_FALSE(parseAuthority(text)) << text;
  }
}

}  // namespace
}  // namespace weir::http
