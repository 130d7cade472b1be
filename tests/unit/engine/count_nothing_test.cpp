// Definitions that count nothing, and why.
#include <gtest/gtest.h>

#include "engine/definition_hints.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

class CountNothing : public testing::Test {
 protected:
  void SetUp() override {
    bench.flow("counts", "{keys:ipsource,value:bytes}");
    bench.flow("filtered", "{value:bytes,filter:'tcpdestinationport=81'}");
    bench.flow("misspelt", "{keys:ipsorce,value:bytes}");
    bench.flow("drops", "{value:frames,dropped:true}");
    bench.threshold("met", "{metric:ifinoctets,value:1}");
    bench.threshold("unmet", "{metric:load_one,value:1}");
    bench.threshold("unknown", "{metric:queue_depth,value:1}");
    bench.threshold("ofNothing", "{metric:filtered,value:1}");
    bench.threshold("ofFlow", "{metric:counts,value:1}");
  }
  /// `name: reason; reason` of each.
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const auto& each : countNothing(*bench.store.snapshot(), bench.names, bench.shard.uncountedFlows(),
                                         bench.shard.unseenMetrics(), 10)) {
      std::string line = each.kind + " " + each.name + ": ";
      for (const std::string& reason : each.reasons) line += reason + "; ";
      out.push_back(line);
    }
    return out;
  }
  void send(unsigned datagrams) {
    for (unsigned i = 0; i < datagrams; ++i) {
      bench.at(seconds += 20);
      agent.flow({.source = {0, 1}}).flow({.source = {0, 2}}).counters({0, 1}, {.inOctets = octets += 1'000});
      bench.send(agent);
    }
  }
  test::ShardBench bench;
  test::TestAgent agent{"10.0.0.1"};
  double seconds = 0;
  std::uint64_t octets = 0;
};

TEST_F(CountNothing, IsToldOnceEnoughSamplesCame) {
  send(5);
  EXPECT_TRUE(told().empty()) << "a few samples say nothing";
  send(45);
  EXPECT_EQ(
      told(),
      (std::vector<std::string>{
          "flow filtered: none of 100 samples has its keys and passes its filter; ",
          "flow misspelt: \"ipsorce\" is not a flow key, but ipsource is one; ",
          "threshold ofNothing: flow filtered counts nothing; ",
          "threshold unknown: \"queue_depth\" is neither a flow nor a metric of counters: the threshold fires when "
          "an application sends a metric of that name; ",
          "threshold unmet: none of 50 samples of counters has load_one; ",
      }))
      << "no drop was notified, so that nothing is known of drops";
}

TEST_F(CountNothing, EndsWithTheFirstSampleAndBeginsAnewWithAChange) {
  send(50);
  agent.flow({.toPort = 81});
  bench.send(agent);
  EXPECT_EQ(told().size(), 3U);
  bench.flow("filtered", "{value:bytes,filter:'tcpdestinationport=82'}");
  EXPECT_EQ(told().size(), 3U) << "a definition that changed has seen no sample yet";
  send(50);
  EXPECT_EQ(told().size(), 5U);
}

TEST(CountNothing_Shards, OnlyWhatNoShardCounted) {
  using query::Uncounted;
  const std::vector<Uncounted> both =
      query::uncountedAtBoth({{"a", 1}, {"b", 2}, {"d", 3}}, {{"b", 10}, {"c", 20}, {"d", 30}});
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].name + both[1].name, "bd");
  EXPECT_EQ(both[0].samples, 12U);
  EXPECT_EQ(both[1].samples, 33U);
}

}  // namespace
}  // namespace weir::engine
