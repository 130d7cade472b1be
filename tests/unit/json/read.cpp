#include "json/read.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

namespace weir::json {
namespace {

namespace bj = boost::json;
using Strings = std::vector<std::string>;

TEST(Read, string_takes_numbers_and_booleans) {
  EXPECT_EQ(readString("x", "a").value(), "x");
  EXPECT_EQ(readString(80, "a").value(), "80");
  EXPECT_EQ(readString(1.5, "a").value(), "1.5");
  EXPECT_EQ(readString(1e6, "a").value(), "1000000");
  EXPECT_EQ(readString(UINT64_MAX, "a").value(), "18446744073709551615");
  EXPECT_EQ(readString(true, "a").value(), "true");
  EXPECT_EQ(readString(nullptr, "keys").error().text(), "keys: expected a text");
  EXPECT_FALSE(readString(bj::array{}, "a"));
}

TEST(Read, number_takes_text) {
  EXPECT_EQ(readNumber(10, "n").value(), 10);
  EXPECT_EQ(readNumber(1250000.0, "n").value(), 1250000);
  EXPECT_EQ(readNumber("10", "n").value(), 10);
  EXPECT_EQ(readNumber(" +1.5e3 ", "n").value(), 1500);
  for (const char* text : {"", " ", "ten", "1x", "1 2", "nan", "inf", "-infinity", "1e999", "0x10", "--1", "+-1"}) {
    EXPECT_FALSE(readNumber(text, "n")) << text;
  }
  EXPECT_EQ(readNumber("ten", "n").error().text(), "n: expected a number, not \"ten\"");
  EXPECT_FALSE(readNumber(true, "n"));
}

TEST(Read, integer_takes_whole_floats) {
  EXPECT_EQ(parseInteger("-1", "eventID").value(), -1);
  EXPECT_EQ(parseInteger("10.0", "eventID").value(), 10);
  EXPECT_EQ(parseInteger("9223372036854775807", "eventID").value(), INT64_MAX);
  for (const char* text : {"", "1.5", "abc", "1e30", "9223372036854775808"})
    EXPECT_FALSE(parseInteger(text, "x")) << text;
}

TEST(Read, bool_takes_text) {
  for (const bj::value& v : {bj::value(true), bj::value("true"), bj::value("True "), bj::value("yes"), bj::value(1)}) {
    EXPECT_TRUE(readBool(v, "log").value());
  }
  for (const bj::value& v : {bj::value(false), bj::value("FALSE"), bj::value("no"), bj::value(0)}) {
    EXPECT_FALSE(readBool(v, "log").value());
  }
  EXPECT_EQ(readBool("maybe", "log").error().text(), "log: expected true or false");
  EXPECT_FALSE(readBool(2, "log"));
  EXPECT_FALSE(readBool(nullptr, "log"));
}

TEST(Read, list_takes_array_or_commas) {
  EXPECT_EQ(readStringList("a, b,,c ", "keys").value(), (Strings{"a", "b", "c"}));
  EXPECT_EQ(readStringList(bj::array{"a ", 80, ""}, "keys").value(), (Strings{"a", "80"}));
  EXPECT_EQ(readStringList("", "keys").value(), Strings{});
  EXPECT_EQ(readStringList(80, "keys").value(), Strings{"80"});
  EXPECT_FALSE(readStringList(bj::object{}, "keys"));
  EXPECT_FALSE(readStringList(bj::array{bj::array{}}, "keys"));
}

}  // namespace
}  // namespace weir::json
