// Tables, dumps, the metrics of one agent and the names of all.
#include <chrono>

#include "query/agent_metrics_query.h"
#include "query/agents_query.h"
#include "query/dump_query.h"
#include "query/metric_names_query.h"
#include "query/table_query.h"
#include "query_test.h"

namespace weir::query {
namespace {

class TableQueryTest : public QueryTest {
 protected:
  std::string ask(std::string list, std::string selected = "ALL", Parameters parameters = {}) {
    return answer(TableQuestion{std::move(selected), std::move(list), std::move(parameters)});
  }
  // The values of the last column, in the order of the rows.
  std::string column(const std::string& list) {
    std::string out;
    const std::string json = ask(list);
    for (std::size_t at = 0; (at = json.find("}]", at)) != json.npos; ++at) {
      const std::size_t begin = json.rfind(':', at) + 1;
      out += json.substr(begin, at - begin) + " ";
    }
    return out;
  }
};

TEST_F(TableQueryTest, RowsHaveAllColumns) {
  host("10.0.0.31", "web2", 1.25F, 5120);
  host("10.0.0.30", "web1", 0.5F, 9011);
  port("10.0.0.30", 3, 10);
  EXPECT_EQ(
      ask("host_name,sort:load_one:-2"),
      R"([[{"agent":"10.0.0.31","dataSource":"2.1","lastUpdate":5120,"metricName":"host_name","metricValue":"web2"},)"
      R"({"agent":"10.0.0.31","dataSource":"2.1","lastUpdate":5120,"metricName":"load_one","metricValue":1.25}],)"
      R"([{"agent":"10.0.0.30","dataSource":"2.1","lastUpdate":9011,"metricName":"host_name","metricValue":"web1"},)"
      R"({"agent":"10.0.0.30","dataSource":"2.1","lastUpdate":9011,"metricName":"load_one","metricValue":0.5}]])");
  EXPECT_EQ(ask("host_name,nosuch"), "[]");
}

TEST_F(TableQueryTest, HostColumnsComeFromTheHost) {
  host("10.0.0.30", "web1", 0.5F, 9000);
  port("10.0.0.30", 3, 10, 1000);
  port("10.0.0.31", 4, 10, 1000);
  EXPECT_EQ(
      ask("host_name,ifname"),
      R"([[{"agent":"10.0.0.30","dataSource":"3","lastUpdate":9000,"metricName":"host_name","metricValue":"web1"},)"
      R"({"agent":"10.0.0.30","dataSource":"3","lastUpdate":1000,"metricName":"ifname","metricValue":"eth3"}]])");
  EXPECT_EQ(ask("2.1.load_one,3.ifinoctets").find("\"dataSource\":\"2.1\""), std::string::npos);
  EXPECT_NE(ask("2.1.load_one,3.ifinoctets").find("\"metricValue\":0.5"), std::string::npos);
}

TEST_F(TableQueryTest, Sorting) {
  for (const std::uint32_t i : {3U, 1U, 2U}) port("10.0.0.1", i, 10.0 * i);
  port("10.0.0.2", 1, 20);
  EXPECT_EQ(column("ifname,ifinoctets"), "10 20 30 20 ") << "canonical order";
  EXPECT_EQ(column("ifname,sort:ifinoctets"), "10 20 20 30 ");
  EXPECT_EQ(column("ifname,sort:ifinoctets:2"), "10 20 ");
  EXPECT_EQ(column("ifname,sort:ifinoctets:-3"), "30 20 20 ");
  EXPECT_EQ(column("ifname,sort:ifinoctets:-"), "30 20 20 10 ") << "a sign without a number: all rows";
  EXPECT_EQ(column("ifinoctets,sort:ifname:1"), "\"eth1\" ");
  EXPECT_EQ(column("ifinoctets,sort:ifname:-1"), "\"eth3\" ");
}

TEST_F(TableQueryTest, FewOfManyRowsAreKeptExactly) {
  for (std::uint32_t i = 0; i < 200; ++i) flow(port("10.0.0.1", i + 1, 0), "f", (i * 37) % 200, 0);
  EXPECT_EQ(column("sort:f:-3"), "199 198 197 ");
  EXPECT_EQ(column("sort:f:3"), "0 1 2 ");
}

TEST_F(TableQueryTest, MissingColumnCarriesNoValue) {
  port("10.0.0.1", 1, 0);
  EXPECT_EQ(ask("ifname,null:vir_host_name"),
            R"([[{"agent":"10.0.0.1","dataSource":"1","lastUpdate":1000,"metricName":"ifname","metricValue":"eth1"},)"
            R"({"agent":"10.0.0.1","dataSource":"1","metricName":"vir_host_name"}]])");
  EXPECT_EQ(ask("null:vir_host_name"), "[]") << "nothing of the row is there";
}

TEST_F(TableQueryTest, FlowColumnsAndFilters) {
  Source& source = port("10.0.0.1", 1, 0);
  flow(source, "mn_bytes", 5, 10, {{"k", 5, kNow, {}}});
  port("10.0.0.1", 2, 0);
  EXPECT_EQ(ask("sort:mn_bytes:-5"),
            R"([[{"agent":"10.0.0.1","dataSource":"1","lastUpdate":10,"metricName":"mn_bytes","metricValue":5,)"
            R"("topKeys":[{"key":"k","lastUpdate":0,"value":5}]}]])");
  EXPECT_EQ(column("ifspeed"), "1000000000 1000000000 ");
  EXPECT_EQ(ask("ifspeed", "ALL", {{"ifname", "eth9"}}), "[]");
  EXPECT_EQ(ask("ifspeed", "10.0.0.9"), "[]");
}

class DumpQueryTest : public QueryTest {
 protected:
  std::string ask(std::string list = "ALL", std::string selected = "ALL", Parameters parameters = {}) {
    return answer(DumpQuestion{std::move(selected), std::move(list), std::move(parameters)});
  }
};

TEST_F(DumpQueryTest, NamedMetricsInCanonicalOrder) {
  port("10.0.0.2", 1, 98);
  flow(port("10.0.0.1", 12, 9.5, 1210), "elephant", 1391234.5, 85, {{"a,b", 1391234.5, kNow - 85 * kMillisecond, {}}});
  host("10.0.0.1", "h", 0);
  EXPECT_EQ(ask("ifinoctets;elephant"),
            R"([{"agent":"10.0.0.1","dataSource":"12","lastUpdate":1210,"metricName":"ifinoctets","metricValue":9.5},)"
            R"({"agent":"10.0.0.1","dataSource":"12","lastUpdate":85,"metricName":"elephant","metricValue":1391234.5,)"
            R"("topKeys":[{"key":"a,b","lastUpdate":85,"value":1391234.5}]},)"
            R"({"agent":"10.0.0.2","dataSource":"1","lastUpdate":1000,"metricName":"ifinoctets","metricValue":98}])");
  EXPECT_EQ(ask("12.ifinoctets,2.1.load_one"),
            R"([{"agent":"10.0.0.1","dataSource":"12","lastUpdate":1210,"metricName":"ifinoctets","metricValue":9.5},)"
            R"({"agent":"10.0.0.1","dataSource":"2.1","lastUpdate":2000,"metricName":"load_one","metricValue":0}])");
  EXPECT_EQ(ask("nosuch"), "[]");
  EXPECT_EQ(ask("ALL", "10.9.9.9"), "[]");
  EXPECT_EQ(ask("ifname", "ALL", {{"ifinoctets", "98"}}),
            R"([{"agent":"10.0.0.2","dataSource":"1","lastUpdate":1000,"metricName":"ifname","metricValue":"eth1"}])");
}

TEST_F(DumpQueryTest, AllHasEveryValueOnce) {
  flow(port("10.0.0.1", 12, 9.5), "elephant", 3, 85);
  Source& custom = add("10.0.0.1", 0, 0);
  custom.view.customSource = "my-app";
  flow(custom, "x", 1, 0);
  const std::string json = ask();
  for (const char* name : {"ifindex", "ifinoctets", "ifname", "ifinpkts", "ifinutilization", "elephant"}) {
    const std::string member = "\"metricName\":\"" + std::string(name) + "\"";
    const auto at = json.find(member);
    EXPECT_NE(at, json.npos) << name;
    EXPECT_EQ(json.find(member, at + 1), json.npos) << name;
  }
  EXPECT_NE(json.find(R"("dataSource":"my-app")"), json.npos);
  EXPECT_EQ(json.find("null"), json.npos);
}

TEST_F(DumpQueryTest, ValueNewerThanTheQuestionIsOfAgeZero) {
  port("10.0.0.1", 1, 1, -500);
  EXPECT_NE(ask("ifname").find("\"lastUpdate\":0"), std::string::npos);
}

TEST_F(DumpQueryTest, FiveThousandValuesAreCheap) {
  for (std::uint32_t i = 0; i < 200; ++i) port("10.0.0." + std::to_string(i % 50), i / 50 + 1, i);
  hostsKnown();
  const auto query = DumpQuery::prepare({"ALL", "ALL"}, context()).value();
  std::size_t octets = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int k = 0; k < 20; ++k) {
    DumpQuery::Partial partial;
    for (const auto& source : sources_) query.visit(source->view, partial);
    octets += jsonOf(*query.finish(std::move(partial))).size();
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  RecordProperty("microseconds", static_cast<int>(took.count() / 20));
  RecordProperty("octets", static_cast<int>(octets / 20));
  EXPECT_GT(octets / 20, 400'000U);
}

class AgentMetricsQueryTest : public QueryTest {};

TEST_F(AgentMetricsQueryTest, EverythingOfOneAgent) {
  host("10.0.0.1", "leaf1", 0.5F);
  Source& source = add("10.0.0.1", 0, 12);
  sample(source, 10, {{1005, test::RecordBytes{}.str("eth1")}, {1004, test::RecordBytes{}.u64(0x7294fc095d43).u32(2)}});
  flow(source, "elephant", 1391234.5, 5, {{"k", 1, 0, {}}});
  port("10.0.0.2", 1, 0);
  EXPECT_EQ(
      answer(AgentMetricsQuestion{"10.0.0.1"}),
      R"({"12.ifname":"eth1","12.of_dpid":"00007294fc095d43","12.of_port":"2","12.elephant":1391234.5,)"
      R"("2.1.host_name":"leaf1","2.1.uuid":"00000007-0000-0007-0000-000700000007","2.1.machine_type":"x86_64",)"
      R"("2.1.os_name":"linux","2.1.os_release":"5.10","2.1.load_one":0.5,"2.1.load_five":0.5,"2.1.load_fifteen":0.5,)"
      R"("2.1.proc_run":1,"2.1.proc_total":2,"2.1.cpu_num":4,"2.1.cpu_speed":2400,"2.1.uptime":99,"2.1.load_one_per_cpu":0.125})");
}

TEST_F(AgentMetricsQueryTest, UnknownAgentIsNotFound) {
  Source& source = port("10.0.0.1", 1, 0);
  const auto other = AgentMetricsQuery::prepare({"10.0.0.9"}, context()).value();
  AgentMetricsQuery::Partial partial;
  other.visit(source.view, partial);
  EXPECT_EQ(other.finish(std::move(partial)).error().reason, Refusal::Reason::notFound);
  const auto known = AgentMetricsQuery::prepare({"10.0.0.1"}, context()).value();
  AgentMetricsQuery::Partial found;
  known.visit(source.view, found);
  EXPECT_TRUE(known.finish(std::move(found)));
}

TEST_F(AgentMetricsQueryTest, OfTwoAgentsOfOneNameTheFirst) {
  host("10.0.0.2", "web", 2);
  host("10.0.0.1", "WEB", 1);
  const std::string json = answer(AgentMetricsQuestion{"web"});
  EXPECT_NE(json.find("\"2.1.load_one\":1,"), json.npos);
  EXPECT_EQ(json.find("\"2.1.load_one\":2,"), json.npos);
}

class MetricNamesQueryTest : public QueryTest {};

TEST_F(MetricNamesQueryTest, NewestOfAllSources) {
  Source& source = add("10.0.0.1", 0, 1);
  sample(source, 5000, {{1005, test::RecordBytes{}.str("a")}});
  Source& other = add("10.0.0.2", 0, 1);
  sample(other, 3000, {{1005, test::RecordBytes{}.str("b")}});
  flow(source, "elephant", 1, 10);
  flow(other, "elephant", 1, 20);
  flow(other, "ant", 1, 20);
  EXPECT_EQ(answer(MetricNamesQuestion{}), R"({"ant":20,"elephant":10,"ifname":3000})");
}

TEST_F(MetricNamesQueryTest, NothingIsAnEmptyObject) {
  EXPECT_EQ(answer(MetricNamesQuestion{}), "{}");
}

TEST(AgentsQueryTest, SessionRecords) {
  AgentsQuery::Partial one, two;
  AgentRecord record;
  record.agent = address("10.0.0.30");
  record.sources = {address("10.0.0.30")};
  record.firstSeen = 10 * kSecond;
  record.lastSeen = 99 * kSecond;
  record.uptimeMs = 92345;
  record.datagrams = 61;
  record.datagramSequence = {1, 2, 3, 0};
  record.flow = {240, {4, 5, 6, 0}, 2, 7};
  record.counter = {18, {}, 3, 0};
  one.push_back(record);
  record.agent = address("10.0.0.4");
  two.push_back(record);
  const model::MetricNames names;
  const Context context{100 * kSecond, &names, std::make_shared<model::Topology>(), nullptr, {}};
  const auto query = AgentsQuery::prepare({}, context).value();
  query.merge(one, std::move(two));
  const std::string out = jsonOf(*query.finish(std::move(one)));
  EXPECT_LT(out.find("10.0.0.4"), out.find("\"10.0.0.30\":{"));
  EXPECT_NE(
      out.find(
          R"("10.0.0.30":{"sFlowDatagramSource":["10.0.0.30"],"firstSeen":90000,"lastSeen":1000,"uptime":92345,)"
          R"("sFlowDatagramsReceived":61,"sFlowDatagramsLost":1,"sFlowDatagramsOutOfOrder":2,"sFlowDatagramsDuplicates":3,)"
          R"("sFlowFlowSamples":240,"sFlowFlowLostSamples":4,"sFlowFlowOutOfOrderSamples":5,"sFlowFlowDuplicateSamples":6,)"
          R"("sFlowFlowDatasources":2,"sFlowFlowDrops":7,"sFlowCounterSamples":18,"sFlowCounterLostSamples":0,)"
          R"("sFlowCounterOutOfOrderSamples":0,"sFlowCounterDuplicateSamples":0,"sFlowCounterDatasources":3,)"),
      out.npos);
}

}  // namespace
}  // namespace weir::query
