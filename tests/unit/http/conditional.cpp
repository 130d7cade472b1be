#include "http/conditional.h"

#include <gtest/gtest.h>

#include "http/date.h"

namespace weir::http {
namespace {

Response withTag(std::string tag) {
  return {200, "text/plain", "text", {{"ETag", std::move(tag)}, {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}}};
}
bool held(std::string_view name, std::string_view value, const Response& response, Method method = Method::get) {
  Request request;
  request.method = method;
  request.headers.add(name, value);
  return isHeldByClient(request, response);
}

TEST(Conditional, if_none_match_lists_tags) {
  const Response r = withTag("W/\"a\"");
  for (const char* yes : {"W/\"a\"", "\"a\"", "\"b\", W/\"a\"", "\"b\",\"a\"", "*", " * "}) {
    EXPECT_TRUE(held("If-None-Match", yes, r)) << yes;
  }
  for (const char* no : {"", "\"b\"", "a", "\"a", "W/\"A\"", "\"b, a\""})
    EXPECT_FALSE(held("If-None-Match", no, r)) << no;
  EXPECT_TRUE(held("If-None-Match", "\"a\"", r, Method::head));
  EXPECT_FALSE(held("If-None-Match", "\"a\"", r, Method::put));
  EXPECT_FALSE(held("If-None-Match", "*", {200, "text/plain", "text", {}})) << "there is no tag";
  EXPECT_FALSE(held("If-None-Match", "*", {404, "text/plain", "text", {{"ETag", "\"a\""}}}));
}

TEST(Conditional, if_modified_since_counts_where_no_tag_was_sent) {
  const Response r = withTag("\"a\"");
  EXPECT_TRUE(held("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", r));
  EXPECT_TRUE(held("If-Modified-Since", "Mon, 07 Nov 1994 08:49:37 GMT", r));
  EXPECT_FALSE(held("If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT", r));
  EXPECT_FALSE(held("If-Modified-Since", "yesterday", r));
  Request both;
  both.headers.add("If-None-Match", "\"b\"");
  both.headers.add("If-Modified-Since", "Mon, 07 Nov 1994 08:49:37 GMT");
  EXPECT_FALSE(isHeldByClient(both, r));
}

TEST(Conditional, tags_follow_the_content) {
  EXPECT_EQ(entityTag("a"), entityTag("a"));
  EXPECT_NE(entityTag("a"), entityTag("b"));
  EXPECT_NE(entityTag(""), entityTag(std::string_view("\0", 1)));
  EXPECT_TRUE(entityTag("").starts_with("W/\""));
}

TEST(Date, there_and_back) {
  EXPECT_EQ(dateText(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parseDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  for (const char* bad :
       {"", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x"}) {
    EXPECT_FALSE(parseDate(bad)) << bad;
  }
}

}  // namespace
}  // namespace weir::http
