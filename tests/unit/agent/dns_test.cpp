#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "agent/dns_answer.h"
#include "agent/dns_sd.h"

namespace weir::agent {
namespace {

/// A DNS message written by hand (RFC 1035 section 4).
struct Message {
  std::vector<std::uint8_t> octets = std::vector<std::uint8_t>(12);

  void u16(std::uint16_t v) {
    octets.push_back(static_cast<std::uint8_t>(v >> 8));
    octets.push_back(static_cast<std::uint8_t>(v));
  }
  void name(std::string_view text) {
    while (!text.empty()) {
      const std::size_t dot = std::min(text.find('.'), text.size());
      octets.push_back(static_cast<std::uint8_t>(dot));
      octets.insert(octets.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(dot));
      text = text.substr(std::min(dot + 1, text.size()));
    }
    octets.push_back(0);
  }
  void count(std::size_t at) { octets[at + 1]++; }
  void question(std::string_view text) {
    count(4);
    name(text);
    u16(33);
    u16(1);
  }
  void record(std::uint16_t type, std::uint32_t ttl, const Message& data) {
    count(6);
    u16(0xC00C);  // the name of the question
    u16(type);
    u16(1);
    u16(static_cast<std::uint16_t>(ttl >> 16));
    u16(static_cast<std::uint16_t>(ttl));
    u16(static_cast<std::uint16_t>(data.octets.size() - 12));
    octets.insert(octets.end(), data.octets.begin() + 12, data.octets.end());
  }
  void service(std::uint32_t ttl, std::uint16_t priority, std::uint16_t weight, std::uint16_t port,
               std::string_view target) {
    Message data;
    data.u16(priority);
    data.u16(weight);
    data.u16(port);
    data.name(target);
    record(33, ttl, data);
  }
  void text(std::uint32_t ttl, const std::vector<std::string>& strings) {
    Message data;
    for (const auto& s : strings) {
      data.octets.push_back(static_cast<std::uint8_t>(s.size()));
      data.octets.insert(data.octets.end(), s.begin(), s.end());
    }
    record(16, ttl, data);
  }
};

Message good() {
  Message m;
  m.question("_sflow._udp.example.com");
  m.service(60, 0, 5, 6343, "one.example.com");
  m.service(12, 1, 0, 6344, "two.example.com");
  m.text(300, {"txtvers=1", "sampling=50"});
  return m;
}

TEST(DnsAnswer, ServicesTextsAndTheSmallestTtl) {
  const auto answer = parseDnsAnswer(good().octets);
  ASSERT_TRUE(answer) << answer.error().text();
  ASSERT_EQ(answer->services.size(), 2);
  EXPECT_EQ(answer->services[0].target, "one.example.com");
  EXPECT_EQ(answer->services[0].weight, 5);
  EXPECT_EQ(answer->services[1].port, 6344);
  EXPECT_THAT(answer->texts, testing::ElementsAre("txtvers=1", "sampling=50"));
  EXPECT_EQ(answer->ttl, 12);
}

TEST(DnsAnswer, TheRootAsTargetMeansNoService) {
  Message m;
  m.question("x");
  m.service(60, 0, 0, 0, "");
  EXPECT_TRUE(parseDnsAnswer(m.octets)->services.empty());
}

TEST(DnsAnswer, MoreServersThanFit512Octets) {
  Message m;
  m.question("_sflow._udp.example.com");
  for (int i = 0; i < 60; ++i) m.service(60, 0, 0, 6343, "collector-" + std::to_string(i) + ".example.com");
  EXPECT_GT(m.octets.size(), 2000U);
  EXPECT_EQ(parseDnsAnswer(m.octets)->services.size(), 60);
}

TEST(DnsAnswer, DamageIsAnErrorOrHarmless) {
  const auto whole = good().octets;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parseDnsAnswer(cut)) << size;
  }
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = whole;
    for (int j = 0; j < 3; ++j) bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.next());
    const auto answer = parseDnsAnswer(bytes);
    if (answer) {
      EXPECT_LE(answer->services.size(), bytes.size());
    }
  }
}

TEST(DnsSd, PriorityThenWeightDecide) {
  Random random(1);
  std::map<std::string, int> first;
  for (int i = 0; i < 10'000; ++i) {
    const auto order = orderServices({{1, 0, 1, "backup"}, {0, 30, 1, "a"}, {0, 10, 1, "b"}}, random);
    ++first[order[0].target];
    EXPECT_EQ(order[2].target, "backup");
  }
  EXPECT_NEAR(first["a"], 7500, 250);
  EXPECT_NEAR(first["b"], 2500, 250);
}

TEST(DnsSd, TextsAreSettings) {
  AgentSettings base;
  base.sampling.fallback = 7;
  base.dropmon.emplace();
  std::vector<std::string> unknown;
  const auto s =
      withTexts(base,
                {"txtvers=1", "polling=5", "sampling.10G=99", "Sampling.app.X=3", "headerBytes=64", "dropLimit=9",
                 "datagramBytes=9000", "polling=bad", "nonsense", "agent=eth1", "collector=1.2.3.4"},
                unknown);
  EXPECT_EQ(s.sampling.fallback, 7) << "what DNS does not say stays";
  EXPECT_EQ(s.polling.fallback, 5);
  EXPECT_EQ(s.sampling.byName.at("10g"), 99);
  EXPECT_EQ(s.sampling.byName.at("app.x"), 3);
  EXPECT_EQ(s.headerBytes, 64);
  EXPECT_EQ(s.dropmon->limit, 9);
  EXPECT_EQ(s.agentDevice, "eth1");
  EXPECT_THAT(unknown, testing::ElementsAre("datagramBytes=9000", "polling=bad", "nonsense", "collector=1.2.3.4"));
}

}  // namespace
}  // namespace weir::agent
