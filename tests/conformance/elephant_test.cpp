// The capture of the seed articles: which flows cross 10 Mbit/s, where and when (README of the shared captures).
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "support/captures.h"
#include "support/engine_runner.h"

namespace weir {
namespace {

struct Crossing {
  double seconds;  // after the first datagram
  std::string place, key;
};

std::vector<Crossing> crossings(const std::shared_ptr<const test::Capture>& capture, const char* definitions,
                                unsigned shards) {
  const auto engine = test::replayEngine(capture, definitions, shards);
  std::vector<Crossing> out;
  auto listener = engine->subscribe({.name = "test", .events = true, .inReplay = test::InReplay::waits});
  listener.listen([&](const engine::News& news) {
    const auto& e = *std::get<std::shared_ptr<const event::Event>>(news);
    out.push_back(
        {secondsFromNanos(e.time - capture->front().time), e.agent + " " + e.dataSource, e.flowKey.value_or("")});
    EXPECT_GT(e.value, 1'250'000);
    EXPECT_EQ(e.threshold, 1'250'000);
  });
  EXPECT_TRUE(engine->start());
  engine->waitForReplay();
  engine->stop();
  return out;
}

class Elephant : public testing::Test {
 protected:
  void SetUp() override {
    const auto path = test::capturePath("ecmp.pcap");
    if (!path) GTEST_SKIP() << "no captures in " << test::captureFolder();
    capture = std::make_shared<const test::Capture>(test::readCapture(*path));
    ASSERT_EQ(capture->size(), 9'279U);
  }
  std::shared_ptr<const test::Capture> capture;
};

TEST_F(Elephant, FirstPairCrossesOnThreeDataSources) {
  for (const unsigned shards : {1U, 4U}) {
    const auto events =
        crossings(capture,
                  "{flows:{elephant:{keys:'ipsource,ipdestination',value:bytes}},"
                  "thresholds:{elephant_threshold:{metric:elephant,value:1250000,byFlow:true,timeout:1}}}",
                  shards);
    ASSERT_GE(events.size(), 6U);
    EXPECT_NEAR(events[0].seconds, 9.73, 0.005);
    EXPECT_LT(events[2].seconds - events[0].seconds, 0.052) << "within 51 ms";
    const char* const places[] = {"192.168.0.11 37", "192.168.0.14 54", "192.168.0.12 4"};
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(events[i].place, places[i]);
      EXPECT_EQ(events[i].key, "10.4.1.2,10.4.2.2");
    }
    const auto next =
        std::find_if(events.begin(), events.end(), [](const Crossing& c) { return c.key == "10.4.3.2,10.4.4.2"; });
    ASSERT_NE(next, events.end());
    EXPECT_NEAR(next->seconds, 10.47, 0.005);
  }
}

TEST_F(Elephant, OnlyTheFirstFlowOfAPortWithoutByFlow) {
  const auto events = crossings(capture,
                                "{flows:{elephant:{keys:'ipsource,ipdestination',value:bytes}},"
                                "thresholds:{big:{metric:elephant,value:1250000,timeout:1000}}}",
                                2);
  ASSERT_GE(events.size(), 3U);
  EXPECT_EQ(events[0].place, "192.168.0.11 37");
  std::map<std::string, int> perPlace;
  for (const Crossing& c : events) ++perPlace[c.place];
  for (const auto& [place, count] : perPlace) EXPECT_EQ(count, 1) << place << ": never armed again";
}

TEST_F(Elephant, AgentsOfTheFabric) {
  const test::Told told =
      test::replay(capture, "{flows:{elephant:{keys:'ipsource,ipdestination',value:bytes}}}", 2, "elephant");
  const auto agents = json::parseLenient(told.agents).value();
  std::uint64_t flow = 0, counter = 0, datagrams = 0;
  std::string names;
  for (const auto& agent : agents.as_object()) {
    names += std::string(agent.key()) + " ";
    datagrams += agent.value().at("sFlowDatagramsReceived").to_number<std::uint64_t>();
    flow += agent.value().at("sFlowFlowSamples").to_number<std::uint64_t>();
    counter += agent.value().at("sFlowCounterSamples").to_number<std::uint64_t>();
  }
  EXPECT_EQ(names, "192.168.0.11 192.168.0.12 192.168.0.13 192.168.0.14 ");
  EXPECT_EQ(datagrams, 9'279U);
  EXPECT_EQ(flow, 52'785U);
  EXPECT_EQ(counter, 3'682U);
}

}  // namespace
}  // namespace weir
