#include "http/origin_policy.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server_fixture.h"

namespace weir::http {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

OriginPolicy policy() {
  return {{"https://noc.example", "http://[2001:db8::5]:8080", "null", "chrome-extension://abc"},
          {"Weir.Example", "switchboard"}};
}

std::optional<std::string> refusal(const std::string& host, const Fields& fields) {
  Request request;
  request.method = Method::put;
  request.authority = host;
  for (const auto& [name, value] : fields) request.headers.add(name, value);
  return policy().refusal(request);
}
bool passes(const std::string& host, const Fields& fields) {
  return !refusal(host, fields);
}

TEST(OriginPolicy, programs_pass_under_any_name) {
  EXPECT_TRUE(passes("", {}));
  EXPECT_TRUE(passes("some.service.example:8008", {{"User-Agent", "curl"}}));
}

TEST(OriginPolicy, pages_of_this_server_pass) {
  EXPECT_TRUE(passes("127.0.0.1:8008", {{"Origin", "http://127.0.0.1:8008"}}));
  EXPECT_TRUE(passes("127.0.0.1:8008", {{"origin", "HTTP://127.0.0.1:8008"}, {"sec-fetch-site", "same-origin"}}));
  EXPECT_TRUE(passes("localhost:8008", {{"Origin", "http://localhost:8008"}}));
  EXPECT_TRUE(passes("weir.localhost", {{"Origin", "http://weir.localhost"}}));
  EXPECT_TRUE(passes("[2001:db8::1]:8008", {{"Origin", "http://[2001:DB8:0::1]:8008"}}));
  EXPECT_TRUE(passes("weir.example", {{"Origin", "https://weir.example"}})) << "behind a proxy with TLS";
  EXPECT_TRUE(passes("weir.example:443", {{"Origin", "https://weir.example"}}));
  EXPECT_TRUE(passes("WEIR.example.:80", {{"Origin", "http://weir.example"}}));
  EXPECT_TRUE(passes("switchboard:8008", {{"Sec-Fetch-Site", "same-origin"}}));
  EXPECT_TRUE(passes("localhost:8008", {{"Sec-Fetch-Site", "none"}})) << "typed by the user";
}

TEST(OriginPolicy, pages_of_other_origins_are_refused) {
  for (const char* origin :
       {"http://evil.example", "http://127.0.0.1:8009", "http://127.0.0.1", "https://127.0.0.1:8443",
        "http://localhost:8008", "null", "", "file://", "about:blank", "moz-extension://127.0.0.1:8008",
        "http://127.0.0.1:8008/x", "http://127.0.0.1:8008, http://127.0.0.1:8008", "127.0.0.1:8008",
        "http://127.0.0.1:8008@evil.example"}) {
    const auto why = refusal("127.0.0.1:8008", {{"Origin", origin}});
    ASSERT_TRUE(why) << origin;
    EXPECT_NE(why->find("http.origins"), std::string::npos) << *why;
  }
}

TEST(OriginPolicy, sec_fetch_site_alone) {
  for (const char* site : {"cross-site", "same-site", "", "Same-Origin", "else"}) {
    EXPECT_FALSE(passes("127.0.0.1:8008", {{"Sec-Fetch-Site", site}})) << site;
  }
  EXPECT_FALSE(passes("127.0.0.1:8008", {{"Origin", "http://127.0.0.1:8008"}, {"Sec-Fetch-Site", "cross-site"}}));
}

TEST(OriginPolicy, a_header_that_stands_twice_is_refused) {
  const std::string host = "127.0.0.1:8008", here = "http://127.0.0.1:8008";
  EXPECT_FALSE(passes(host, {{"Origin", here}, {"Origin", "http://evil.example"}}));
  EXPECT_FALSE(passes(host, {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "cross-site"}}));
}

TEST(OriginPolicy, a_foreign_name_that_leads_here_is_refused) {
  for (const char* host : {"evil.example:8008", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
                           "evillocalhost", "", "sub.weir.example"}) {
    const auto why = refusal(host, {{"Origin", "http://" + std::string(host)}});
    ASSERT_TRUE(why) << host;
    if (std::string_view(host) != "") {
      EXPECT_NE(why->find("http.hosts"), std::string::npos) << *why;
    }
    EXPECT_FALSE(passes(host, {{"Sec-Fetch-Site", "same-origin"}})) << host;
  }
}

TEST(OriginPolicy, listed_origins_pass_where_the_host_is_known) {
  EXPECT_TRUE(passes("127.0.0.1:8008", {{"Origin", "https://noc.example"}, {"Sec-Fetch-Site", "cross-site"}}));
  EXPECT_TRUE(passes("127.0.0.1:8008", {{"Origin", "https://NOC.example:443"}}));
  EXPECT_TRUE(passes("weir.example", {{"Origin", "http://[2001:db8::5]:8080"}}));
  EXPECT_TRUE(passes("weir.example", {{"Origin", "chrome-extension://abc"}}));
  EXPECT_FALSE(passes("127.0.0.1:8008", {{"Origin", "http://noc.example"}}));
  EXPECT_FALSE(passes("127.0.0.1:8008", {{"Origin", "https://noc.example:8443"}}));
  EXPECT_FALSE(passes("127.0.0.1:8008", {{"Origin", "null"}})) << "every page can have the origin null";
  EXPECT_FALSE(passes("other.example", {{"Origin", "https://noc.example"}}));
}

TEST(OriginPolicy, a_long_origin_is_not_told_whole) {
  const auto why = refusal("127.0.0.1", {{"Origin", "http://" + std::string(10'000, 'a')}});
  ASSERT_TRUE(why);
  EXPECT_LT(why->size(), 400u);
}

class ForeignPages : public test::ServerTest {
 protected:
  /// The status of a request with these headers.
  unsigned status(const std::string& line, const std::string& headers, const std::string& body = "{value:bytes}") {
    test::Client c = client();
    c.send(line + " HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
    answer = c.answer();
    return answer.status;
  }
  bool defined(const std::string& name) { return app->has(name); }

  test::Client::Answer answer;
};

constexpr const char* kForeign = "Host: 127.0.0.1:8008\r\nOrigin: http://evil.example\r\n";

TEST_F(ForeignPages, change_nothing) {
  start();
  const std::string host = "Host: 127.0.0.1:8008\r\n", text = "Content-Type: text/plain\r\n";
  EXPECT_EQ(status("PUT /item/mine", host), 204u);
  EXPECT_EQ(status("POST /item/f", kForeign + text), 403u);
  EXPECT_NE(answer.body.find("http.origins"), std::string::npos);
  EXPECT_EQ(status("PUT /item/f", kForeign), 403u);
  EXPECT_EQ(status("DELETE /item/mine", kForeign, ""), 403u);
  EXPECT_EQ(status("POST /item/f", host + text + "Sec-Fetch-Site: cross-site\r\n"), 403u);
  EXPECT_EQ(status("POST /item/f", host + text + "Sec-Fetch-Site: same-site\r\n"), 403u);
  EXPECT_EQ(status("POST /item/f", host + text + "Origin: null\r\n"), 403u);
  EXPECT_EQ(status("POST /item/f", kForeign + text), 403u);
  EXPECT_FALSE(defined("f"));
  EXPECT_TRUE(defined("mine"));
  // The name that resolved to this server is in Origin and Host alike.
  EXPECT_EQ(status("PUT /item/f", "Host: evil.example\r\nOrigin: http://evil.example\r\n"), 403u);
  EXPECT_NE(answer.body.find("http.hosts"), std::string::npos);
  EXPECT_EQ(status("PUT http://evil.example/item/f", host + "Origin: http://evil.example\r\n"), 403u);
  EXPECT_EQ(status("PUT http://127.0.0.1:8008/item/f", "Host: evil.example\r\nOrigin: http://evil.example\r\n"), 403u);
  EXPECT_FALSE(defined("f"));
  EXPECT_EQ(status("PUT /item/f", host + "Origin: http://127.0.0.1:8008\r\n"), 204u);
  EXPECT_TRUE(defined("f"));
}

TEST_F(ForeignPages, read) {
  start();
  EXPECT_EQ(status("GET /version", kForeign, ""), 200u);
  EXPECT_TRUE(answer.has("Access-Control-Allow-Origin: *\r\n"));
  EXPECT_EQ(status("GET /version", "Host: evil.example\r\nOrigin: http://evil.example\r\n", ""), 200u);
  EXPECT_EQ(status("OPTIONS /item/f", kForeign, ""), 204u);
  EXPECT_TRUE(answer.has("X-Listed: no\r\n"));
}

TEST_F(ForeignPages, programs_change_under_any_name) {
  start();
  EXPECT_EQ(status("PUT /item/f", "Host: some.service.example\r\n"), 204u);
  EXPECT_TRUE(defined("f"));
}

TEST_F(ForeignPages, listed_ones_change_and_are_told_so) {
  ServerOptions options;
  options.origins = {"https://noc.example"};
  options.hosts = {"weir.example"};
  start(options);
  const std::string page = "Host: weir.example:8008\r\nOrigin: https://noc.example\r\n";
  EXPECT_EQ(status("OPTIONS /item/f", page, ""), 204u);
  EXPECT_TRUE(answer.has("X-Listed: yes\r\n"));
  EXPECT_EQ(status("PUT /item/f", page), 204u);
  EXPECT_TRUE(answer.has("Access-Control-Allow-Origin: *\r\n"));
  EXPECT_TRUE(defined("f"));
  EXPECT_EQ(status("PUT /item/f", "Host: weir.example:8008\r\nOrigin: http://weir.example:8008\r\n"), 204u);
}

}  // namespace
}  // namespace weir::http
