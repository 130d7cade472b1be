#include "model/counter_state.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include "support/counter_sample.h"

namespace {
std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}

namespace weir::model {
namespace {

using test::CounterSample;
using test::Interface;
using test::RecordBytes;

constexpr std::uint32_t kEthernet = 2, kQueueLength = 1003, kPortName = 1005, kHostDescr = 2000, kHostCpu = 2003;
constexpr double kAbsent = -1e300;

class CounterStateTest : public testing::Test {
 protected:
  // Applies a sample `seconds` after the last one, by both clocks.
  CounterResult apply(CounterSample& sample, double seconds, MetricSink sink = {}) {
    advance(seconds);
    return state.apply(sample.sample(), context, faults, sink);
  }
  CounterResult apply(const Interface& interface, double seconds) {
    CounterSample sample(0, interface.index);
    sample.add(1, interface.record());
    return apply(sample, seconds);
  }
  void advance(double seconds) {
    context.now += nanosFromSeconds(seconds);
    context.uptimeMs += static_cast<std::uint32_t>(seconds * 1000);
  }
  double number(std::string_view name) {
    MetricValue value;
    return state.value(names.find(name), value) && !value.isText ? value.number : kAbsent;
  }
  std::string text(std::string_view name) {
    MetricValue value;
    return state.value(names.find(name), value) && value.isText ? std::string(value.text()) : "absent";
  }

  CounterState state;
  MetricNames names;
  wire::FaultCounts faults;
  CounterContext context{1000 * kSecond, 100'000, 0, false};
};

TEST_F(CounterStateTest, FirstSampleHasGaugesAndNoRates) {
  apply({.index = 12, .inOctets = 500}, 0);
  EXPECT_EQ(text("ifindex"), "12");
  EXPECT_EQ(text("iftype"), "ethernetCsmacd");
  EXPECT_EQ(text("ifdirection"), "full-duplex");
  EXPECT_EQ(text("ifadminstatus"), "up");
  EXPECT_EQ(number("ifspeed"), 1e10);
  EXPECT_EQ(number("ifinoctets"), kAbsent);
  EXPECT_EQ(number("ifinutilization"), kAbsent);
}

TEST_F(CounterStateTest, InterfaceRatesAndDerived) {
  apply({.speed = 1'000'000, .status = 1, .inOctets = 500}, 0);
  apply(
      {.speed = 1'000'000, .status = 1, .inOctets = 500 + 200'000, .inUcast = 30, .inMulticast = 20, .inBroadcast = 10},
      20);
  EXPECT_EQ(number("ifinoctets"), 10'000);
  EXPECT_EQ(number("ifinpkts"), 3);
  EXPECT_EQ(number("ifinutilization"), 8);
  EXPECT_EQ(number("ifoutoctets"), 0);
  EXPECT_EQ(text("ifadminstatus"), "up");
  EXPECT_EQ(text("ifoperstatus"), "down");
}

TEST_F(CounterStateTest, UnknownSpeedHasNoUtilisation) {
  for (const std::uint64_t speed : {std::uint64_t{0}, std::uint64_t{0xFFFFFFFF}}) {
    state = {};
    apply({.speed = speed, .inOctets = 0}, 0);
    apply({.speed = speed, .inOctets = 1000}, 10);
    EXPECT_EQ(number("ifinoctets"), 100);
    EXPECT_EQ(number("ifinutilization"), kAbsent) << speed;
  }
}

TEST_F(CounterStateTest, CounterOfAllOnesIsAbsent) {
  apply({.inOctets = 0, .inUcast = 10, .inMulticast = 0xFFFFFFFF}, 0);
  apply({.inOctets = ~std::uint64_t{0}, .inUcast = 20, .inMulticast = 0xFFFFFFFF}, 10);
  EXPECT_EQ(number("ifinoctets"), kAbsent);
  EXPECT_EQ(number("ifinmulticastpkts"), kAbsent);
  EXPECT_EQ(number("ifinpkts"), 1) << "the others are summed";
  apply({.inOctets = 5, .inUcast = 30, .inMulticast = 7}, 10);
  EXPECT_EQ(number("ifinoctets"), kAbsent) << "nothing to compare with";
  apply({.inOctets = 15, .inUcast = 40, .inMulticast = 17}, 10);
  EXPECT_EQ(number("ifinoctets"), 1);
}

TEST_F(CounterStateTest, PacketsAreUnknownWithoutUnicast) {
  apply({.inUcast = 0xFFFFFFFF, .outUcast = 0xFFFFFFFF}, 0);
  apply({.inUcast = 0xFFFFFFFF, .inMulticast = 30, .outUcast = 0xFFFFFFFF}, 10);
  EXPECT_EQ(number("ifinmulticastpkts"), 3);
  EXPECT_EQ(number("ifinpkts"), kAbsent);
  EXPECT_EQ(number("ifoutpkts"), kAbsent);
}

TEST_F(CounterStateTest, NarrowCounterWraps) {
  apply({.inOctets = 0, .inUcast = 0xFFFFFFF0, .outUcast = 0xFFFFFFFE}, 0);
  apply({.inOctets = 10'000, .inUcast = 84, .outUcast = 8}, 10);
  EXPECT_EQ(number("ifinucastpkts"), 10);
  EXPECT_EQ(number("ifoutucastpkts"), 1);
}

TEST_F(CounterStateTest, LoneNarrowCounterThatFallsFarBeganAnew) {
  const auto sample = [](std::uint32_t alignment) {
    RecordBytes r;
    r.u32(alignment);
    for (int i = 1; i < 13; ++i) r.u32(0);
    CounterSample s;
    s.add(kEthernet, r);
    return s;
  };
  for (const auto& [from, to, rate] : {std::tuple{0xFFFFFFF6U, 90U, 10.0}, {1'000'000U, 90U, kAbsent}}) {
    state = {};
    CounterSample a = sample(from), b = sample(to);
    apply(a, 0);
    apply(b, 10);
    EXPECT_EQ(number("eth_alignmenterrors"), rate) << from;
  }
}

TEST_F(CounterStateTest, SeveralNarrowCountersThatFallBeganAnew) {
  const auto sample = [](std::uint32_t first, std::uint32_t second, std::uint32_t third) {
    RecordBytes r;
    r.u32(first).u32(second).u32(third);
    for (int i = 3; i < 13; ++i) r.u32(0);
    CounterSample s;
    s.add(kEthernet, r);
    return s;
  };
  CounterSample a = sample(0xF0000000, 0xF0000000, 5), b = sample(10, 10, 15), c = sample(20, 30, 45);
  apply(a, 0);
  apply(b, 10);
  EXPECT_EQ(number("eth_alignmenterrors"), kAbsent);
  EXPECT_EQ(number("eth_singlecollisions"), kAbsent) << "the whole record";
  apply(c, 10);
  EXPECT_EQ(number("eth_alignmenterrors"), 1);
  EXPECT_EQ(number("eth_singlecollisions"), 3);
}

TEST_F(CounterStateTest, WideCounterThatFallsSkipsOneIntervalOfTheWholeSample) {
  const auto sample = [](std::uint64_t octets, std::uint32_t errors) {
    CounterSample s;
    RecordBytes ethernet;
    for (int i = 0; i < 13; ++i) ethernet.u32(errors);
    s.add(kEthernet, ethernet).add(1, Interface{.inOctets = octets}.record());
    return s;
  };
  CounterSample a = sample(5000, 50), b = sample(100, 60), c = sample(1100, 80);
  apply(a, 0);
  apply(b, 10);
  EXPECT_EQ(number("ifinoctets"), kAbsent);
  EXPECT_EQ(number("ifoutoctets"), kAbsent);
  EXPECT_EQ(number("eth_fcserrors"), kAbsent);
  apply(c, 10);
  EXPECT_EQ(number("ifinoctets"), 100);
  EXPECT_EQ(number("eth_fcserrors"), 2);
}

TEST_F(CounterStateTest, RestartsSkipOneInterval) {
  apply({.inOctets = 1000}, 0);
  context.discontinuity = true;
  apply({.inOctets = 2000}, 10);
  EXPECT_EQ(number("ifinoctets"), kAbsent) << "sequence reset";
  context.discontinuity = false;
  apply({.inOctets = 3000}, 10);
  EXPECT_EQ(number("ifinoctets"), 100);
  context.uptimeMs = 5'000;
  context.now += 10 * kSecond;
  apply({.inOctets = 4000}, 0);
  EXPECT_EQ(number("ifinoctets"), kAbsent) << "uptime reset";
  apply({.inOctets = 5000}, 10);
  EXPECT_EQ(number("ifinoctets"), 100);
}

TEST_F(CounterStateTest, UptimeWraps) {
  context.uptimeMs = 0xFFFFFFFF - 4'999;
  apply({.inOctets = 1000}, 0);
  apply({.inOctets = 2000}, 10);
  EXPECT_EQ(number("ifinoctets"), 100);
}

TEST_F(CounterStateTest, GapSkipsOneIntervalAndIsThenTheNewPace) {
  std::uint64_t octets = 0;
  for (int i = 0; i < 4; ++i) apply({.inOctets = octets += 1000}, 10);
  EXPECT_EQ(number("ifinoctets"), 100);
  apply({.inOctets = octets += 1000}, 45);
  EXPECT_NEAR(number("ifinoctets"), 1000.0 / 45, 1e-9) << "a few lost samples are no gap";
  apply({.inOctets = octets += 1000}, 200);
  EXPECT_EQ(number("ifinoctets"), kAbsent);
  apply({.inOctets = octets += 1000}, 200);
  EXPECT_EQ(number("ifinoctets"), 5);
}

TEST_F(CounterStateTest, RatesUseTheAgentsUptime) {
  apply({.inOctets = 0}, 0);
  context.uptimeMs += 10'000;
  context.now += 12 * kSecond;  // late on the way
  apply({.inOctets = 1000}, 0);
  EXPECT_EQ(number("ifinoctets"), 100);
  context.now += 20 * kSecond;  // an agent whose uptime stands still
  apply({.inOctets = 2000}, 0);
  EXPECT_EQ(number("ifinoctets"), 50);
}

TEST_F(CounterStateTest, NoTimeBetweenSamplesKeepsTheRate) {
  apply({.inOctets = 0}, 0);
  apply({.inOctets = 1000}, 10);
  apply({.speed = 42, .inOctets = 1100}, 0);
  EXPECT_EQ(number("ifinoctets"), 100);
  EXPECT_EQ(number("ifspeed"), 42);
  apply({.inOctets = 2000}, 10);
  EXPECT_EQ(number("ifinoctets"), 100) << "compared with the sample that was counted";
}

TEST_F(CounterStateTest, RateBeyondTheSpeedIsNotBelievedOnce) {
  apply({.speed = 8'000, .inOctets = 0}, 0);
  apply({.speed = 8'000, .inOctets = 1'000'000}, 10);
  EXPECT_EQ(number("ifinoctets"), kAbsent);
  apply({.speed = 8'000, .inOctets = 1'005'000}, 10);
  EXPECT_EQ(number("ifinoctets"), 500);
  apply({.speed = 8'000, .inOctets = 2'005'000}, 10);
  EXPECT_EQ(number("ifinoctets"), kAbsent);
  apply({.speed = 8'000, .inOctets = 3'005'000}, 10);
  EXPECT_EQ(number("ifinoctets"), 100'000) << "twice running: the reported speed is wrong";
}

TEST_F(CounterStateTest, CpuTimesAreSharesWithoutCountingGuestsTwice) {
  const auto sample = [](std::uint32_t user, std::uint32_t idle, std::uint32_t guest) {
    RecordBytes r;
    r.f32(2).f32(-1).f32(0.5F).u32(1).u32(2).u32(4).u32(2400).u32(99);
    r.u32(user).u32(0).u32(0).u32(idle).u32(0).u32(0).u32(0).u32(7).u32(8).u32(0).u32(guest).u32(0);
    CounterSample s(2, 1);
    s.add(kHostCpu, r);
    return s;
  };
  CounterSample a = sample(1000, 5000, 0), b = sample(2000, 8000, 500);
  apply(a, 0);
  apply(b, 10);
  EXPECT_EQ(number("cpu_user"), 25);
  EXPECT_EQ(number("cpu_idle"), 75);
  EXPECT_EQ(number("cpu_guest"), 12.5);
  EXPECT_EQ(number("cpu_utilization"), 25);
  EXPECT_EQ(number("load_one_per_cpu"), 0.5);
  EXPECT_EQ(number("load_five"), kAbsent) << "-1 is unknown";
  EXPECT_EQ(number("uptime"), 99);
}

TEST_F(CounterStateTest, DerivedMetrics) {
  CounterSample s(2, 1);
  RecordBytes memory;
  memory.u64(1000).u64(200).u64(0).u64(100).u64(300).u64(0).u64(0).u32(0).u32(0).u32(0).u32(0);
  RecordBytes disk;
  disk.u64(400).u64(100).u32(0xFFFFFFFF).u32(0).u64(0).u32(0).u32(0).u64(0).u32(0);
  RecordBytes tables;
  tables.u32(5).u32(20).u32(7).u32(0);
  for (int i = 4; i < 36; ++i) tables.u32(i == 9 ? 200 : 50);
  s.add(2004, memory).add(2005, disk).add(wire::tag(4413, 3), tables);
  apply(s, 0);
  EXPECT_EQ(number("mem_used"), 400);
  EXPECT_EQ(number("mem_utilization"), 40);
  EXPECT_EQ(number("disk_utilization"), 75);
  EXPECT_EQ(number("part_max_used"), kAbsent);
  EXPECT_EQ(number("bcm_host_utilization"), 25);
  EXPECT_EQ(number("bcm_ipv4_utilization"), kAbsent) << "no maximum";
  EXPECT_EQ(number("bcm_long_ipv6_utilization"), 25);
  EXPECT_EQ(number("bcm_long_ipv6_utilizaton"), 25);

  state = {};
  const auto application = [](std::uint32_t k) {
    RecordBytes http, workers, ovs, cpu, memcache;
    for (std::uint32_t i = 0; i < 15; ++i) http.u32(i < 9 ? 10 * k : 1000 * k);
    workers.u32(3).u32(5).u32(12).u32(0).u32(0);
    ovs.u32(90 * k).u32(10 * k).u32(0).u32(0).u32(1).u32(2);
    cpu.u32(1).u32(10'000 * k).u32(4);
    for (std::uint32_t i = 0; i < 27; ++i) memcache.u32(i == 3 ? 30 * k : i == 4 ? 10 * k : 0);
    for (int i = 0; i < 4; ++i) memcache.u64(0);
    CounterSample sample(3, 5);
    sample.add(2201, http).add(2206, workers).add(2207, ovs).add(2101, cpu).add(2204, memcache);
    return sample;
  };
  CounterSample a = application(0), b = application(1);
  apply(a, 0);
  apply(b, 10);
  EXPECT_EQ(number("http_requests"), 9);
  EXPECT_EQ(number("workers_utilization"), 25);
  EXPECT_EQ(number("ovs_dp_hitrate"), 90);
  EXPECT_EQ(number("ovs_dp_missrate"), 10);
  EXPECT_EQ(number("vir_cpu_utilization"), 25);
  EXPECT_EQ(text("vir_cpu_state"), "running");
  EXPECT_EQ(number("memcache_hitrate"), 75);
  EXPECT_EQ(number("memcache_missrate"), 25);
}

TEST_F(CounterStateTest, ContainerNames) {
  const auto named = [&](std::string_view name) {
    RecordBytes r;
    r.str(name);
    for (int i = 0; i < 4; ++i) r.u32(0);
    r.u32(3).u32(2).str("");
    CounterSample s(3, 9);
    s.add(kHostDescr, r);
    apply(s, 10);
  };
  named("k8s_web_web-7f_shop_0a-1b_2");
  EXPECT_EQ(text("k8s_name"), "web");
  EXPECT_EQ(text("k8s_namespace"), "shop");
  EXPECT_EQ(text("docker_name"), "absent");
  EXPECT_EQ(text("vir_uuid"), "absent");
  EXPECT_EQ(text("host_name"), "absent");
  named("k8s_POD_web-7f_shop_0a-1b_2");
  EXPECT_EQ(text("k8s_name"), "absent");
  named("shop.abcdefghijklmnopqrstuvwxy.abcdefghijklmnopqrstuvwxy");
  EXPECT_EQ(text("swarm_name"), "shop");
  EXPECT_EQ(text("k8s_name"), "absent");
  named("sshd.service");
  EXPECT_EQ(text("systemd_service"), "sshd");
  named("redis");
  EXPECT_EQ(text("docker_name"), "redis");
  EXPECT_EQ(text("vir_machine_type"), "x86_64");
  EXPECT_EQ(text("vir_os_release"), "absent");
}

TEST_F(CounterStateTest, ListsAndRepeatedRecordsHaveNumberedMetrics) {
  RecordBytes optics;
  optics.u32(3).u32(2).u32(3300).u32(static_cast<std::uint32_t>(-1500)).u32(2);
  for (std::uint32_t lane = 1; lane <= 2; ++lane) {
    optics.u32(lane);
    for (std::uint32_t i = 1; i < 10; ++i) optics.u32(100 * lane + i);
  }
  const auto queue = [](std::uint32_t index, std::uint32_t dropped) {
    RecordBytes r;
    r.u32(index);
    for (int i = 1; i < 12; ++i) r.u32(64);
    return r.u32(dropped);
  };
  RecordBytes buffers;
  buffers.u32(100).u32(200).u32(300).u32(400).u32(2).u32(500).u32(600).u32(1).u32(700);
  for (std::uint32_t k = 0; k < 2; ++k) {
    CounterSample s;
    s.add(10, optics)
        .add(kQueueLength, queue(0, 10 * k))
        .add(kQueueLength, queue(5, 50 * k))
        .add(kQueueLength, queue(999, k));
    s.add(wire::tag(4413, 2), buffers);
    EXPECT_EQ(apply(s, 10).applied, 4);
  }
  EXPECT_EQ(text("opt_module_id"), "3");
  EXPECT_EQ(number("opt_module_lanes"), 2);
  EXPECT_EQ(number("opt_module_num_lanes"), 2);
  EXPECT_EQ(number("opt_module_temperature"), -1500);
  EXPECT_EQ(number("opt_lane_1_tx_bias_current"), 101);
  EXPECT_EQ(number("opt_lane_2_rx_wavelength"), 209);
  EXPECT_EQ(number("opt_lane_3_tx_power"), kAbsent);
  EXPECT_EQ(number("queue_0_dropped"), 1);
  EXPECT_EQ(number("queue_5_dropped"), 5);
  EXPECT_EQ(number("queue_5_segment_size"), 64);
  EXPECT_EQ(number("bcm_bst_ingress_uc"), 1);
  EXPECT_EQ(number("bcm_bst_egress_queue_1_uc"), 6);
  EXPECT_EQ(number("bcm_bst_egress_queue_0_mc"), 7);
}

TEST_F(CounterStateTest, OfTwoRecordsOfAKindTheFirstCounts) {
  for (std::uint32_t k = 0; k < 2; ++k) {
    CounterSample s;
    s.add(1, Interface{.index = 1, .inOctets = 1000 * k}.record())
        .add(1, Interface{.index = 2, .inOctets = 9}.record());
    EXPECT_EQ(apply(s, 10).applied, 1);
  }
  EXPECT_EQ(text("ifindex"), "1");
  EXPECT_EQ(number("ifinoctets"), 100);
}

TEST_F(CounterStateTest, SecondSubAgentWaitsUntilTheFirstIsSilent) {
  apply({.inOctets = 0}, 10);
  apply({.inOctets = 1000}, 10);
  context.subAgent = 1;
  apply({.inOctets = 77}, 1);
  EXPECT_EQ(number("ifinoctets"), 100);
  context.subAgent = 0;
  apply({.inOctets = 2000}, 9);
  EXPECT_EQ(number("ifinoctets"), 100);
  context.subAgent = 1;
  apply({.inOctets = 5000}, 100);
  EXPECT_EQ(number("ifinoctets"), kAbsent) << "taken over";
  apply({.inOctets = 5500}, 10);
  EXPECT_EQ(number("ifinoctets"), 50);
}

TEST_F(CounterStateTest, SharedMetricIsShownOnce) {
  CounterSample s(2, 1);
  RecordBytes processor, memory;
  processor.u32(static_cast<std::uint32_t>(-1)).u32(5000).u32(20'000).u64(64).u64(32);
  memory.u64(1000).u64(200).u64(0).u64(0).u64(0).u64(0).u64(0).u32(0).u32(0).u32(0).u32(0);
  s.add(2004, memory).add(1001, processor);
  apply(s, 0);
  std::map<std::string, int> shown;
  state.forEach([&](MetricId id, const MetricValue&) { ++shown[std::string(names.name(id))]; });
  EXPECT_EQ(shown["mem_total"], 1);
  EXPECT_EQ(shown["mem_utilization"], 1);
  EXPECT_EQ(shown["cpu_5sec"], 0) << "-1 is unknown";
  EXPECT_EQ(number("cpu_1min"), 50);
  EXPECT_EQ(number("cpu_5min"), 100) << "clamped";
}

TEST_F(CounterStateTest, BadRecordCostsThatRecord) {
  CounterSample s;
  RecordBytes cut = Interface{}.record();
  cut.bytes.resize(84);
  RecordBytes lying;
  lying.u32(1000);
  s.add(1, cut)
      .add(kPortName, lying)
      .add(wire::tag(9, 9), RecordBytes{}.u32(1))
      .add(kPortName, RecordBytes{}.str("eth0"));
  const CounterResult result = apply(s, 0);
  EXPECT_EQ(result.applied, 1);
  EXPECT_EQ(result.unknown, 1);
  EXPECT_EQ(faults.of[static_cast<std::size_t>(wire::Fault::recordShort)], 1U);
  EXPECT_EQ(faults.of[static_cast<std::size_t>(wire::Fault::recordContent)], 1U);
  EXPECT_EQ(text("ifname"), "eth0");
  EXPECT_EQ(text("ifindex"), "absent");
}

TEST_F(CounterStateTest, SinkGetsWhatTheSampleRefreshed) {
  std::map<std::string, double> got;
  const auto take = [&](MetricId id, double value) { got[std::string(names.name(id))] = value; };
  CounterSample a, b, c;
  a.add(1, Interface{.speed = 8000, .inOctets = 0}.record()).add(kPortName, RecordBytes{}.str("eth0"));
  b.add(1, Interface{.speed = 8000, .inOctets = 1000, .inUcast = 50}.record());
  c.add(kPortName, RecordBytes{}.str("eth1"));
  apply(a, 0, MetricSink(take));
  EXPECT_EQ(got.count("ifinoctets"), 0U);
  EXPECT_EQ(got["ifspeed"], 8000);
  apply(b, 10, MetricSink(take));
  EXPECT_EQ(got["ifinoctets"], 100);
  EXPECT_EQ(got["ifinpkts"], 5);
  EXPECT_EQ(got["ifinutilization"], 10);
  EXPECT_EQ(got.count("ifindex"), 0U) << "texts are not for thresholds";
  got.clear();
  apply(c, 1, MetricSink(take));
  EXPECT_TRUE(got.empty());
}

TEST_F(CounterStateTest, ValuesDisappearWhenNotRefreshed) {
  CounterSample both, one;
  both.add(1, Interface{}.record())
      .add(kPortName, RecordBytes{}.str("a name that does not fit inside"))
      .add(1004, RecordBytes{}.u64(5).u32(6));
  one.add(1004, RecordBytes{}.u64(0x7294fc095d43).u32(7));
  apply(both, 0);
  apply(one, 200);
  EXPECT_FALSE(state.expire(context.now + 99 * kSecond));
  EXPECT_EQ(text("ifindex"), "1");
  EXPECT_FALSE(state.expire(context.now + 101 * kSecond));
  EXPECT_EQ(text("ifindex"), "absent");
  EXPECT_EQ(text("ifname"), "absent");
  EXPECT_EQ(text("of_port"), "7");
  EXPECT_EQ(text("of_dpid"), "00007294fc095d43");
  EXPECT_TRUE(state.expire(context.now + 301 * kSecond));
  EXPECT_TRUE(state.empty());
  EXPECT_LE(state.memory(), sizeof(CounterState));
}

TEST_F(CounterStateTest, ExpiryKeepsTheTextsOfOthers) {
  CounterSample host(3, 1), jvm(3, 1);
  RecordBytes r;
  r.str("first");
  for (int i = 0; i < 4; ++i) r.u32(0x01010101);
  r.u32(3).u32(2).str("5.10");
  host.add(kHostDescr, r);
  jvm.add(2105, RecordBytes{}.str("vm").str("vendor").str("17"));
  apply(host, 0);
  apply(jvm, 200);
  EXPECT_FALSE(state.expire(context.now + 150 * kSecond));
  EXPECT_EQ(text("vir_host_name"), "absent");
  EXPECT_EQ(text("jvm_name"), "vm");
  EXPECT_EQ(text("jvm_version"), "17");
  apply(host, 200);
  EXPECT_EQ(text("vir_os_release"), "5.10");
  EXPECT_EQ(text("jvm_vendor"), "vendor");
}

CounterSample portSample(std::uint32_t k) {
  CounterSample s(0, 12);
  RecordBytes ethernet;
  for (int i = 0; i < 13; ++i) ethernet.u32(k);
  s.add(1, Interface{.index = 12, .inOctets = 1000 * k, .inUcast = k}.record());
  s.add(kEthernet, ethernet).add(kPortName, RecordBytes{}.str("swp12"));
  return s;
}

TEST_F(CounterStateTest, PortTakesLessThan700Octets) {
  for (std::uint32_t k = 0; k < 3; ++k) {
    CounterSample s = portSample(k);
    apply(s, 10);
  }
  EXPECT_LT(state.memory() + 2 * 16, 700U) << "with the allocator's headers";
  RecordProperty("octets", static_cast<int>(state.memory()));
}

TEST_F(CounterStateTest, NothingIsAllocatedInSteadyState) {
  std::vector<CounterSample> samples;
  for (std::uint32_t k = 0; k < 10; ++k) samples.push_back(portSample(k));
  apply(samples[0], 10);
  apply(samples[1], 10);
  double sum = 0;
  const auto take = [&](MetricId, double value) { sum += value; };
  MetricValue value;
  const MetricId name = names.find("ifname");
  const std::size_t before = allocations;
  for (std::size_t k = 2; k < samples.size(); ++k) {
    apply(samples[k], 10, MetricSink(take));
    ASSERT_TRUE(state.value(name, value));
    state.forEach([&](MetricId, const MetricValue& v) { sum += v.number; });
  }
  const std::size_t after = allocations;
  EXPECT_EQ(after, before);
  EXPECT_GT(sum, 0);
}

TEST_F(CounterStateTest, CustomMetrics) {
  const auto sample = [&](std::uint32_t k) {
    static RecordBytes body;
    body = {};
    body.str("my-app").u32(7);
    body.str("requests").u32(1).u32(0xFFFFFFF0 + 100 * k);
    body.str("bytes").u32(2).u64(5000 * k);
    body.str("queue").u32(3).u32(7 + k);
    body.str("size").u32(4).u64(9);
    body.str("ratio").u32(6).f64(0.25);
    body.str("state").u32(0).str("running");
    body.str("not a name").u32(3).u32(1);
    wire::Sample s;
    s.kind = wire::SampleKind::rtMetric;
    s.body = body.bytes;
    auto reader = wire::RtReader::open(s);
    EXPECT_TRUE(reader.has_value());
    EXPECT_EQ(reader->dataSource(), "my-app");
    advance(10);
    return state.applyRt(*reader, names, context, faults);
  };
  EXPECT_EQ(sample(0).applied, 6);
  EXPECT_EQ(number("requests"), kAbsent);
  EXPECT_EQ(number("queue"), 7);
  sample(1);
  EXPECT_EQ(number("requests"), 10);
  EXPECT_EQ(number("bytes"), 500);
  EXPECT_EQ(number("queue"), 8);
  EXPECT_EQ(number("size"), 9);
  EXPECT_EQ(number("ratio"), 0.25);
  EXPECT_EQ(text("state"), "running");
  EXPECT_EQ(state.customRefused(), 2U);
  const std::size_t before = allocations;
  // (only the sample itself is made anew)
  EXPECT_FALSE(state.expire(context.now + 300 * kSecond));
  EXPECT_TRUE(state.expire(context.now + 301 * kSecond));
  EXPECT_EQ(number("queue"), kAbsent);
  EXPECT_EQ(allocations, before);
}

TEST(MetricNamesTest, TableNamesAreFixedAndNewOnesAreBounded) {
  MetricNames names;
  const MetricId octets = names.find("ifinoctets");
  EXPECT_LT(octets, metricTable().size());
  EXPECT_EQ(names.intern("ifinoctets"), octets);
  EXPECT_EQ(names.name(octets), "ifinoctets");
  EXPECT_EQ(names.find("elephant"), kNoMetric);
  const MetricId elephant = names.intern("elephant");
  EXPECT_EQ(elephant, metricTable().size());
  EXPECT_EQ(names.find("elephant"), elephant);
  EXPECT_EQ(names.name(elephant), "elephant");
  constexpr std::size_t kForData = MetricNames::kMaxDynamic - MetricNames::kForUsers;
  for (std::size_t i = 1; i < kForData; ++i) ASSERT_NE(names.intern("m" + std::to_string(i)), kNoMetric);
  EXPECT_EQ(names.refused(), 0U);
  EXPECT_EQ(names.intern("one too many"), kNoMetric);
  EXPECT_EQ(names.intern(""), kNoMetric);
  EXPECT_EQ(names.refused(), 2U);
  EXPECT_EQ(names.intern("elephant"), elephant);
  for (std::size_t i = 0; i < MetricNames::kForUsers; ++i)
    ASSERT_NE(names.intern("u" + std::to_string(i), MetricNames::Origin::user), kNoMetric);
  EXPECT_EQ(names.intern("one more", MetricNames::Origin::user), kNoMetric);
  EXPECT_EQ(names.intern("u7"), names.find("u7")) << "the data may use them too";
  EXPECT_EQ(names.refused(), 3U);
}

TEST(MetricTableTest, NamesAreLowerCaseAndUnique) {
  const MetricTable& table = metricTable();
  EXPECT_GT(table.size(), 500U);
  for (MetricId id = 0; id < table.size(); ++id) {
    EXPECT_EQ(table.find(table.name(id)), id);
    for (const char c : table.name(id))
      EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') << table.name(id);
  }
}

}  // namespace
}  // namespace weir::model
