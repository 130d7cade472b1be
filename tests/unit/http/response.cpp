#include "http/response.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::http {
namespace {

std::string headerOf(const Response& response, std::string_view name) {
  for (const auto& [n, value] : response.headers) {
    if (n == name) return value;
  }
  return "";
}
Response json(std::string text) {
  return {200, std::string(kMediaJson), std::move(text), {}};
}

TEST(Response, is_compressed_for_those_who_take_it) {
  const Filter none;
  Request plain, compressing;
  compressing.acceptsGzip = true;
  const std::string text(5000, ' ');
  Response one = json(text), other = json(text), little = json("{}");
  EXPECT_FALSE(needsFinishing(plain, none, one));
  EXPECT_TRUE(needsFinishing(compressing, none, one));
  EXPECT_FALSE(needsFinishing(compressing, none, little));
  finishBody(plain, none, one);
  EXPECT_EQ(one.body, text);
  EXPECT_EQ(headerOf(one, "Vary"), "Accept-Encoding");
  finishBody(compressing, none, other);
  EXPECT_EQ(headerOf(other, "Content-Encoding"), "gzip");
  EXPECT_LT(other.body.size(), std::size_t{100});
  finishBody(compressing, none, little);
  EXPECT_EQ(little.body, "{}");
}

TEST(Response, only_text_is_compressed) {
  Request compressing;
  compressing.acceptsGzip = true;
  for (const char* text : {"text/html; charset=utf-8", "application/yaml", "text/javascript", "image/svg+xml"}) {
    EXPECT_TRUE(needsFinishing(compressing, {}, {200, text, std::string(5000, ' '), {}})) << text;
  }
  for (const char* other : {"image/png", "font/woff2", "application/octet-stream", "text/event-stream", ""}) {
    EXPECT_FALSE(needsFinishing(compressing, {}, {200, other, std::string(5000, ' '), {}})) << other;
  }
}

TEST(Response, goes_through_the_filter_before_it_is_compressed) {
  const Filter filter = [](Response& r) { r.body.append(5000, ' '); };
  Request compressing;
  compressing.acceptsGzip = true;
  Response r = json("{}");
  EXPECT_TRUE(needsFinishing(compressing, filter, r));
  finishBody(compressing, filter, r);
  EXPECT_EQ(headerOf(r, "Content-Encoding"), "gzip");
}

TEST(Response, what_was_read_may_be_read_by_all_pages) {
  Request get, put;
  put.method = Method::put;
  Response r = json("{}"), done{204, "", "", {}};
  finishResponse(get, r);
  EXPECT_EQ(headerOf(r, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(headerOf(r, "Cache-Control"), "no-store");
  finishResponse(put, done);
  EXPECT_EQ(headerOf(done, "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(responseHead(done, true, "today").find("Content-Length"), std::string::npos);
}

}  // namespace
}  // namespace weir::http
