#include "api/json_indent.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace weir::api {
namespace {

TEST(JsonIndent, lays_out_as_org_json) {
  EXPECT_EQ(indentJson("{}", 1), "{}");
  EXPECT_EQ(indentJson("[]", 1), "[]");
  EXPECT_EQ(indentJson(R"({"a":1})", 1), R"({"a": 1})");
  EXPECT_EQ(indentJson(R"([{"a":1}])", 1), R"([{"a": 1}])");
  EXPECT_EQ(indentJson(R"({"a":1,"b":[1,2],"c":{}})", 1), "{\n \"a\": 1,\n \"b\": [\n  1,\n  2\n ],\n \"c\": {}\n}");
  EXPECT_EQ(indentJson(R"([{"a":1,"b":2}])", 2), "[{\n  \"a\": 1,\n  \"b\": 2\n}]");
  EXPECT_EQ(indentJson(R"({"a,{\"[:":"\\"})", 1), R"({"a,{\"[:": "\\"})");
}

TEST(JsonIndent, keeps_the_value) {
  const char* text = R"({"x":[[],[{}],{"y":"a:b,c","z":[1,[2,3]]}],"w":null,"q":"\"]"})";
  EXPECT_EQ(boost::json::parse(indentJson(text, 3)), boost::json::parse(text));
}

TEST(JsonIndent, survives_what_is_no_json) {
  for (const char* text : {"", "]", "}}", "[", "\"", "\"\\", "{\"a", ",,"}) (void)indentJson(text, 1);
}

}  // namespace
}  // namespace weir::api
