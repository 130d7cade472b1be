#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace weir {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  appendJsonString(out, text);
  return out;
}
std::string numeral(double value) {
  std::string out;
  appendJsonNumber(out, value);
  return out;
}

TEST(JsonWriter, CompactDocument) {
  std::string out;
  JsonWriter json(out);
  json.beginObject().member("agent", "10.0.0.1").member("n", 3).key("values").beginArray();
  json.number(1.5).boolean(false).raw("null").beginObject().endObject().beginArray().endArray().endArray();
  json.member("last", std::uint64_t{18446744073709551615ULL}).endObject();
  EXPECT_EQ(out, R"({"agent":"10.0.0.1","n":3,"values":[1.5,false,null,{},[]],"last":18446744073709551615})");
}

TEST(JsonWriter, IndentedDocument) {
  std::string out;
  JsonWriter json(out, 1);
  json.beginArray().beginObject().member("a", 1).member("b", "x").endObject().beginObject().endObject().endArray();
  EXPECT_EQ(out, "[\n {\n  \"a\": 1,\n  \"b\": \"x\"\n },\n {}\n]");
}

TEST(JsonWriter, EscapesWhatJsonAndTerminalsNeed) {
  EXPECT_EQ(quoted("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(quoted("\n\r\t\x01\x1f\x7f"), R"("\n\r\t\u0001\u001f\u007f")");
  EXPECT_EQ(quoted(std::string_view("a\0b", 3)), R"("a\u0000b")");
}

TEST(JsonWriter, KeepsValidUtf8) {
  for (const char* text : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(quoted(text), "\"" + std::string(text) + "\"");
}

TEST(JsonWriter, ReplacesEachInvalidOctet) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(quoted("\x80"), "\"" + r + "\"");
  EXPECT_EQ(quoted("\xC0\x80"), "\"" + r + r + "\"") << "overlong";
  EXPECT_EQ(quoted("\xE0\x9F\xBF"), "\"" + r + r + r + "\"") << "overlong";
  EXPECT_EQ(quoted("\xED\xA0\x80"), "\"" + r + r + r + "\"") << "surrogate";
  EXPECT_EQ(quoted("\xF4\x90\x80\x80"), "\"" + r + r + r + r + "\"") << "above U+10FFFF";
  EXPECT_EQ(quoted("\xE2\x80"), "\"" + r + r + "\"") << "cut at the end";
  EXPECT_EQ(quoted("\xF0\x9F\x98"), "\"" + r + r + r + "\"") << "cut at the end";
  EXPECT_EQ(quoted("\xC3(x"), "\"" + r + "(x\"") << "the octet behind a bad one is kept";
}

TEST(JsonWriter, NumbersAreShortAndReadBack) {
  EXPECT_EQ(numeral(0), "0");
  EXPECT_EQ(numeral(1250000), "1250000");
  EXPECT_EQ(numeral(-3), "-3");
  EXPECT_EQ(numeral(0.1), "0.1");
  EXPECT_EQ(numeral(std::numeric_limits<double>::quiet_NaN()), "0");
  EXPECT_EQ(numeral(std::numeric_limits<double>::infinity()), "0");
  for (const double value : {1e300, 1.0 / 3, 9.1e15, 5e-324, 123456.789}) {
    const std::string text = numeral(value);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    EXPECT_EQ(back, value) << text;
  }
}

}  // namespace
}  // namespace weir
