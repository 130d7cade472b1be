// Which datagrams are of one agent: several devices with one agent address, and one device with several addresses.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::kPort3;
using test::TestAgent;

class Identity : public testing::Test {
 protected:
  /// Counters of port 3 that grow by 100 a second for each of `speed`, from a sender.
  void send(TestAgent& device, const char* from, std::uint64_t speed, std::uint64_t offset = 0) {
    bench.sender = test::address(from);
    const double seconds = secondsFromNanos(bench.now() - test::kStart);
    const auto octets = offset + static_cast<std::uint64_t>(seconds * 100 * static_cast<double>(speed));
    bench.send(device.counters(kPort3, {.speed = 10'000'000'000, .inOctets = octets}));
  }
  std::optional<double> rate(const char* agent) {
    const AgentState* state = bench.shard.findAgent(*AgentId::parse(agent));
    model::MetricValue value;
    if (state == nullptr || !state->sources.contains(kPort3.key())) return std::nullopt;
    if (!state->sources.at(kPort3.key())->counters.value(bench.names.find("ifinoctets"), value)) return std::nullopt;
    return value.number;
  }
  std::string agents() {
    std::string out;
    for (const auto& agent : bench.shard.agents()) out += (out.empty() ? "" : " ") + agent->text;
    return out;
  }
  const AgentState& agent(const char* name) { return *bench.shard.findAgent(*AgentId::parse(name)); }

  test::ShardBench bench;
};

TEST_F(Identity, TwoDevicesWithOneAddressAreTwoAgents) {
  TestAgent a("10.0.0.30"), b("10.0.0.30");
  b.restart(test::kStart - 60 * kSecond);
  for (int second = 0; second < 200; second += 10) {
    bench.at(second);
    send(a, "192.0.2.1", 1);
    bench.at(second + 3);
    send(b, "192.0.2.2", 50, 1'000'000'000);
    for (const auto& [name, wanted] : {std::pair{"10.0.0.30", 100.0}, {"10.0.0.30@192.0.2.2", 5000.0}}) {
      if (const auto shown = rate(name)) {
        EXPECT_NEAR(*shown, wanted, 1e-6) << name << " after " << second << " s";
      }
    }
  }
  EXPECT_EQ(agents(), "10.0.0.30 10.0.0.30@192.0.2.2");
  EXPECT_TRUE(rate("10.0.0.30").has_value());
  EXPECT_TRUE(rate("10.0.0.30@192.0.2.2").has_value());
  EXPECT_EQ(agent("10.0.0.30").senders, (std::vector{test::address("192.0.2.1"), test::address("192.0.2.2")}));
  EXPECT_EQ(agent("10.0.0.30@192.0.2.2").senders, std::vector{test::address("192.0.2.2")});
  EXPECT_EQ(agent("10.0.0.30").datagrams, 21U) << "one before the conflict was certain";
  EXPECT_EQ(agent("10.0.0.30@192.0.2.2").datagrams, 19U);
}

TEST_F(Identity, TheAgentKeepsItsRestartsToItself) {
  TestAgent a("10.0.0.30"), b("10.0.0.30");
  b.restart(test::kStart - 60 * kSecond);
  for (int second = 0; second < 200; second += 10) {
    bench.at(second);
    send(a, "192.0.2.1", 1);
    send(b, "192.0.2.2", 50);
  }
  EXPECT_EQ(agent("10.0.0.30").restarts, 2U) << "until the conflict was certain";
  EXPECT_EQ(agent("10.0.0.30@192.0.2.2").restarts, 0U);
  EXPECT_EQ(agent("10.0.0.30@192.0.2.2").datagramSequence.lost, 0U);
}

TEST_F(Identity, WhoSendsFromTheAgentAddressKeepsIt) {
  TestAgent a("10.0.0.30"), b("10.0.0.30");
  b.restart(test::kStart - 60 * kSecond);
  for (int second = 0; second < 60; second += 10) {
    bench.at(second);
    send(b, "192.0.2.2", 50);
    send(a, "10.0.0.30", 1);
  }
  EXPECT_EQ(agents(), "10.0.0.30 10.0.0.30@192.0.2.2");
  EXPECT_NEAR(rate("10.0.0.30").value_or(0), 100, 1e-6);
  EXPECT_NEAR(rate("10.0.0.30@192.0.2.2").value_or(0), 5000, 1e-6);
}

TEST_F(Identity, ManyDevicesWithALoopbackAddress) {
  for (const char* name : {"0.0.0.0", "127.0.0.1", "::1"}) {
    test::ShardBench fresh;
    std::vector<std::unique_ptr<TestAgent>> devices;
    for (int i = 0; i < 20; ++i) {
      devices.push_back(std::make_unique<TestAgent>(name));
      devices.back()->restart(test::kStart - (1 + i) * 20 * kSecond);
    }
    for (int round = 0; round < 4; ++round) {
      for (int i = 0; i < 20; ++i) {
        fresh.at(20 * round + i);
        fresh.sender = test::address("192.0.2." + std::to_string(1 + i));
        fresh.send(devices[static_cast<std::size_t>(i)]->counters(kPort3, {.inOctets = 7}));
      }
    }
    ASSERT_EQ(fresh.shard.agents().size(), 20U) << name;
    EXPECT_EQ(fresh.shard.agents()[0]->text, name);
    for (std::size_t i = 1; i < 20; ++i) EXPECT_GE(fresh.shard.agents()[i]->datagrams, 2U) << i;
  }
}

TEST_F(Identity, AnAgentWithTheAddressOfASenderIsAnother) {
  TestAgent a("10.0.0.30"), b("10.0.0.30"), relay("192.0.2.2");
  b.restart(test::kStart - 60 * kSecond);
  relay.restart(test::kStart - 600 * kSecond);
  for (int second = 0; second < 60; second += 10) {
    bench.at(second);
    send(a, "192.0.2.1", 1);
    send(b, "192.0.2.2", 50);
    send(relay, "192.0.2.2", 7);
  }
  EXPECT_EQ(agents(), "10.0.0.30 192.0.2.2 10.0.0.30@192.0.2.2");
  EXPECT_NEAR(rate("10.0.0.30@192.0.2.2").value_or(0), 5000, 1e-6);
  EXPECT_NEAR(rate("192.0.2.2").value_or(0), 700, 1e-6);
}

TEST_F(Identity, OneDeviceThatSendsFromSeveralAddressesIsOneAgent) {
  TestAgent device("10.0.0.30");
  const char* const addresses[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1"};
  for (int i = 0; i < 30; ++i) {
    bench.at(10.0 * i);
    send(device, addresses[i % 3], 1);
    if (i > 0) {
      EXPECT_NEAR(rate("10.0.0.30").value_or(0), 100, 1e-6) << i;
    }
  }
  EXPECT_EQ(agents(), "10.0.0.30");
  EXPECT_EQ(agent("10.0.0.30").senders.size(), 3U);
  EXPECT_EQ(agent("10.0.0.30").restarts, 0U);
}

TEST_F(Identity, DeviceThatBeginsAnewBehindAnotherAddressIsOneAgent) {
  TestAgent device("10.0.0.30");
  send(device, "192.0.2.1", 1);
  bench.at(100);
  device.restart(bench.now() - kSecond);
  send(device, "192.0.2.9", 1);
  EXPECT_EQ(rate("10.0.0.30"), std::nullopt);
  bench.at(110);
  send(device, "192.0.2.9", 1);
  EXPECT_NEAR(rate("10.0.0.30").value_or(0), 100, 1e-6);
  EXPECT_EQ(agents(), "10.0.0.30");
}

TEST_F(Identity, SubAgentsThatSendFromAddressesOfTheirOwnAreOneAgent) {
  TestAgent one("10.0.0.30", 1), two("10.0.0.30", 2);
  two.restart(test::kStart - 60 * kSecond);
  for (int second = 0; second < 100; second += 10) {
    bench.at(second);
    send(one, "192.0.2.1", 1);
    bench.sender = test::address("192.0.2.2");
    bench.send(two.counters(test::kPort4, {.inOctets = 1}));
  }
  EXPECT_EQ(agents(), "10.0.0.30");
  EXPECT_NEAR(rate("10.0.0.30").value_or(0), 100, 1e-6);
}

TEST_F(Identity, AgentsWithIpv6AddressesAreInLowerCase) {
  TestAgent device("2001:DB8::1");
  bench.flow("agents", "{keys:agent, value:frames}");
  bench.send(device.flow({.source = kPort3, .from = "10.0.0.1", .bytes = 1000, .rate = 1}));
  EXPECT_EQ(agents(), "2001:db8::1");
  EXPECT_GT(bench.rate("2001:db8::1", kPort3, "agents", "2001:DB8::1"), 0) << "as flow keys are written";
}

}  // namespace
}  // namespace weir::engine
