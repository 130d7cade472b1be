#include "api/json_indent.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "http/response.h"

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

TEST(JsonIndent, answers_that_are_json) {
  http::Response json{200, std::string(http::kMediaJson), R"({"a":1,"b":2})", {}};
  indentBody(json, 1);
  EXPECT_EQ(json.body, "{\n \"a\": 1,\n \"b\": 2\n}");
  http::Response text{200, "text/plain", R"({"a":1,"b":2})", {}};
  indentBody(text, 1);
  EXPECT_EQ(text.body, R"({"a":1,"b":2})");
}

}  // namespace
}  // namespace weir::api
