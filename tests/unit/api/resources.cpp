#include "api/resources.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstring>
#include <set>

#include "api/answers.h"
#include "api/page.h"
#include "bench.h"

namespace weir::api {
namespace {

using test::Bench;
using test::header;

TEST(Resources, questions_reach_the_engine_with_what_was_asked) {
  Bench b;
  const auto asked = [&](std::string_view target) {
    EXPECT_EQ(b.status("GET", target), 200u) << target;
    return b.engine.asked();
  };
  EXPECT_EQ(asked("/analyzer/json"), "analyzer");
  EXPECT_EQ(asked("/health/json"), "health");
  EXPECT_EQ(asked("/agents/json"), "agents");
  EXPECT_EQ(asked("/agents/json?agent=10.0.0.1&agent=a;b"), "agents 10.0.0.1 a b");
  EXPECT_EQ(asked("/metrics/json"), "metricNames");
  EXPECT_EQ(asked("/metric/10.0.0.1/json"), "agentMetrics 10.0.0.1");
  EXPECT_EQ(asked("/metric/ALL/max:load_one,sum:ifinoctets/json"), "metric ALL max:load_one,sum:ifinoctets");
  EXPECT_EQ(asked("/table/ALL/host_name,sort:load_one:-2/json?os_name=linux&os_name=*win*"),
            "table ALL host_name,sort:load_one:-2 ?os_name=linux ?os_name=*win*");
  EXPECT_EQ(asked("/dump/ALL/ifinoctets;ifoutoctets/json"), "dump ALL ifinoctets;ifoutoctets");
  EXPECT_EQ(asked("/flowkeys/json"), "flowKeys");
  EXPECT_EQ(asked("/activeflows/ALL/elephant/json"), "activeFlows ALL elephant 100 0 max");
  EXPECT_EQ(asked("/activeflows/ALL/e/json?maxFlows=2&minValue=1.5e3&aggMode=SUM&n=10&timeout=x"),
            "activeFlows ALL e 2 1500 sum");
  EXPECT_EQ(asked("/flowvalue/10.0.0.1/22.tcp/json?key=a,b"), "flowValue 10.0.0.1 22.tcp a,b");
  EXPECT_EQ(asked("/flowvalue/10.0.0.1/22.tcp/json"), "flowValue 10.0.0.1 22.tcp ");
  EXPECT_EQ(asked("/flowlocations/ALL/tcp/json?key=a,b"), "flowLocations ALL tcp a,b");
  EXPECT_EQ(asked("/topology/hosts/json"), "hostLocations  ALL all");
  EXPECT_EQ(asked("/topology/hosts/json?host=10.0.0.1&agent=leaf1&maxHosts=5"), "hostLocations 10.0.0.1 leaf1 5");
  EXPECT_EQ(asked("/topology/link/a/ifinoctets,ifspeed/json"), "linkEnds a");
  EXPECT_EQ(asked("/topology/status/json"), "topologyStatus");
  EXPECT_EQ(asked("/flowlocations/ALL/tcp/json"), "flowLocations ALL tcp (all)");
  EXPECT_EQ(asked("/license/json"), "analyzer");
  EXPECT_EQ(asked("/prometheus/analyzer/txt"), "analyzer");
  EXPECT_EQ(asked("/prometheus/metrics/ALL/load_one/txt?os_name=linux"), "dump with names ALL load_one ?os_name=linux");
  EXPECT_EQ(asked("/app/prometheus/scripts/export.js/dump/ALL/ALL/txt"), "agents ALL")
      << "behind the metrics, the time of each agent's last datagram";
  EXPECT_EQ(asked("/prometheus/metrics/EDGE/ALL/txt"), "agents EDGE");
  EXPECT_EQ(asked("/prometheus/metrics/ALL/ALL/txt?os_name=linux"), "dump with names ALL ALL ?os_name=linux");
  EXPECT_EQ(asked("/metrics"), "agents ALL");
}

TEST(Resources, no_agent_is_not_all_agents) {
  Bench b;
  EXPECT_EQ(b.get("/agents/json?agent="), "{}");
  EXPECT_EQ(b.engine.asked(), "");
}

TEST(Resources, results_are_written) {
  Bench b;
  EXPECT_EQ(b.get("/metric/ALL/x/json"), "[]");
  EXPECT_EQ(b.get("/agents/json"), "{}");
  EXPECT_EQ(b.get("/dump/ALL/x/json"),
            R"([{"agent":"","dataSource":"3","lastUpdate":0,"metricName":"metric","metricValue":1.5}])");
  EXPECT_EQ(b.get("/prometheus/metrics/ALL/x/txt"),
            "# HELP sflow_metric custom metric, unit as its sender has it\n# TYPE sflow_metric gauge\n"
            "sflow_metric{agent=\"\",datasource=\"3\"} 1.5\n");
  EXPECT_NE(b.get("/analyzer/json").find("\"httpMessagesReceived\":7,"), std::string::npos) << "of the HTTP server";
  EXPECT_NE(b.get("/prometheus/analyzer/txt").find("sflow_analyzer_http_messages_received 7\n"), std::string::npos);
  EXPECT_NE(b.get("/license/json").find("\"type\":\"open source\""), std::string::npos);
  b.options.metricPrefix = "x_";
  b.options.metricTypes = false;
  EXPECT_EQ(b.get("/prometheus/metrics/ALL/x/txt"), "x_metric{agent=\"\",datasource=\"3\"} 1.5\n");
  EXPECT_EQ(b.get("/metrics"), b.get("/prometheus/analyzer/txt") + "x_metric{agent=\"\",datasource=\"3\"} 1.5\n");
}

TEST(Resources, active_flows_that_are_left_out_are_counted_in_headers) {
  Bench b;
  const Response r = b.now("GET", "/activeflows/ALL/elephant/json");
  EXPECT_TRUE(r.body.starts_with("[")) << "clients expect an array";
  EXPECT_EQ(header(r, "X-Total-Count"), "3");
  EXPECT_EQ(header(r, "X-Left-Out"), "2");
  EXPECT_EQ(header(r, "Access-Control-Expose-Headers"), "X-Total-Count, X-Left-Out") << "pages of other origins";
}

TEST(Resources, version_is_text) {
  Bench b;
  const Response r = b.now("GET", "/version");
  EXPECT_EQ(r.contentType, "text/plain");
  EXPECT_TRUE(testing::internal::RE::FullMatch(r.body, testing::internal::RE("[0-9]+\\.[0-9]+-[0-9]+"))) << r.body;
}

TEST(Resources, there_are_no_scripts_and_no_apps) {
  Bench b;
  EXPECT_EQ(b.get("/scripts/json"), "{}");
  EXPECT_EQ(b.get("/apps/json"), "{}");
  EXPECT_EQ(b.status("GET", "/app/browse-flows/status"), 404u);
}

TEST(Resources, prometheus_text_is_plain_text) {
  Bench b;
  EXPECT_EQ(b.now("GET", "/prometheus/metrics/ALL/ALL/txt").contentType, "text/plain");
  EXPECT_EQ(b.now("GET", "/metrics").contentType, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(b.status("GET", "/prometheus/metrics/ALL/bad/txt"), 400u);
}

TEST(Resources, engine_answers_become_statuses) {
  Bench b;
  EXPECT_EQ(refusalResponse({query::Refusal::Reason::unavailable, {"later", {}, {}}}).status, 503u);
  const Response invalid = b.now("GET", "/metric/ALL/bad/json");
  EXPECT_EQ(invalid.status, 400u);
  EXPECT_EQ(invalid.body, R"({"error":"no such thing","attribute":"metric","position":4})");
  const Response unknown = b.now("GET", "/metric/nosuch/json");
  EXPECT_EQ(unknown.status, 404u);
  EXPECT_EQ(unknown.body, R"({"error":"unknown agent"})");
  const Response busy = b.now("GET", "/metric/ALL/busy/json");
  EXPECT_EQ(busy.status, 503u);
  EXPECT_EQ(busy.body, R"({"error":"try again"})");
}

TEST(Resources, bad_numbers_are_400) {
  Bench b;
  for (const char* target :
       {"/activeflows/ALL/e/json?maxFlows=x", "/activeflows/ALL/e/json?maxFlows=-1",
        "/activeflows/ALL/e/json?minValue=nan", "/events/json?eventID=x", "/events/json?eventID=1.5",
        "/events/json?maxEvents=ten", "/events/json?maxEvents=-1", "/events/json?timeout=", "/events/json?timeout=inf",
        "/flows/json?flowID=x", "/flows/json?maxFlows=x", "/flows/json?timeout=1s"}) {
    const Response r = b.now("GET", target);
    EXPECT_EQ(r.status, 400u) << target;
    EXPECT_NE(r.body.find("\"attribute\""), std::string::npos) << r.body;
  }
}

struct Family {
  const char* list;
  const char* one;
};

class Definitions : public testing::TestWithParam<Family> {};

TEST_P(Definitions, put_get_delete) {
  Bench b;
  const std::string one = GetParam().one;
  EXPECT_EQ(b.get(GetParam().list), "{}");
  EXPECT_EQ(b.status("GET", one), 404u);
  const Response put = b.now("PUT", one, "{keys:'ipsource', n=>5,}");
  EXPECT_EQ(put.status, 204u);
  EXPECT_EQ(put.body, "");
  EXPECT_EQ(b.get(one), R"({"keys":"ipsource","n":5})");
  EXPECT_EQ(b.get(GetParam().list), R"({"x":{"keys":"ipsource","n":5}})");
  EXPECT_EQ(b.status("POST", one, "{a:1}"), 204u);
  EXPECT_EQ(b.get(one), R"({"a":1})");
  EXPECT_EQ(b.status("HEAD", one), 200u);
  EXPECT_EQ(b.status("DELETE", one), 204u);
  EXPECT_EQ(b.status("DELETE", one), 204u);
  EXPECT_EQ(b.status("GET", one), 404u);
}

TEST_P(Definitions, bad_bodies_are_400_and_change_nothing) {
  Bench b;
  const std::string one = GetParam().one;
  ASSERT_EQ(b.status("PUT", one, "{a:1}"), 204u);
  for (const char* body : {"", "{", "[]", "5", "{a:nan}", "null", "{a:1} x"}) {
    EXPECT_EQ(b.status("PUT", one, body), 400u) << body;
  }
  EXPECT_EQ(b.now("PUT", one, "{a}").body, R"({"error":"expected ':' behind the name \"a\", not '}'","position":2})");
  EXPECT_EQ(b.get(one), R"({"a":1})");
  std::string bad = one;
  bad.replace(bad.find("/x/"), 3, "/bad/");
  EXPECT_EQ(b.now("PUT", bad, "{}").body, R"({"error":"expected a known key","attribute":"keys","position":3})");
}

TEST_P(Definitions, read_only_refuses_changes) {
  Bench b;
  b.options.readOnly = true;
  for (const char* method : {"PUT", "POST", "DELETE"})
    EXPECT_EQ(b.status(method, GetParam().one, "{}"), 403u) << method;
  EXPECT_EQ(b.status("GET", GetParam().list), 200u);
}

TEST_P(Definitions, wrong_methods_are_405) {
  Bench b;
  const Response r = b.now("PATCH", GetParam().one);
  EXPECT_EQ(r.status, 405u);
  EXPECT_EQ(header(r, "Allow"), "GET, HEAD, PUT, POST, DELETE, OPTIONS");
  EXPECT_EQ(b.status("DELETE", GetParam().list), 405u);
}

INSTANTIATE_TEST_SUITE_P(All, Definitions,
                         testing::Values(Family{"/flow/json", "/flow/x/json"},
                                         Family{"/threshold/json", "/threshold/x/json"},
                                         Family{"/group/json", "/group/x/json"}, Family{"/map/json", "/map/x/json"},
                                         Family{"/forwarding/json", "/forwarding/x/json"}),
                         [](const auto& p) {
                           return std::string(p.param.list + 1, std::strchr(p.param.list + 1, '/'));
                         });

TEST(Resources, old_group_resources) {
  Bench b;
  EXPECT_EQ(b.status("PUT", "/group/json", "{external:['0.0.0.0/0']}"), 204u);
  EXPECT_EQ(b.get("/group/default/json"), R"({"external":["0.0.0.0/0"]})");
  EXPECT_EQ(b.get("/groups/json"), b.get("/group/json"));
  EXPECT_EQ(b.status("PUT", "/groups/json", "{}"), 405u);
}

TEST(Resources, topology) {
  Bench b;
  EXPECT_EQ(b.get("/topology/json"), "{}");
  EXPECT_EQ(b.status("PUT", "/topology/json", "{bad:1}"), 400u);
  EXPECT_EQ(b.status("PUT", "/topology/json", "{links:{},tag:1}"), 204u);
  EXPECT_EQ(b.get("/topology/json"), R"({"links":{},"tag":1})");
  EXPECT_EQ(b.status("DELETE", "/topology/json"), 405u);
  b.options.readOnly = true;
  EXPECT_EQ(b.status("PUT", "/topology/json", "{}"), 403u);
}

TEST(Resources, large_bodies_are_read_beside_the_thread) {
  Bench b;
  EXPECT_EQ(b.status("PUT", "/flow/x/json", "{a:'" + std::string(1 << 20, 'x') + "'}"), 204u);
  EXPECT_EQ(b.offloaded, 1);
  EXPECT_EQ(b.status("PUT", "/flow/x/json", "{a:'" + std::string(1 << 20, 'x')), 400u);
}

TEST(Resources, unknown_paths_are_404) {
  Bench b;
  for (const char* target : {"/nosuch", "/flow", "/flow/x", "/flow/x/txt", "/flow/x/json/y", "/flow/x/y/json/z",
                             "/version/json", "/metric/json", "/FLOW/json", "/of/switch/ALL/json"}) {
    EXPECT_EQ(b.status("GET", target), 404u) << target;
    EXPECT_EQ(b.status("PUT", target, "{}"), 404u) << target;
  }
  EXPECT_EQ(b.status("PUT", "/version", "{}"), 405u);
  EXPECT_EQ(b.status("GET", "/flow/%zz/json"), 400u);
}

TEST(Resources, options_tells_methods) {
  Bench b;
  const Response r = b.now("OPTIONS", "/flow/x/json");
  EXPECT_EQ(r.status, 204u);
  EXPECT_EQ(header(r, "Allow"), "GET, HEAD, PUT, POST, DELETE, OPTIONS");
  EXPECT_EQ(header(r, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header(r, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(b.status("OPTIONS", "/nosuch"), 404u);
}

TEST(Resources, options_of_a_listed_origin_tells_pages_all_methods) {
  Bench b;
  Request request;
  request.method = Method::options;
  request.path = {"flow", "x", "json"};
  request.listedOrigin = true;
  const auto reply = std::make_shared<test::TestReply>();
  b.router.handle(request, reply);
  ASSERT_TRUE(reply->response);
  EXPECT_EQ(header(*reply->response, "Access-Control-Allow-Methods"), "GET, HEAD, PUT, POST, DELETE, OPTIONS");
}

TEST(Resources, html_and_rest_can_be_switched_off) {
  Bench b;
  b.options.rest = false;  // alone it does nothing: the pages need it
  EXPECT_EQ(b.status("GET", "/version"), 200u);
  b.options.html = false;
  EXPECT_EQ(b.status("GET", "/version"), 404u);
  EXPECT_EQ(b.status("GET", "/"), 404u);
  b.options.rest = true;
  EXPECT_EQ(b.status("GET", "/version"), 200u);
  EXPECT_EQ(b.status("GET", "/html/index.html"), 404u);
}

TEST(Resources, page_is_found_behind_any_prefix) {
  Bench b;
  const Response root = b.now("GET", "/");
  EXPECT_EQ(root.status, 302u);
  EXPECT_EQ(header(root, "Location"), "./html/index.html");
  EXPECT_EQ(header(b.now("GET", "/html"), "Location"), "html/");
  EXPECT_EQ(b.status("GET", "/html/"), 200u);
  const Response page = b.now("GET", "/html/index.html");
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(page.contentType, "text/html; charset=utf-8");
  EXPECT_TRUE(header(page, "ETag").starts_with("W/"));
  EXPECT_NE(header(page, "Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(b.status("GET", "/html/nosuch.js"), 404u);
  EXPECT_EQ(b.status("GET", "/html/..%2Findex.html"), 404u);
  for (const PageFile& f : pageFiles()) {
    EXPECT_FALSE(f.contentType.empty()) << f.name;
    EXPECT_EQ(f.content.find("=\"/"), std::string_view::npos) << f.name << " has an absolute link";
    std::string text(f.content);
    if (const auto at = text.find("http://www.w3.org/2000/svg"); at != std::string::npos) text.erase(at, 26);  // a name
    EXPECT_EQ(text.find("http://"), std::string::npos) << f.name;
    EXPECT_EQ(text.find("https://"), std::string::npos) << f.name;
  }
}

TEST(Resources, table_of_routes_is_a_description) {
  Bench b;
  std::set<std::pair<Method, std::string_view>> seen;
  for (const Route& route : b.router.routes()) {
    EXPECT_TRUE(route.pattern.starts_with('/'));
    EXPECT_TRUE(route.doc.ends_with('.')) << route.pattern;
    EXPECT_TRUE(seen.emplace(route.method, route.pattern).second) << route.pattern << " stands twice";
  }
}

}  // namespace
}  // namespace weir::api
