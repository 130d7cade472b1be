// Metrics as Prometheus text.
#include "query/agents_question.h"
#include "query/dump_query.h"
#include "query/prometheus_writer.h"
#include "query_test.h"

namespace weir::query {
namespace {

/// The labels that a port of the tests has behind its name.
std::string facts(unsigned ifIndex, const char* speed = "1G") {
  return ",ifindex=\"" + std::to_string(ifIndex) + "\",ifspeed=\"" + speed +
         "\",iftype=\"ethernetCsmacd\",ifadminstatus=\"up\",ifoperstatus=\"up\"";
}

class PrometheusTextTest : public QueryTest {
 protected:
  std::string ask(std::string list, Parameters parameters = {}, const ExportNames& exported = {"sflow_", false}) {
    return answer(DumpQuestion{"ALL", std::move(list), std::move(parameters), false, true},
                  [&](const DumpResult& dump) { return dump.prometheusText(exported); });
  }
  /// A virtual machine or container with this name.
  Source& guest(std::string_view agent, std::uint32_t index, std::string_view name) {
    Source& source = add(agent, 3, index);
    test::RecordBytes descr, memory;
    descr.str(name);
    for (int i = 0; i < 4; ++i) descr.u32(7);
    descr.u32(3).u32(2).str("5.10");
    memory.u64(1000).u64(2000);
    sample(source, 1000, {{2000, descr}, {2102, memory}});
    return source;
  }
  /// A data source of custom metrics; the names are gauges of value 1, 2, …
  Source& custom(std::string_view agent, std::string_view name, const std::vector<std::string>& gauges) {
    Source& source = add(agent, 0, 0);
    source.customName = name;
    source.view.customSource = source.customName;
    test::RecordBytes fields;
    std::uint32_t value = 0;
    fields.str(name).u32(static_cast<std::uint32_t>(gauges.size()));
    for (const std::string& gauge : gauges) fields.str(gauge).u32(3).u32(++value);
    wire::Sample sample;
    sample.kind = wire::SampleKind::rtMetric;
    sample.body = fields.bytes;
    auto reader = wire::RtReader::open(sample);
    EXPECT_TRUE(reader);
    source.counters.applyRt(*reader, names_, {kNow, 1000, 0, false}, source.faults);
    return source;
  }
};

TEST_F(PrometheusTextTest, LinesOfAMetricStandTogether) {
  host("10.0.0.30", "leaf1", 0.5F);
  port("10.0.0.30", 3, 98);
  port("10.0.0.9", 4, 7);
  EXPECT_EQ(ask("ifinoctets,load_one,ifspeed"),
            "sflow_ifinoctets{agent=\"10.0.0.9\",datasource=\"4\",ifname=\"eth4\"" + facts(4) +
                "} 7\n"
                "sflow_ifinoctets{agent=\"10.0.0.30\",datasource=\"3\",host=\"leaf1\",ifname=\"eth3\"" +
                facts(3) +
                "} 98\n"
                "sflow_ifspeed{agent=\"10.0.0.9\",datasource=\"4\",ifname=\"eth4\"" +
                facts(4) +
                "} 1000000000\n"
                "sflow_ifspeed{agent=\"10.0.0.30\",datasource=\"3\",host=\"leaf1\",ifname=\"eth3\"" +
                facts(3) +
                "} 1000000000\n"
                "sflow_load_one{agent=\"10.0.0.30\",datasource=\"2.1\",host=\"leaf1\"} 0.5\n");
  EXPECT_EQ(
      ask("3.ifinoctets,ifinoctets", {{"host_name", "leaf*"}}),
      "sflow_ifinoctets{agent=\"10.0.0.30\",datasource=\"3\",host=\"leaf1\",ifname=\"eth3\"" + facts(3) + "} 98\n")
      << "asked for twice, told once";
}

TEST_F(PrometheusTextTest, TextsAndFlowsAreLeftOut) {
  Source& source = port("10.0.0.30", 3, 98);
  flow(source, "elephant", 5, 10, {{"a", 5, kNow, {}}});
  const std::string all = ask("ALL");
  EXPECT_EQ(all.find("elephant"), std::string::npos);
  EXPECT_EQ(all.find("sflow_ifname"), std::string::npos);
  EXPECT_EQ(all.find("sflow_ifoperstatus"), std::string::npos);
  EXPECT_NE(all.find("sflow_ifinutilization{"), std::string::npos);
  EXPECT_EQ(ask("elephant,ifname"), "");
}

TEST_F(PrometheusTextTest, NamesArePrefixedAndTyped) {
  host("10.0.0.30", "leaf1", 0.5F);
  EXPECT_EQ(ask("load_one", {}, {"my-rt.", true}),
            "# HELP my_rt_load_one load_one of host_cpu: processes\n# TYPE my_rt_load_one gauge\n"
            "my_rt_load_one{agent=\"10.0.0.30\",datasource=\"2.1\",host=\"leaf1\"} 0.5\n");
  EXPECT_TRUE(ask("load_one", {}, {"", false}).starts_with("_load_one{"));
  EXPECT_TRUE(ask("load_one", {}, {"7", false}).starts_with("_7load_one{"));
}

TEST_F(PrometheusTextTest, HostsWithoutANameHaveThatOfTheirNode) {
  topology("{nodes:{s1:{agent:'10.0.0.30'},s2:{agent:'10.0.0.31'},s3:{agent:'10.0.0.31'}}}");
  port("10.0.0.30", 3, 98);
  port("10.0.0.31", 3, 99);
  EXPECT_EQ(ask("ifinoctets"), "sflow_ifinoctets{agent=\"10.0.0.30\",datasource=\"3\",host=\"s1\",ifname=\"eth3\"" +
                                   facts(3) +
                                   "} 98\n"
                                   "sflow_ifinoctets{agent=\"10.0.0.31\",datasource=\"3\",ifname=\"eth3\"" +
                                   facts(3) + "} 99\n")
      << "an agent of two nodes is neither";
}

TEST_F(PrometheusTextTest, PortsHaveTheNameThatTheTopologyKnows) {
  topology("{nodes:{leaf1:{agent:'10.0.0.30',ports:{'et-0/0/7':{ifindex:'7'},'et-0/0/3':{ifindex:'3'}}}}}");
  Source& nameless = add("10.0.0.30", 0, 7);
  sample(nameless, 11'000, {{1, test::Interface{.index = 7, .speed = 100'000'000'000}.record()}});
  sample(nameless, 1'000, {{1, test::Interface{.index = 7, .speed = 100'000'000'000, .inOctets = 980}.record()}});
  port("10.0.0.30", 3, 98);
  EXPECT_EQ(ask("ifinoctets"),
            "sflow_ifinoctets{agent=\"10.0.0.30\",datasource=\"3\",host=\"leaf1\",ifname=\"eth3\"" + facts(3) +
                "} 98\n"
                "sflow_ifinoctets{agent=\"10.0.0.30\",datasource=\"7\",host=\"leaf1\",ifname=\"et-0/0/7\"" +
                facts(7, "100G") + "} 98\n")
      << "what the agent says comes first";
}

TEST_F(PrometheusTextTest, SpeedsAreScaled) {
  for (const auto& [speed, text] : {std::pair<std::uint64_t, const char*>{100'000'000, "100M"},
                                    {10'000'000, "10M"},
                                    {2'500'000'000, "2.5G"},
                                    {25'000'000'000, "25G"},
                                    {1'600'000'000'000, "1.6T"},
                                    {64'000, "64K"}}) {
    port("10.0.0.30", 3, 98, 1000, speed);
    EXPECT_NE(ask("ifinoctets").find(std::string("ifspeed=\"") + text + "\""), std::string::npos) << text;
    sources_.clear();
  }
  for (const std::uint64_t unknown : {std::uint64_t{0}, std::uint64_t{4'294'967'295}}) {
    port("10.0.0.30", 3, 98, 1000, unknown);
    EXPECT_EQ(ask("ifinoctets").find("ifspeed"), std::string::npos) << unknown;
    sources_.clear();
  }
}

TEST_F(PrometheusTextTest, LabelsAreEscaped) {
  host("10.0.0.30", "a\"b\\c\nd", 0.5F);
  EXPECT_EQ(ask("load_one"), "sflow_load_one{agent=\"10.0.0.30\",datasource=\"2.1\",host=\"a\\\"b\\\\c\\nd\"} 0.5\n");
}

TEST_F(PrometheusTextTest, ContainersHaveTheNamesOfTheirPlatform) {
  guest("10.0.0.30", 100001, "k8s_POD_coredns-5644_kube-system_uid_0");
  guest("10.0.0.30", 100002, "k8s_coredns_coredns-5644_kube-system_uid_0");
  guest("10.0.0.30", 100003, "web.abcdefghijklmnopqrstuvwxy.abcdefghijklmnopqrstuvwxz");
  guest("10.0.0.30", 100004, "db.1");
  EXPECT_EQ(ask("vir_mem_used"),
            "sflow_vir_mem_used{agent=\"10.0.0.30\",datasource=\"3.100002\",k8s_name=\"coredns\",k8s_namespace=\"kube-"
            "system\"} "
            "1000\n"
            "sflow_vir_mem_used{agent=\"10.0.0.30\",datasource=\"3.100003\",swarm_name=\"web\"} 1000\n"
            "sflow_vir_mem_used{agent=\"10.0.0.30\",datasource=\"3.100004\",vir_host=\"db.1\"} 1000\n");
}

TEST_F(PrometheusTextTest, NamesThatLookAlikeAreToldOnce) {
  custom("10.0.0.30", "rack", {"in-temp", "in_temp", "fan"});
  custom("10.0.0.30", "room", {"in_temp", "in-temp"});
  EXPECT_EQ(ask("ALL"),
            "sflow_fan{agent=\"10.0.0.30\",datasource=\"rack\"} 3\n"
            "sflow_in_temp{agent=\"10.0.0.30\",datasource=\"rack\"} 1\n"
            "sflow_in_temp{agent=\"10.0.0.30\",datasource=\"room\"} 1\n");
  custom("10.0.0.30", "3", {"fan"});  // would look like port 3
  custom("10.0.0.30", "x\xff", {"fan"});
  EXPECT_EQ(ask("fan"), "sflow_fan{agent=\"10.0.0.30\",datasource=\"rack\"} 3\n");
}

TEST_F(PrometheusTextTest, CustomMetricsAreDescribedToo) {
  custom("10.0.0.30", "rack", {"in-temp", "in_temp", "load-one"});
  EXPECT_EQ(ask("ALL", {}, {}),
            "# HELP sflow_in_temp custom metric, unit as its sender has it\n# TYPE sflow_in_temp gauge\n"
            "sflow_in_temp{agent=\"10.0.0.30\",datasource=\"rack\"} 1\n"
            "# HELP sflow_load_one load_one of host_cpu: processes\n# TYPE sflow_load_one gauge\n"
            "sflow_load_one{agent=\"10.0.0.30\",datasource=\"rack\"} 3\n");
}

TEST_F(PrometheusTextTest, NamesOfOtherExportsAreNoMetrics) {
  custom("10.0.0.30", "rack", {"analyzer_agents", "agent_last_datagram_timestamp_seconds", "fan"});
  EXPECT_EQ(ask("ALL"), "sflow_fan{agent=\"10.0.0.30\",datasource=\"rack\"} 3\n");
}

TEST_F(PrometheusTextTest, PiecesAreTheWholeText) {
  host("10.0.0.30", "leaf1", 0.5F);
  for (unsigned i = 1; i < 20; ++i) port("10.0.0.30", i, i);
  for (const std::size_t about : {std::size_t{1}, std::size_t{500}, std::size_t{1'000'000}}) {
    answer(DumpQuestion{"ALL", "ALL", {}, false, true}, [&](const DumpResult& dump) {
      PrometheusWriter writer(dump, {});
      std::string pieces;
      for (bool more = true; more;) {
        std::string piece;
        more = writer.write(piece, about);
        pieces += piece;
      }
      EXPECT_EQ(pieces, dump.prometheusText({})) << about;
      EXPECT_LE(pieces.size(), writer.octets());
      return pieces;
    });
  }
}

TEST_F(PrometheusTextTest, TheLastDatagramIsInSeconds) {
  AgentsResult result;
  EXPECT_EQ(result.prometheusText({}), "") << "no head without a line";
  result.agents.resize(2);
  result.agents[0].agent = *IpAddress::parse("10.0.0.30");
  result.agents[0].lastSeen = 1'700'000'000 * kSecond + 250 * kMillisecond;
  result.agents[1].agent = *IpAddress::parse("10.0.0.31");
  result.agents[1].lastSeen = 1'700'000'007 * kSecond;
  EXPECT_EQ(
      result.prometheusText({"my_", true}),
      "# HELP my_agent_last_datagram_timestamp_seconds time of the last datagram of the agent: seconds since 1970\n"
      "# TYPE my_agent_last_datagram_timestamp_seconds gauge\n"
      "my_agent_last_datagram_timestamp_seconds{agent=\"10.0.0.30\"} 1700000000.25\n"
      "my_agent_last_datagram_timestamp_seconds{agent=\"10.0.0.31\"} 1700000007\n");
  result.timeOfDayOffset = -3600 * kSecond;
  EXPECT_TRUE(result.prometheusText({"my_", false})
                  .starts_with("my_agent_last_datagram_timestamp_seconds{agent=\"10.0.0.30\"} 1699996400.25\n"))
      << "the system's clock was set back";
}

}  // namespace
}  // namespace weir::query
