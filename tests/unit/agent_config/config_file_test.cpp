#include "agent_config/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "agent_config/setting_table.h"

namespace weir::agent {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string leveled(const Problem& problem) {
  return (problem.severity == Problem::Severity::error ? "error: " : "warning: ") + problemText("f", problem);
}

std::vector<std::string> problems(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& problem : parseConfig(text).problems) out.push_back(leveled(problem));
  return out;
}

// The two configurations of the articles that the project started from.
TEST(ConfigFile, FilesOfTheArticlesWorkUnchanged) {
  const auto byAddress =
      parseConfig("sflow {\n  collector { ip=10.0.0.30 }\n  pcap { speed=1G-1T }\n  tcp { }\n  systemd { }\n}\n");
  EXPECT_THAT(byAddress.problems, IsEmpty());
  ASSERT_THAT(byAddress.settings.collectors, SizeIs(1));
  EXPECT_EQ(byAddress.settings.collectors[0].host, "10.0.0.30");
  EXPECT_EQ(byAddress.settings.collectors[0].port, 6343);
  ASSERT_THAT(byAddress.settings.taps, SizeIs(1));
  EXPECT_EQ(byAddress.settings.taps[0].speed, (SpeedRange{1'000'000'000, 1'000'000'000'000}));
  EXPECT_TRUE(byAddress.settings.tcp && byAddress.settings.systemd);
  EXPECT_FALSE(byAddress.settings.dnsSd);

  const auto byDns =
      parseConfig("sflow {\n  dns-sd { domain=.sf.inmon.com }\n  pcap { speed=1G-1T }\n  tcp { }\n  systemd { }\n}\n");
  EXPECT_THAT(byDns.problems, IsEmpty());
  ASSERT_TRUE(byDns.settings.dnsSd);
  EXPECT_EQ(byDns.settings.dnsSd->domain, ".sf.inmon.com");
}

TEST(ConfigFile, SeparatorsCommentsQuotesAndCase) {
  const auto file = parseConfig(
      "# a comment { with a brace\r\n"
      "SFLOW{sampling 1k;POLLING = 20 Sampling.10G=0x100 # and so on\n"
      "\tcollector{ip 10.0.0.1 UDPport=6344}collector{ip=2001:db8::1 dev=eth0 namespace=red}\n"
      "pcap{dev.pattern=\"^(eth|ens)[0-9]{1,3}$\" promisc=ON speed=10G-}pcap{dev=lo sampling=017}}");
  EXPECT_THAT(file.problems, IsEmpty());
  const auto& s = file.settings;
  EXPECT_EQ(s.sampling.fallback, 1000);
  EXPECT_EQ(s.polling.fallback, 20);
  EXPECT_EQ(s.sampling.byName.at("10g"), 256);
  EXPECT_THAT(s.collectors, ElementsAre(CollectorSettings{"10.0.0.1", 6344, "", ""},
                                        CollectorSettings{"2001:db8::1", 6343, "eth0", "red"}));
  ASSERT_THAT(s.taps, SizeIs(2));
  EXPECT_EQ(s.taps[0].pattern, "^(eth|ens)[0-9]{1,3}$");
  EXPECT_TRUE(s.taps[0].promiscuous);
  EXPECT_EQ(s.taps[0].speed, (SpeedRange{10'000'000'000, UINT64_MAX}));
  EXPECT_EQ(s.taps[1].device, "lo");
  EXPECT_EQ(s.taps[1].sampling, 15);
}

TEST(ConfigFile, MistakesNameLineAndNearestWord) {
  EXPECT_THAT(problems("sflow {\n colector { ip=1.2.3.4 }\n poling=20\n collector { ip=1.2.3.4 updport=1 }\n}\n"),
              ElementsAre("error: f:2: \"colector\" is not a block of sFlow { }; did you mean \"collector\"?",
                          "error: f:3: \"poling\" is not a setting of sFlow { }; did you mean \"polling\"?",
                          "error: f:4: \"updport\" is not a setting of collector { }; did you mean \"udpport\"?"));
}

TEST(ConfigFile, ValuesOutOfRangeSayWhatIsExpected) {
  const auto with = [](const std::string& line) {
    return problems("sflow {\ncollector { ip=1.2.3.4 }\n" + line + "\n}\n");
  };
  for (const char* good : {"sampling=10M", "polling=300", "datagramBytes=200", "subAgentId=199999",
                           "agent.cidr=!10.0.0.0/255.0.0.0", "nflog { group=5 probability=0.0025 }", "nflogGroup=33",
                           "nflog { group=65535 }", "uuid=00000000-0000-0000-0000-00000000000a"})
    EXPECT_THAT(with(good), IsEmpty()) << good;
  for (const char* bad :
       {"sampling=10000001", "polling=301", "polling=-1", "polling=x", "datagramBytes=199", "headerBytes=257",
        "agent.cidr=10.0.0.0/33", "agent.cidr=10.0.0.0/255.0.255.0", "nflog { group=65536 }", "nflogGroup=0",
        "nflog { group=1 probability=1.5 }", "pcap { speed=10G-1G }", "pcap { promisc=yes }", "uuid=12",
        "dropmon { hide=\"(\" }", "polling"})
    EXPECT_THAT(with(bad), testing::Contains(AllOf(HasSubstr("error: f:3"), HasSubstr("expected")))) << bad;
  EXPECT_THAT(with("polling=301"), ElementsAre("error: f:3: polling=301: expected a number from 0 to 300"));
}

TEST(ConfigFile, BlocksWeLackAreWarningsThatNameThem) {
  const auto file = parseConfig(
      "sflow {\n collector { ip=1.2.3.4 }\n xen { vbd=/ dsk=on }\n opx { port { dev=e1 } }\n k8s { setIfName=on "
      "}\n}\n");
  EXPECT_TRUE(file.usable());
  ASSERT_THAT(file.problems, SizeIs(3));
  EXPECT_THAT(leveled(file.problems[0]), AllOf(HasSubstr("warning: f:3"), HasSubstr("xen"), HasSubstr("no effect")));
  EXPECT_THAT(leveled(file.problems[1]), AllOf(HasSubstr("warning: f:4"), HasSubstr("opx")));
  EXPECT_THAT(leveled(file.problems[2]), AllOf(HasSubstr("warning: f:5"), HasSubstr("setIfName")));
}

TEST(ConfigFile, OneBlockAndAtLeastOneCollector) {
  EXPECT_THAT(problems(""), SizeIs(1));
  EXPECT_THAT(problems("collector { ip=1.2.3.4 }"), ElementsAre(HasSubstr("expected sFlow { ... }")));
  EXPECT_THAT(problems("sflow { }"), ElementsAre(HasSubstr("no collector")));
  EXPECT_THAT(problems("sflow { collector { udpport=1 } }"), ElementsAre(HasSubstr("without ip")));
  EXPECT_THAT(problems("sflow { collector { ip=1.2.3.4 } } sflow { }"),
              ElementsAre(HasSubstr("behind the closing brace")));
  const auto open = parseConfig("sflow { collector { ip=1.2.3.4 }");
  EXPECT_TRUE(open.usable());
  EXPECT_THAT(open.problems, SizeIs(1)) << "a missing final brace is a warning";
}

TEST(ConfigFile, NestingAndLengthsAreBounded) {
  EXPECT_FALSE(parseConfig("sflow { collector { ip=1.1.1.1 } opx { port { port { } } } }").usable());
  EXPECT_FALSE(parseConfig("sflow { agent=" + std::string(256, 'a') + " collector { ip=1.1.1.1 } }").usable());
  EXPECT_FALSE(parseConfig("sflow { collector { ip=1.1.1.1 } }" + std::string(2048, ' ')).usable());
  EXPECT_FALSE(parseConfig(std::string(1000, '{')).usable());
  EXPECT_FALSE(parseConfig("sflow " + std::string(1000, '{')).usable());
  EXPECT_FALSE(parseConfig("sflow { collector { ip=1.1.1.1 } pcap { dev.pattern=\"a # b\" } }").usable())
      << "comment in quotes";
}

TEST(ConfigFile, OlderSpellingsWork) {
  const auto file = parseConfig(
      "sflow { DNSSD=on DNSSD_domain=.example.com counterPollingInterval=15 packetSamplingRate=77 nflogGroup=3 "
      "nflogProbability=0.5 jsonPort=36343 loopback=on samplingDirection=both }");
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.settings.dnsSd->domain, ".example.com");
  EXPECT_EQ(file.settings.polling.fallback, 15);
  EXPECT_EQ(file.settings.sampling.fallback, 77);
  EXPECT_EQ(file.settings.nflog->group, 3);
  EXPECT_EQ(file.settings.json->port, 36343);
}

TEST(ConfigFile, OlderSpellingsWorkInsideTheirBlocks) {
  const auto file = parseConfig(
      "sflow { dns-sd { DNSSD_domain=.example.com } nflog { nflogGroup=100 nflogProbability=0.5 } "
      "json { jsonPort=36343 jsonFIFO=/ } ulog { ulogGroup=1 ulogProbability=0.1 } "
      "xen { xen.dsk=on xen.update.dominfo=off } }");
  EXPECT_TRUE(file.usable());
  EXPECT_THAT(file.problems, SizeIs(2)) << "ulog and xen have no effect";
  EXPECT_EQ(file.settings.dnsSd->domain, ".example.com");
  EXPECT_EQ(file.settings.nflog->group, 100);
  EXPECT_EQ(file.settings.nflog->probability, 0.5);
  EXPECT_EQ(file.settings.json->port, 36343);
  EXPECT_EQ(file.settings.json->fifo, "/");
}

TEST(ConfigFile, ABlockThatStandsTwiceIsOne) {
  const auto file = parseConfig(
      "sflow { collector { ip=1.2.3.4 } nflogGroup=7 nflog { probability=0.5 } tcp { tunnel=on } tcp { udp=on } "
      "json { UDPport=36343 } json { FIFO=/ } }");
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.settings.nflog->group, 7);
  EXPECT_EQ(file.settings.nflog->probability, 0.5);
  EXPECT_TRUE(file.settings.tcp->tunnel);
  EXPECT_TRUE(file.settings.tcp->udp);
  EXPECT_EQ(file.settings.json->port, 36343);
  EXPECT_EQ(file.settings.json->fifo, "/");
}

TEST(ConfigFile, NflogWithoutItsGroupIsAWarning) {
  const auto file = parseConfig("sflow {\ncollector { ip=1.2.3.4 }\nnflog { probability=0.5 }\n}");
  EXPECT_TRUE(file.usable());
  EXPECT_FALSE(file.settings.nflog);
  ASSERT_THAT(file.problems, SizeIs(1));
  EXPECT_THAT(leveled(file.problems[0]), AllOf(HasSubstr("warning: f:3"), HasSubstr("group=NUMBER")));
}

TEST(ConfigFile, SettingsAndBlocksThatAreTakenForEachOther) {
  const auto with = [](const std::string& line) {
    return problems("sflow {\ncollector { ip=1.2.3.4 }\n" + line + "\n}\n");
  };
  EXPECT_THAT(with("tcp=on"), ElementsAre("error: f:3: \"tcp\" is a block: tcp { ... }"));
  EXPECT_THAT(with("polling { 30 }"),
              ElementsAre("error: f:3: polling takes a value, not a block: polling=a number from 0 to 300"));
  EXPECT_THAT(with("pcap { dev.pattern=eth[0-9]{1,2} }"), testing::Contains(HasSubstr("in quotes")));
  const auto file = parseConfig("sflow { collector { ip=1.2.3.4 } cumulus { switchport { swp1 } } }");
  EXPECT_TRUE(file.usable()) << "the block has no effect anyway";
  EXPECT_THAT(file.problems, SizeIs(2));
}

// Every row of the table is reachable by the parser, with its default as value where it has one.
TEST(SettingTable, EverySettingIsReadAndEveryDefaultIsValid) {
  for (const auto& info : settingTable()) {
    const std::string name = std::string(info.name) + (info.name.ends_with('.') ? "app.x" : "");
    ASSERT_EQ(findSetting(info.block, name), &info) << info.block << " " << name;
    if (info.defaultText.empty() || info.defaultText.front() == '(') continue;
    SettingValue value;
    EXPECT_TRUE(readValue(info, info.defaultText, value)) << info.block << " " << info.name;
  }
}

TEST(SettingTable, DefaultsOfTheTableAreThoseOfTheSettings) {
  AgentSettings touched;
  for (const auto& info : settingTable()) {
    const BlockInfo* block = info.block.empty() ? nullptr : findBlock("", info.block);
    if (info.defaultText.empty() || info.defaultText.front() == '(' || info.status == SettingStatus::deprecated)
      continue;
    if (block != nullptr) block->enter(touched);
    SettingValue value;
    ASSERT_TRUE(readValue(info, info.defaultText, value));
    info.apply(touched, value);
  }
  const AgentSettings plain;
  EXPECT_EQ(touched.sampling.fallback, plain.sampling.fallback);
  EXPECT_EQ(touched.polling.fallback, plain.polling.fallback);
  EXPECT_EQ(touched.headerBytes, plain.headerBytes);
  EXPECT_EQ(touched.datagramBytes, plain.datagramBytes);
  EXPECT_EQ(touched.subAgent, plain.subAgent);
  EXPECT_EQ(touched.refreshAdaptors, plain.refreshAdaptors);
  EXPECT_EQ(touched.dropmon->limit, DropmonSettings().limit);
  EXPECT_EQ(touched.dropmon->max, DropmonSettings().max);
  EXPECT_EQ(touched.psample->group, PsampleSettings().group);
  EXPECT_EQ(touched.psample->egress, PsampleSettings().egress);
}

TEST(SettingTable, ReferencePageIsUpToDate) {
  std::ifstream file(WEIR_SOURCE_DIR "/docs/agent-settings.md");
  std::stringstream text;
  text << file.rdbuf();
  if (const char* update = std::getenv("WEIR_UPDATE_DOCS"); update != nullptr)
    std::ofstream(WEIR_SOURCE_DIR "/docs/agent-settings.md") << settingReference();
  EXPECT_EQ(text.str(), settingReference()) << "run this test with WEIR_UPDATE_DOCS=1 to write the page";
}

}  // namespace
}  // namespace weir::agent
