#include "query/metric_query.h"

#include "query_test.h"

namespace weir::query {
namespace {

class MetricQueryTest : public QueryTest {
 protected:
  std::string ask(std::string list, std::string selected = "ALL", Parameters parameters = {}) {
    return answer(MetricQuestion{std::move(selected), std::move(list), std::move(parameters)});
  }
  void fivePorts() {
    for (const std::uint32_t i : {3U, 1U, 5U, 2U, 4U}) port("10.0.0." + std::to_string(i), i, 100.0 * i, 1000 * i);
  }
};

TEST_F(MetricQueryTest, OneRecordPerMetricInRequestOrder) {
  fivePorts();
  EXPECT_EQ(
      ask("max:ifinoctets,sum:ifinoctets,nosuch"),
      R"([{"agent":"10.0.0.5","dataSource":"5","lastUpdate":5000,"lastUpdateMax":5000,"lastUpdateMin":1000,)"
      R"("metricN":5,"metricName":"max:ifinoctets","metricValue":500},)"
      R"({"lastUpdateMax":5000,"lastUpdateMin":1000,"metricN":5,"metricName":"sum:ifinoctets","metricValue":1500},)"
      R"({"metricN":0,"metricName":"nosuch"}])");
}

TEST_F(MetricQueryTest, DefaultIsMaxAndTheNameIsEchoed) {
  fivePorts();
  EXPECT_EQ(ask("ifinoctets"),
            R"([{"agent":"10.0.0.5","dataSource":"5","lastUpdate":5000,"lastUpdateMax":5000,"lastUpdateMin":1000,)"
            R"("metricN":5,"metricName":"ifinoctets","metricValue":500}])");
  EXPECT_EQ(ask("min:2.ifinoctets"),
            R"([{"agent":"10.0.0.2","dataSource":"2","lastUpdate":2000,"lastUpdateMax":2000,"lastUpdateMin":2000,)"
            R"("metricN":1,"metricName":"min:2.ifinoctets","metricValue":200}])");
}

TEST_F(MetricQueryTest, Statistics) {
  for (const std::uint32_t v : {2U, 4U, 4U, 4U, 5U, 5U, 7U, 9U})
    port("10.0.0.1", static_cast<std::uint32_t>(sources_.size()) + 1, v);
  const auto value = [&](const std::string& list) {
    const std::string json = ask(list);
    const auto at = json.find("\"metricValue\":");
    return at == json.npos ? std::string("absent") : json.substr(at + 14, json.find_first_of(",}", at) - at - 14);
  };
  EXPECT_EQ(value("sum:ifinoctets"), "40");
  EXPECT_EQ(value("avg:ifinoctets"), "5");
  EXPECT_EQ(value("var:ifinoctets"), "4");
  EXPECT_EQ(value("sdev:ifinoctets"), "2");
  EXPECT_EQ(value("med:ifinoctets"), "4.5");
  EXPECT_EQ(value("q2:ifinoctets"), "4.5");
  EXPECT_EQ(value("q1:ifinoctets"), "4");
  EXPECT_EQ(value("q3:ifinoctets"), "5.5");
  EXPECT_EQ(value("iqr:ifinoctets"), "1.5");
  EXPECT_EQ(value("min:ifinoctets"), "2");
  EXPECT_EQ(value("any:ifinoctets"), "2") << "the first in canonical order";
  EXPECT_NE(ask("iqr:ifinoctets").find(R"("quartiles":{"max":9,"med":4.5,"min":2,"q1":4,"q3":5.5})"),
            std::string::npos);
  EXPECT_EQ(ask("avg:ifinoctets").find("agent"), std::string::npos) << "no reporter";
  EXPECT_EQ(value("sum:ifname"), "absent");
  EXPECT_NE(ask("sum:ifname").find("\"metricN\":8"), std::string::npos);
}

TEST_F(MetricQueryTest, Texts) {
  host("10.0.0.1", "b", 0);
  host("10.0.0.2", "c", 0);
  host("10.0.0.3", "a", 0);
  const auto chosen = [&](const std::string& list) {
    const std::string json = ask(list);
    return json.substr(json.find("\"metricValue\":") + 15, 1);
  };
  EXPECT_EQ(chosen("max:host_name"), "c");
  EXPECT_EQ(chosen("min:host_name"), "a");
  EXPECT_EQ(chosen("any:host_name"), "b");
}

TEST_F(MetricQueryTest, EqualValuesChooseTheFirstInCanonicalOrder) {
  port("10.0.0.2", 1, 7);
  port("10.0.0.1", 9, 7);
  port("10.0.0.1", 10, 7);
  EXPECT_NE(ask("ifinoctets").find(R"("agent":"10.0.0.1","dataSource":"9")"), std::string::npos);
}

TEST_F(MetricQueryTest, FlowMetricShowsTopKeysOfTheSelectedSource) {
  Source& small = port("10.0.0.1", 1, 0);
  Source& large = port("10.0.0.2", 2, 0);
  flow(small, "elephant", 10, 50, {{"x", 10, kNow, {}}});
  flow(large, "elephant", 30, 85,
       {{"b", 20, kNow - 90 * kMillisecond, {}}, {"a", 30, kNow - 85 * kMillisecond, {1, 2.5}}, {"aa", 20, kNow, {}}});
  EXPECT_EQ(
      ask("elephant"),
      R"([{"agent":"10.0.0.2","dataSource":"2","lastUpdate":85,"lastUpdateMax":85,"lastUpdateMin":50,"metricN":2,)"
      R"("metricName":"elephant","metricValue":30,"topKeys":[{"key":"a","lastUpdate":85,"value":30,"values":[1,2.5]},)"
      R"({"key":"aa","lastUpdate":0,"value":20},{"key":"b","lastUpdate":90,"value":20}]}])");
  EXPECT_EQ(ask("sum:elephant").find("topKeys"), std::string::npos);
  flow(small, "idle", 0, 50);
  EXPECT_EQ(ask("idle").find("topKeys"), std::string::npos) << "no entries";
}

TEST_F(MetricQueryTest, AgentsAndFilters) {
  fivePorts();
  EXPECT_NE(ask("ifinoctets", "10.0.0.1;10.0.0.3").find("\"metricN\":2"), std::string::npos);
  EXPECT_EQ(ask("ifinoctets", "10.9.9.9"), R"([{"metricN":0,"metricName":"ifinoctets"}])");
  EXPECT_NE(ask("ifinoctets", "ALL", {{"ifname", "eth1"}, {"ifname", "eth2"}}).find("\"metricN\":2"),
            std::string::npos);
}

TEST_F(MetricQueryTest, OnlyAtOneDataSource) {
  fivePorts();
  port("10.0.0.9", 3, 1'000);
  EXPECT_EQ(
      answer(MetricQuestion{"ALL", "sum:ifinoctets,2.ifinoctets", {}, wire::DataSource{0, 3}}),
      R"([{"lastUpdateMax":3000,"lastUpdateMin":1000,"metricN":2,"metricName":"sum:ifinoctets","metricValue":1300},)"
      R"({"metricN":0,"metricName":"2.ifinoctets"}])");
}

TEST_F(MetricQueryTest, SumsDoNotDependOnTheOrder) {
  for (std::uint32_t i = 1; i <= 40; ++i) {
    Source& source = port("10.0.0.1", i, 0);
    flow(source, "f", 0.1 * i + 1e9 / i, 0);
  }
  (void)ask("sum:f,avg:f,var:f,med:f");  // answer() compares the bytes of several spreads
}

}  // namespace
}  // namespace weir::query
