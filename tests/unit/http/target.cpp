#include "http/target.h"

#include <gtest/gtest.h>

namespace weir::http {
namespace {

using Strings = std::vector<std::string>;

Request parsed(std::string_view target) {
  Request request;
  const auto done = parseTarget(target, request);
  EXPECT_TRUE(done) << target << ": " << done.error().text();
  return request;
}

TEST(Target, path_is_split_before_it_is_decoded) {
  EXPECT_EQ(parsed("/metric/ALL/max:load_one/json").path, (Strings{"metric", "ALL", "max:load_one", "json"}));
  EXPECT_EQ(parsed("/flow/a%2Fb/json").path, (Strings{"flow", "a/b", "json"}));
  EXPECT_EQ(parsed("/dump/10.0.0.1;10.0.0.2,x/a;b/json").path, (Strings{"dump", "10.0.0.1;10.0.0.2,x", "a;b", "json"}));
  EXPECT_EQ(parsed("/metric/10.0.0.1%3B10.0.0.2/a%2cb/json").path[1], "10.0.0.1;10.0.0.2");
  EXPECT_EQ(parsed("/flow/a+b%20c/json").path[1], "a+b c");
  EXPECT_EQ(parsed("/flow/%C3%A9/json").path[1], "\xC3\xA9");
  EXPECT_EQ(parsed("/flow//json").path, (Strings{"flow", "", "json"}));
  EXPECT_TRUE(parsed("/").path.empty());
  EXPECT_EQ(parsed("//version").path, Strings{"version"});
  EXPECT_TRUE(parsed("/html/").slashAtEnd);
  EXPECT_FALSE(parsed("/html").slashAtEnd);
  EXPECT_EQ(parsed("http://127.0.0.1:8008/version?x=1").path, Strings{"version"});
  EXPECT_TRUE(parsed("http://127.0.0.1").path.empty());
  for (const char* none : {"x?y=q://h/version", "ftp://h/version", "http:///version"}) {
    Request request;
    EXPECT_FALSE(parseTarget(none, request)) << none;
  }
  EXPECT_EQ(parsed("http://127.0.0.1:8008/version?x=1").authority, "127.0.0.1:8008");
  EXPECT_EQ(parsed("/version").authority, "");
  EXPECT_EQ(parsed("/version#part").path, Strings{"version"});
}

TEST(Target, query_keeps_order_and_repetition) {
  EXPECT_EQ(parsed("/x?os_name=linux&os_name=windows&host_name=*web.*").query,
            (Parameters{{"os_name", "linux"}, {"os_name", "windows"}, {"host_name", "*web.*"}}));
  EXPECT_EQ(parsed("/x?key=10.0.0.1,10.0.0.2;y&a=b=c").query,
            (Parameters{{"key", "10.0.0.1,10.0.0.2;y"}, {"a", "b=c"}}));
  EXPECT_EQ(parsed("/x?a+b=c+d%2Be&&flag&=v").query, (Parameters{{"a b", "c d+e"}, {"flag", ""}, {"", "v"}}));
  EXPECT_EQ(parsed("/x?k=null:[country:ipsource]:unknown").query[0].second, "null:[country:ipsource]:unknown");
  EXPECT_TRUE(parsed("/x?").query.empty());
  EXPECT_EQ(parsed("/x?a=1#b=2").query, (Parameters{{"a", "1"}}));
  EXPECT_EQ(parsed("/x?a=/b/?c").query, (Parameters{{"a", "/b/?c"}}));
}

TEST(Target, bad_escapes_are_refused_where_they_are) {
  const struct {
    std::string target;
    std::size_t position;
  } kCases[] = {{"/flow/%zz/json", 6}, {"/flow/%", 6}, {"/flow/%4", 6},    {"/flow/%4/a", 6},
                {"/x?a=%g0", 5},       {"/x?%=1", 3},  {"/x/%FF", 3},      {"/x?a=%C3", 5},
                {"version", 0},        {"", 0},        {"/x/%ED%A0%80", 3}};
  for (const auto& c : kCases) {
    Request request;
    const auto done = parseTarget(c.target, request);
    ASSERT_FALSE(done) << c.target;
    EXPECT_EQ(done.error().position, c.position) << c.target;
  }
}

}  // namespace
}  // namespace weir::http
