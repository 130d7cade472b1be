// Figures are declared once: what a row of a table says is what the answers have.
#include "api/figures.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "api/analyzer_text.h"
#include "query/agent_figures.h"
#include "query/health_question.h"
#include "query/prometheus_text.h"

namespace weir::api {
namespace {

namespace bj = boost::json;

/// Figures of all owners, each with a value of its own.
struct Counted {
  Counted() {
    const auto fill = [this](const Figure&, auto& value) {
      value = static_cast<std::decay_t<decltype(value)>>(++last);
    };
    query::ShardFigures::each(analyzer.shards, fill);
    query::EngineFigures::each(analyzer.engine, fill);
    http::Figures::each(server, fill);
    readings = analyzer.figures();
    readFigures(server, readings);
  }
  std::uint64_t last = 0;
  query::AnalyzerResult analyzer;
  http::Figures server;
  std::vector<FigureReading> readings;
};

double valueOf(const FigureReading& reading) {
  return std::visit([](auto value) { return static_cast<double>(value); }, reading.value);
}

/// Name → value of what an answer is said to have.
std::map<std::string, double> declared(const std::vector<FigureReading>& readings, FigurePlace Figure::* place) {
  std::map<std::string, double> members;
  for (const FigureReading& reading : readings) {
    for (const std::string_view name : figureNames((reading.figure.*place).name)) {
      EXPECT_TRUE(members.emplace(name, valueOf(reading)).second) << name << " stands twice";
    }
  }
  return members;
}

/// Name → value of what an answer has, and the names in their order.
std::map<std::string, double> numbersOf(const bj::value& answer, std::string* order = nullptr) {
  std::map<std::string, double> members;
  for (const auto& [name, value] : answer.as_object()) {
    if (!value.is_number()) continue;
    members[name] = value.to_number<double>();
    if (order != nullptr) order->append(order->empty() ? "" : " ").append(name);
  }
  return members;
}

TEST(Figures, EachSaysWhatItIs) {
  std::set<std::pair<std::string_view, std::string_view>> names;
  std::set<std::string_view> ofAgents;
  std::size_t count = 0;
  for (const auto& [figure, value] : declaredFigures()) {
    ++count;
    EXPECT_TRUE(names.emplace(figure.owner, figure.name).second) << figure.name << " stands twice";
    EXPECT_FALSE(figure.owner.empty()) << figure.name;
    EXPECT_FALSE(figure.unit.empty()) << figure.name;
    ASSERT_FALSE(figure.help.empty()) << figure.name;
    EXPECT_FALSE(figure.help.ends_with('.')) << figure.name << ": the help stands behind a number";
    EXPECT_EQ(figure.analyzer.name.empty() && figure.prometheus.empty() && figure.health.name.empty() &&
                  figure.drops.name.empty() && figure.agents.empty(),
              false)
        << figure.name << " is shown nowhere";
    // Part of a figure that the page lists, or listed by itself.
    EXPECT_EQ(figure.severity == Severity::none, figure.drops.name.empty() || figure.omittedAtZero) << figure.name;
    if (!figure.agents.empty()) {
      EXPECT_TRUE(ofAgents.insert(figure.agents).second) << figure.agents;
    }
  }
  EXPECT_GT(count, 50U);
}

TEST(Figures, TheAnalyzerHasThemAll) {
  const Counted counted;
  std::string order;
  const bj::value answer = bj::parse(analyzerJson(counted.analyzer, counted.server));
  EXPECT_EQ(numbersOf(answer, &order), declared(counted.readings, &Figure::analyzer));
  EXPECT_EQ(order,
            "uptime sFlowAgents sFlowBytesReceived sFlowDatagramsReceived sFlowDatagramsDiscarded sFlowParseErrors "
            "sFlowUnsupportedVersion flowsGenerated flowsLost eventsGenerated eventsLost ipfixMessagesSent "
            "ipfixRecordsSent ipfixRecordsLost httpConnectionsCurrent httpConnectionsTotal httpMessagesReceived "
            "httpMessagesSent httpBytesReceived httpBytesSent httpStreamsCurrent httpStreamsCut availableProcessors "
            "heapMax heapUsed threadCount threadDaemonCount threadTotalStartedCount gcCount gcTime cpuTime "
            "cpuLoadProcess cpuLoadSystem memTotal memFree")
      << "new figures stand behind those that clients know";
}

TEST(Figures, PrometheusTextHasThemAll) {
  const Counted counted;
  std::map<std::string, double> lines, expected;
  std::string order, line;
  std::istringstream text(analyzerPrometheusText(counted.analyzer, counted.server, false));
  while (std::getline(text, line)) {
    ASSERT_TRUE(line.starts_with(query::kAnalyzerPrefix)) << line;
    const std::size_t blank = line.find(' ');
    const std::string name = line.substr(query::kAnalyzerPrefix.size(), blank - query::kAnalyzerPrefix.size());
    EXPECT_TRUE(lines.emplace(name, std::stod(line.substr(blank))).second) << name << " stands twice";
    order.append(order.empty() ? "" : " ").append(name);
  }
  for (const FigureReading& reading : counted.readings) {
    for (const std::string_view name : figureNames(reading.figure.prometheus)) {
      EXPECT_TRUE(expected.emplace(name, valueOf(reading)).second) << name << " stands twice";
    }
  }
  EXPECT_EQ(lines, expected);
  EXPECT_EQ(order,
            "uptime_ms agent_count agents received_bytes received_datagrams discarded_datagrams parse_errors "
            "unsupported_version flows_generated events_generated ipfix_messages_sent ipfix_records_sent "
            "ipfix_records_lost http_connections_current http_connections_total http_messages_received "
            "http_messages_sent http_bytes_received http_bytes_sent http_streams_current http_streams_cut "
            "available_processors heap_max_bytes heap_used_bytes thread_count thread_daemon_count "
            "thread_total_started gc_count gc_time_ms cpu_time_ms cpu_load_process cpu_load_system mem_total_bytes "
            "mem_free_bytes");
}

TEST(Figures, PrometheusTextDescribesThem) {
  const std::string text = analyzerPrometheusText({}, {}, true);
  EXPECT_NE(text.find("# HELP sflow_analyzer_received_datagrams datagrams received, broken ones included\n"
                      "# TYPE sflow_analyzer_received_datagrams counter\n"
                      "sflow_analyzer_received_datagrams 0\n"),
            std::string::npos);
  EXPECT_NE(text.find("# TYPE sflow_analyzer_agents gauge\nsflow_analyzer_agents 0\n"), std::string::npos);
  for (const FigureReading& reading : declaredFigures()) {
    // The type goes by the name only where it says so: _total is a counter's.
    for (const std::string_view name : figureNames(reading.figure.prometheus)) {
      EXPECT_TRUE(reading.figure.kind == FigureKind::counter || !name.ends_with("_total")) << name;
      EXPECT_EQ(reading.figure.help.find_first_of("\\\n"), std::string_view::npos) << name;
    }
  }
}

TEST(Figures, HealthHasThemAll) {
  const Counted counted;
  query::HealthResult result;
  result.counted = counted.analyzer;
  std::string order;
  const bj::value answer = bj::parse(query::jsonOf(result));
  EXPECT_EQ(numbersOf(answer.at("drops"), &order), declared(counted.readings, &Figure::drops));
  EXPECT_EQ(order,
            "kernel unsupportedVersion receiveErrors malformedDatagrams unknownSamples refusedAgents "
            "refusedDataSources refusedSubAgents refusedThresholdStates displacedAgents refusedEdgeUpdates "
            "refusedMetricNames forwarding notSflow addressType sampleWindow sampleShort samplesMissing recordWindow "
            "recordShort recordsMissing recordContent legacyTag");
  auto members = numbersOf(answer);
  for (const char* other : {"now", "port", "shards"}) EXPECT_EQ(members.erase(other), 1U) << other;
  EXPECT_EQ(members, declared(counted.readings, &Figure::health));
  const bj::value nothing = bj::parse(query::jsonOf(query::HealthResult{}));
  EXPECT_TRUE(nothing.at("drops").as_object().contains("kernel"));
  EXPECT_FALSE(nothing.at("drops").as_object().contains("notSflow")) << "faults are left out at 0";
}

TEST(Figures, TheirMeaningIsAnAnswer) {
  const bj::value answer = bj::parse(figuresJson());
  std::set<std::string> dropped, ofAgents;
  for (const bj::value& figure : answer.as_array()) {
    const bj::object& members = figure.as_object();
    if (const auto* name = members.if_contains("drops")) dropped.emplace(name->as_string());
    if (const auto* name = members.if_contains("agentsWithFaults")) ofAgents.emplace(name->as_string());
    if (members.at("name") != "kernelDrops") continue;
    EXPECT_EQ(members.at("severity"), "bad");
    EXPECT_EQ(members.at("kind"), "counter");
    EXPECT_EQ(members.at("unit"), "datagrams");
    EXPECT_EQ(members.at("analyzer"), bj::array{"sFlowDatagramsDiscarded"});
    EXPECT_EQ(members.at("prometheus"), bj::array{"sflow_analyzer_discarded_datagrams"});
  }
  query::AgentFigures agent;
  query::AgentFigures::each(agent, [&](const Figure& figure, std::uint64_t) {
    EXPECT_TRUE(ofAgents.contains(std::string(figure.agents))) << figure.name;
  });
  const Counted counted;
  for (const auto& [name, value] : declared(counted.readings, &Figure::drops)) EXPECT_TRUE(dropped.contains(name));
}

TEST(Figures, OfShardsAddUp) {
  Counted counted;
  query::ShardFigures& shards = counted.analyzer.shards;
  const query::ShardFigures once = shards;
  shards.add(once);
  std::vector<std::uint64_t> before, after;
  query::ShardFigures::each(once, [&](const Figure&, std::uint64_t value) { before.push_back(2 * value); });
  query::ShardFigures::each(shards, [&](const Figure&, std::uint64_t value) { after.push_back(value); });
  EXPECT_EQ(before, after);
}

TEST(Figures, TheReferencePageIsWhatTheTablesSay) {
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/docs/figures.md";
  if (std::getenv("WEIR_UPDATE_DOCS") != nullptr) std::ofstream(path) << figuresMarkdown();
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), figuresMarkdown()) << "run this test with WEIR_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace weir::api
