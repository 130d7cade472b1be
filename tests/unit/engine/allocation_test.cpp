// No allocation on the way of a sample: operator new is counted while a shard that knows its agents takes more.
#include <gtest/gtest.h>

#include "support/engine_runner.h"
#include "support/shard_bench.h"
#include "unit/engine/allocation_count.h"

namespace weir::engine {
namespace {

#ifdef __SANITIZE_THREAD__
constexpr bool kCountsAllocations = false;  // the thread sanitizer brings its own operator new
#else
constexpr bool kCountsAllocations = true;
#endif

TEST(AllocationCount, Counts) {
  if (!kCountsAllocations) GTEST_SKIP() << "allocations are not counted under the thread sanitizer";
  const std::size_t before = test::allocationCount();
  int* volatile block = new int(7);  // volatile: the optimiser may not leave the pair out
  delete block;
  EXPECT_EQ(test::allocationCount(), before + 1);
}

class Allocation : public testing::Test {
 protected:
  void SetUp() override {
    if (!kCountsAllocations) GTEST_SKIP() << "allocations are not counted under the thread sanitizer";
  }
  void define() {
    bench.flow("pairs",
               "{keys:'ipsource,ipdestination', value:bytes, filter:'ipprotocol=6&tcpdestinationport=80,443'}");
    bench.flow("ports", "{keys:'ipsource,tcpsourceport,tcpdestinationport', value:frames, n:20}");
    bench.flow("total", "{value:bytes}");
    bench.threshold("never", "{metric:total, value:1e15}");
    bench.threshold("nor", "{metric:ifinoctets, value:1e15, filter:{ifspeed:10000000000}}");
  }
  /// Datagrams of `agents` agents with `ports` ports: 8 flow samples each, every fifth with counters as well.
  std::vector<std::vector<std::uint8_t>> traffic(unsigned datagrams) {
    std::vector<std::vector<std::uint8_t>> out;
    for (unsigned i = 0; i < datagrams; ++i) {
      test::TestAgent& agent = *agents[i % agents.size()];
      for (unsigned k = 0; k < 8; ++k) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        const auto host = static_cast<unsigned>(random >> 60), port = static_cast<unsigned>(random >> 40) % 6;
        from = "10.0.0." + std::to_string(host);
        agent.flow({.source = {0, 1 + port},
                    .from = from.c_str(),
                    .bytes = 64 + host * 100,
                    .rate = 1000,
                    .fromPort = static_cast<std::uint16_t>(1000 + host)});
      }
      if (i % 5 == 0) agent.counters({0, 1 + i % 6}, {.inOctets = octets += 1'000'000});
      now += 2 * kMillisecond;
      const Bytes payload = agent.finish(now);
      out.emplace_back(payload.begin(), payload.end());
    }
    return out;
  }
  void take(const std::vector<std::vector<std::uint8_t>>& datagrams) {
    for (const auto& d : datagrams) {
      taken += 2 * kMillisecond;
      bench.shard.datagram(d, bench.sender, taken, ordinal++);
    }
    bench.shard.flush();
    bench.shard.advance(taken);
  }

  test::ShardBench bench;
  test::TestAgent first{"10.1.0.1"}, second{"10.1.0.2"}, third{"fd00::3"};
  std::array<test::TestAgent*, 3> agents{&first, &second, &third};
  std::string from;
  std::uint64_t random = 1, octets = 0, ordinal = 0;
  Nanos now = test::kStart, taken = test::kStart;
};

TEST_F(Allocation, NoneForAHundredThousandSamples) {
  define();
  take(traffic(4'000));
  const auto datagrams = traffic(12'500);
  const auto before = test::allocationCount();
  take(datagrams);
  EXPECT_EQ(test::allocationCount() - before, 0U);
  EXPECT_EQ(bench.shard.figures().flowSamples, 8U * 16'500);
  EXPECT_GT(bench.shard.figures().counterSamples, 3'000U);
  EXPECT_EQ(bench.shard.figures().malformedDatagrams, 0U);
  EXPECT_TRUE(bench.shard.outputs().empty());
  bench.at(secondsFromNanos(taken - test::kStart));
  EXPECT_GT(bench.rate("10.1.0.1", {0, 1}, "total", ""), 0) << "samples were counted";
}

TEST_F(Allocation, NoneWhileFlowsStayAboveTheirThreshold) {
  define();
  bench.flow("long", "{keys:'ipsource,ipdestination,macsource,macdestination,tcpsourceport', value:bytes}");
  bench.threshold("above", "{metric:long, value:0.001, byFlow:true, timeout:100}");
  bench.threshold("filtered", "{metric:long, value:0.001, filter:{ifspeed:10000000000}, timeout:100}");
  bench.threshold("counter", "{metric:ifinoctets, value:0.001, filter:{ifspeed:10000000000}, timeout:100}");
  take(traffic(4'000));
  EXPECT_FALSE(bench.shard.outputs().empty());
  bench.shard.outputs().clear();
  const auto datagrams = traffic(4'000);
  const auto before = test::allocationCount();
  take(datagrams);
  EXPECT_EQ(test::allocationCount() - before, 0U);
  EXPECT_TRUE(bench.shard.outputs().empty());
}

TEST_F(Allocation, NoneForTheFabric) {
  bench.flow("elephant", "{keys:'ipsource,ipdestination', value:bytes}");
  bench.flow("stack", "{keys:'stack,null:ethernetprotocol:0', value:frames}");
  bench.flow("six", "{keys:'ip6source,ip6destination', value:bytes, filter:'ip6nexthdr=6'}");
  bench.threshold("never", "{metric:elephant, value:1e15}");
  const test::Capture capture = test::simulate(60);
  Nanos at = capture.front().time;
  const auto play = [&](std::size_t from_, std::size_t to) {
    for (std::size_t i = from_; i < to; ++i) {
      at = std::max(at, capture[i].time);
      bench.shard.datagram(capture[i].payload, capture[i].sender, at, i);
    }
    bench.shard.flush();
  };
  play(0, capture.size() / 2);
  const auto before = test::allocationCount();
  play(capture.size() / 2, capture.size());
  EXPECT_EQ(test::allocationCount() - before, 0U);
  EXPECT_GT(bench.shard.figures().flowSamples, 50'000U);
}

}  // namespace
}  // namespace weir::engine
