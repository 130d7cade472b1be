#include "config/property_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace weir::config {
namespace {

std::string nearest(std::string_view name) {
  const auto* p = nearestProperty(name);
  return p == nullptr ? std::string() : std::string(p->name);
}

TEST(PropertyTable, DefaultsAreValidAndNamesUnique) {
  std::set<std::string_view> names;
  for (const auto& p : propertyTable()) {
    EXPECT_TRUE(names.insert(p.name).second) << p.name;
    EXPECT_NE(p.meaning, "") << p.name;
    if (p.defaultText.empty() || p.defaultText.front() == '(') continue;
    EXPECT_EQ(valueProblem(p, p.defaultText), std::nullopt) << p.name;
  }
  ASSERT_NE(findProperty("sflow.port"), nullptr);
  EXPECT_EQ(findProperty("sflow.port")->defaultText, "6343");
  EXPECT_EQ(findProperty("sflow"), nullptr);
}

TEST(PropertyTable, ValuesAreCheckedByType) {
  const auto ok = [](const char* name, const char* value) {
    const auto* p = findProperty(name);
    EXPECT_NE(p, nullptr) << name;
    return p != nullptr && !valueProblem(*p, value);
  };
  for (const char* good : {"0", "1", "65535"}) EXPECT_TRUE(ok("sflow.port", good)) << good;
  for (const char* bad : {"", "-1", "65536", "99999999999999999999", "6343 ", "0x10", "1.0", "+1", "udp"})
    EXPECT_FALSE(ok("sflow.port", bad)) << bad;
  for (const char* good : {"yes", "no"}) EXPECT_TRUE(ok("http.log", good));
  for (const char* bad : {"", "true", "Yes", "1"}) EXPECT_FALSE(ok("http.log", bad)) << bad;
  for (const char* good : {"1", "0.5", "1e2", "max"}) EXPECT_TRUE(ok("sflow.file.speed", good)) << good;
  for (const char* bad : {"", "0", "-1", "nan", "inf", "MAX", "2x"}) EXPECT_FALSE(ok("sflow.file.speed", bad)) << bad;
  EXPECT_TRUE(ok("snmp.version", "2c"));
  EXPECT_FALSE(ok("snmp.version", "2"));
  EXPECT_FALSE(ok("snmp.version", ""));
  EXPECT_TRUE(ok("sflow.address", "::1"));
  EXPECT_FALSE(ok("sflow.address", "localhost"));
  EXPECT_TRUE(ok("http.hostname", "localhost"));
  EXPECT_FALSE(ok("http.hostname", "local host"));
  EXPECT_TRUE(ok("dns.servers", "10.0.0.1,fe80::1"));
  EXPECT_FALSE(ok("dns.servers", "10.0.0.1,,fe80::1"));
  for (const char* good : {"https://noc.example", "http://10.0.0.1:8008,https://[2001:db8::1]:8443", "x-app://abc"})
    EXPECT_TRUE(ok("http.origins", good)) << good;
  for (const char* bad : {"", "null", "noc.example", "https://", "https://noc.example/", "https://a,,https://b",
                          "https://a:b", "https://a:70000", "https://[x]", "://a", "https://a b", "*"})
    EXPECT_FALSE(ok("http.origins", bad)) << bad;
  EXPECT_TRUE(ok("http.hosts", "weir.example,weir,10.0.0.1"));
  EXPECT_FALSE(ok("http.hosts", "weir.example:8008"));
  EXPECT_FALSE(ok("http.hosts", "https://weir.example"));
  EXPECT_FALSE(ok("sflow.file", "/nonexistent"));
  EXPECT_FALSE(ok("sflow.file", "/tmp"));
  EXPECT_TRUE(ok("script.file", "/dev/null,/dev/null"));
  EXPECT_FALSE(ok("script.file", "/dev/null,/nonexistent"));
}

TEST(PropertyTable, ProblemsSayWhatWasExpected) {
  EXPECT_EQ(*valueProblem(*findProperty("sflow.port"), "70000"), "\"70000\", expected a number from 0 to 65535");
  EXPECT_EQ(*valueProblem(*findProperty("http.log"), "on"), "\"on\", expected yes or no");
  EXPECT_EQ(*valueProblem(*findProperty("snmp.version"), "4"), "\"4\", expected one of 1, 2c, 3");
}

TEST(PropertyTable, MisspeltNamesHaveANearest) {
  EXPECT_EQ(nearest("sflow.prot"), "sflow.port");
  EXPECT_EQ(nearest("sflow.Port"), "sflow.port");
  EXPECT_EQ(nearest("sflw.port"), "sflow.port");
  EXPECT_EQ(nearest("http.readOnly"), "http.readonly");
  EXPECT_EQ(nearest("htpp.port"), "http.port");
  EXPECT_EQ(nearest("http.html.indent"), "http.json.indent");
  EXPECT_NE(nearest("http.whatever"), "") << "the prefix is known: something there was meant";
  EXPECT_EQ(nearest("worker.number"), "workers.number");
  EXPECT_EQ(nearest("bgpstart"), "bgp.start");
}

TEST(PropertyTable, AppPropertiesHaveNone) {
  // Names that public apps use (system-properties, last section).
  for (const char* name : {"browse-flows.aggMode",
                           "browse-flows.maxFlows",
                           "browse-flows.t",
                           "browse-drops.t",
                           "world-map.scale",
                           "sunburst.gpu.k8s.namespace.exclude",
                           "sunburst.n",
                           "trace-flow.t",
                           "trace-flow.n",
                           "fabric-metrics.threshold.timeout",
                           "fabric-metrics.t",
                           "ixp.flow.n",
                           "ixp.flow.t",
                           "ixp.members.n",
                           "ixp.bgp.router",
                           "ixp.bgp.as",
                           "ixp.syslog.host",
                           "ddos_protect.router",
                           "ddos_protect.as",
                           "ddos_protect.group.external",
                           "ddos_protect.udp_flood.threshold",
                           "ddos_blackhole.t",
                           "arm.t",
                           "ai.t",
                           "heatmap.t",
                           "particle.t",
                           "sflow-test.random",
                           "scitags.url",
                           "viz.t",
                           "ix.port",
                           "a",
                           ""})
    EXPECT_EQ(nearest(name), "") << name;
  EXPECT_EQ(nearest(std::string(100'000, 'x')), "");
}

TEST(PropertyTable, DocumentIsMadeFromTheTable) {
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/docs/properties.md";
  if (std::getenv("WEIR_UPDATE_DOCS") != nullptr) std::ofstream(path) << propertyReference();
  std::ifstream in(path);
  std::stringstream document;
  document << in.rdbuf();
  EXPECT_EQ(document.str(), propertyReference()) << "run test_config with WEIR_UPDATE_DOCS=1 to write it anew";
}

TEST(PropertyTable, HelpListsWhatWorks) {
  EXPECT_THAT(propertyHelp(), testing::HasSubstr("  sflow.port=6343"));
  EXPECT_THAT(propertyHelp(), testing::Not(testing::HasSubstr("openflow")));
}

}  // namespace
}  // namespace weir::config
