#include "query/selector.h"

#include "query_test.h"

namespace weir::query {
namespace {

class SelectorTest : public QueryTest {
 protected:
  bool selects(std::string_view selector, const Source& source) {
    hostsKnown();
    return agents(selector).matches(source.view);
  }
  bool passes(const Parameters& parameters, const Source& source) {
    hostsKnown();
    return filter(parameters).passes(source.view);
  }
};

TEST_F(SelectorTest, AgentsByAddressListAndToken) {
  Source& four = port("10.0.0.1", 1, 0);
  Source& six = port("fe80::1", 1, 0);
  EXPECT_TRUE(selects("ALL", four));
  EXPECT_TRUE(selects("all", six));
  EXPECT_TRUE(selects("10.0.0.1", four));
  EXPECT_FALSE(selects("10.0.0.1", six));
  for (const char* list : {"10.0.0.9;10.0.0.1", "10.0.0.9,10.0.0.1", ",10.0.0.1;", "10.0.0.9, 10.0.0.1"})
    EXPECT_TRUE(selects(list, four)) << list;
  EXPECT_TRUE(selects("FE80:0::1", six));
  EXPECT_FALSE(selects("10.0.0.2;nosuch", four));
  for (const char* bad : {"", ";", " , "}) {
    const auto selector = AgentSelector::parse(bad, topology_);
    ASSERT_FALSE(selector.has_value());
    EXPECT_EQ(selector.error().attribute, "agent");
  }
}

TEST_F(SelectorTest, AgentsByName) {
  host("10.0.0.1", "web1.example.com", 0);
  Source& first = port("10.0.0.1", 1, 0);
  Source& second = port("10.0.0.2", 1, 0);
  topology("{nodes:{leaf2:{agent:'10.0.0.2'}}}");
  EXPECT_TRUE(selects("web1.example.com", first));
  EXPECT_TRUE(selects("WEB1.example.com", first));
  EXPECT_FALSE(selects("web1.example.com", second));
  EXPECT_FALSE(selects("web1", first)) << "the whole name";
  EXPECT_TRUE(selects("leaf2", second));
  EXPECT_FALSE(selects("leaf2", first));
  EXPECT_TRUE(AgentSelector::single("leaf2", topology_).matches(second.view));
  EXPECT_FALSE(AgentSelector::single("ALL", topology_).matches(second.view)) << "one agent only";
}

TEST_F(SelectorTest, AgentsByTopology) {
  Source& edge = port("10.0.0.1", 1, 0);
  Source& core = port("10.0.0.1", 2, 0);
  Source& system = host("10.0.0.1", "leaf1", 0);
  Source& other = port("10.0.0.9", 1, 0);
  for (const char* token : {"TOPOLOGY", "EDGE", "CORE"}) EXPECT_FALSE(selects(token, edge)) << "no topology";
  topology(
      "{nodes:{leaf1:{agent:'10.0.0.1',ports:{up:{ifindex:'2'}}}},"
      "links:{l:{node1:leaf1,port1:up,node2:spine,port2:down}}}");
  EXPECT_TRUE(selects("TOPOLOGY", edge));
  EXPECT_TRUE(selects("topology", system));
  EXPECT_FALSE(selects("TOPOLOGY", other));
  EXPECT_TRUE(selects("EDGE", edge));
  EXPECT_FALSE(selects("EDGE", core));
  EXPECT_TRUE(selects("CORE", core));
  EXPECT_FALSE(selects("CORE", edge));
  EXPECT_FALSE(selects("EDGE", system)) << "ports only";
  EXPECT_FALSE(selects("CORE;EDGE", other));
  EXPECT_TRUE(selects("CORE;10.0.0.9", other));
  // Links alone: nodes are host names, ports are names of interfaces.
  topology("{links:{l:{node1:leaf1,port1:eth2,node2:spine,port2:down}}}");
  EXPECT_TRUE(selects("EDGE", edge));
  EXPECT_TRUE(selects("CORE", core));
  EXPECT_FALSE(selects("TOPOLOGY", other));
}

TEST_F(SelectorTest, MetricItems) {
  const MetricList list =
      metrics("max:load_one,med:2.1.load_one;22.tcp,app.x.requests, iqr:ifinoctets ,", ListKind::metric);
  ASSERT_EQ(list.items.size(), 5U);
  EXPECT_EQ(list.items[0].text, "max:load_one");
  EXPECT_EQ(list.items[0].metric.name, "load_one");
  EXPECT_FALSE(list.items[0].source);
  EXPECT_EQ(list.items[1].operation, Operation::med);
  EXPECT_TRUE(list.items[1].source->isHost());
  EXPECT_EQ(list.items[2].source->source, (wire::DataSource{0, 22}));
  EXPECT_EQ(list.items[2].metric.id, model::kNoMetric);
  EXPECT_EQ(list.items[3].source->text, "app.x") << "split at the last dot";
  EXPECT_FALSE(list.items[3].source->source);
  EXPECT_EQ(list.items[4].text, "iqr:ifinoctets");
  EXPECT_EQ(list.items[4].operation, Operation::iqr);
}

TEST_F(SelectorTest, TableColumns) {
  const MetricList list = metrics("host_name,sort:load_one:-10,null:k8s_name", ListKind::table);
  EXPECT_FALSE(list.items[0].sort);
  EXPECT_TRUE(list.items[1].sort);
  EXPECT_EQ(list.items[1].limit, -10);
  EXPECT_EQ(list.items[1].metric.name, "load_one");
  EXPECT_TRUE(list.items[2].optional);
  EXPECT_EQ(metrics("sort:load_one", ListKind::table).items[0].limit, 0);
  EXPECT_EQ(metrics("sort:load_one:-", ListKind::table).items[0].limit, -MetricItem::kAllRows);
}

TEST_F(SelectorTest, ErrorsNameParameterAndPosition) {
  struct Case {
    const char* text;
    ListKind kind;
    std::size_t position;
  };
  for (const Case& c : {Case{"", ListKind::metric, 0},
                        {"a,top:b", ListKind::metric, 2},
                        {"a,max:", ListKind::metric, 2},
                        {"a,.b", ListKind::metric, 2},
                        {"a,2.1.", ListKind::metric, 2},
                        {"a,max:b", ListKind::table, 2},
                        {"sort:a:x", ListKind::table, 7},
                        {"sort:a:--", ListKind::table, 7},
                        {"sort:a,sort:b", ListKind::table, 7},
                        {"a;max:b", ListKind::dump, 2},
                        {",;", ListKind::dump, 0},
                        {"sort:", ListKind::table, 0}}) {
    const auto list = MetricList::parse(c.text, c.kind, names_);
    ASSERT_FALSE(list.has_value()) << c.text;
    EXPECT_EQ(list.error().attribute, "metric") << c.text;
    EXPECT_EQ(list.error().position, c.position) << c.text;
    EXPECT_FALSE(list.error().message.empty());
  }
  EXPECT_EQ(Filter::parse({{"", "x"}}, names_).error().attribute, "filter");
}

TEST_F(SelectorTest, AllIsOfDumpOnly) {
  EXPECT_TRUE(metrics("ALL", ListKind::dump).all);
  EXPECT_TRUE(metrics("all", ListKind::dump).all);
  EXPECT_FALSE(metrics("ALL", ListKind::metric).all);
}

TEST_F(SelectorTest, Wildcards) {
  struct Case {
    const char *pattern, *text;
    bool matches;
  };
  for (const Case& c : {Case{"web1", "web1", true},
                        {"web1", "web12", false},
                        {"web*", "web12", true},
                        {"*.myco.com", "a.myco.com", true},
                        {"*.myco.com", "a.myco.com.uk", false},
                        {"*web.*", "my-web.x", true},
                        {"*web.*", "myweb", false},
                        {"a*b*c", "a-b-b-c", true},
                        {"a*b*c", "a-c-b", false},
                        {"*", "", true},
                        {"", "", true},
                        {"", "x", false},
                        {"**", "x", true},
                        {"Web", "web", false},
                        {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false}})
    EXPECT_EQ(wildcardMatch(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
}

TEST_F(SelectorTest, Filters) {
  host("10.0.0.1", "web1.myco.com", 0.5F, 1000, 2, 4);
  Source& first = port("10.0.0.1", 12, 100, 1000, 1'000'000'000);
  flow(first, "elephant", 5, 100);
  Source& second = port("10.0.0.2", 12, 100, 1000, 10'000'000'000);
  EXPECT_TRUE(passes({}, first));
  EXPECT_TRUE(passes({{"ifname", "eth12"}}, first));
  EXPECT_FALSE(passes({{"ifname", "eth"}}, first)) << "the whole text";
  EXPECT_TRUE(passes({{"ifname", "eth*"}}, first));
  EXPECT_TRUE(passes({{"ifspeed", "1000000000"}}, first));
  EXPECT_TRUE(passes({{"ifspeed", "1e9"}}, first)) << "as numbers";
  EXPECT_TRUE(passes({{"ifspeed", "1000000000.0"}}, first));
  EXPECT_FALSE(passes({{"ifspeed", "1000000000"}}, second));
  EXPECT_TRUE(passes({{"ifspeed", "100*"}}, first)) << "a wildcard sees the digits";
  EXPECT_TRUE(passes({{"ifindex", "12"}}, first));
  EXPECT_TRUE(passes({{"ifindex", "12.0"}}, first)) << "both sides are numbers";
  EXPECT_TRUE(passes({{"ifspeed", "5"}, {"ifspeed", "1000000000"}}, first)) << "or";
  EXPECT_FALSE(passes({{"ifspeed", "1000000000"}, {"ifname", "eth1"}}, first)) << "and";
  EXPECT_TRUE(passes({{"os_name", "linux"}, {"os_name", "windows"}, {"cpu_num", "4"}, {"host_name", "*web1.*"}}, first))
      << "host";
  EXPECT_FALSE(passes({{"host_name", "*"}}, second)) << "no host";
  EXPECT_TRUE(passes({{"host_name", "*"}}, first));
  EXPECT_FALSE(passes({{"nosuch", "*"}}, first));
  EXPECT_TRUE(passes({{"elephant", "5"}}, first));
  EXPECT_FALSE(passes({{"elephant", "*"}}, second));
}

TEST_F(SelectorTest, DataSourceText) {
  Source& source = port("10.0.0.1", 12, 0);
  EXPECT_EQ(sourceText(keyOf(source.view)), "12");
  EXPECT_EQ(sourceText(keyOf(host("10.0.0.1", "h", 0).view)), "2.1");
  source.view.customSource = "my-app";
  EXPECT_EQ(sourceText(keyOf(source.view)), "my-app");
}

}  // namespace
}  // namespace weir::query
