#include "model/counter_wraps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "support/counter_sample.h"

namespace weir::model {
namespace {

using test::CounterSample;
using test::Interface;
using test::RecordBytes;

constexpr std::uint32_t kInterfaceFormat = 1, kEthernetFormat = 2, kHostCpuFormat = 2003, kHostNetFormat = 2006;

/// A data source that samples are applied to, one after the other.
class Source {
 public:
  void apply(CounterSample& sample, double seconds) {
    context.now += nanosFromSeconds(seconds);
    context.uptimeMs += static_cast<std::uint32_t>(seconds * 1000);
    (void)state.apply(sample.sample(), context, faults);
  }
  void apply(const Interface& interface, double seconds) {
    CounterSample sample;
    sample.add(kInterfaceFormat, interface.record());
    apply(sample, seconds);
  }
  [[nodiscard]] std::optional<double> number(std::string_view name) const {
    MetricValue value;
    if (!state.value(metricTable().find(name), value) || value.isText) return std::nullopt;
    return value.number;
  }

 private:
  CounterState state;
  wire::FaultCounts faults;
  CounterContext context{1000 * kSecond, 100'000, 0, false};
};

constexpr std::uint64_t kGigabit = 1'000'000'000;

TEST(CounterWraps, StepBackOfOneIsNoWrap) {
  Source port;
  port.apply({.speed = kGigabit, .inOctets = 5, .inUcast = 7, .inDiscards = 1000}, 0);
  port.apply({.speed = kGigabit, .inOctets = 20'000'005, .inUcast = 20'006, .inDiscards = 999}, 20);
  EXPECT_EQ(port.number("ifinoctets"), 1'000'000);
  EXPECT_EQ(port.number("ifinucastpkts"), 999.95);
  EXPECT_EQ(port.number("ifindiscards"), std::nullopt);
  port.apply({.speed = kGigabit, .inOctets = 40'000'005, .inUcast = 40'006, .inDiscards = 1019}, 20);
  EXPECT_EQ(port.number("ifindiscards"), 1) << "compared with the newest";
}

TEST(CounterWraps, PacketsThatStepBackHaveNoSum) {
  Source port;
  port.apply({.inOctets = 0, .inUcast = 1'000'000, .inMulticast = 6}, 0);
  port.apply({.inOctets = 2'000, .inUcast = 999'998, .inMulticast = 10}, 20);
  EXPECT_EQ(port.number("ifinoctets"), 100);
  EXPECT_EQ(port.number("ifinmulticastpkts"), 0.2);
  EXPECT_EQ(port.number("ifinucastpkts"), std::nullopt);
  EXPECT_EQ(port.number("ifinpkts"), std::nullopt);
}

TEST(CounterWraps, WrapsThatArePossibleAreKept) {
  Source port;
  port.apply({.speed = kGigabit, .inOctets = 0, .inUcast = 4'294'966'296, .inDiscards = 4'294'967'286}, 0);
  port.apply({.speed = kGigabit, .inOctets = 20'000'000, .inUcast = 19'000, .inDiscards = 30}, 20);
  EXPECT_EQ(port.number("ifinucastpkts"), 1000);
  EXPECT_EQ(port.number("ifindiscards"), 2);
}

TEST(CounterWraps, DiscardsAreNoMoreThanPackets) {
  for (const auto& [packets, believed] : {std::pair{400'000'000U, true}, {300'000'000U, false}}) {
    Source port;  // 400 Gbit/s, where the speed alone allows 595 million a second
    const std::uint64_t speed = 400 * kGigabit;
    port.apply({.speed = speed, .inOctets = 0, .inUcast = 0, .inDiscards = 4'000'000'000}, 0);
    port.apply(
        {.speed = speed, .inOctets = 1000 * std::uint64_t{packets}, .inUcast = packets, .inDiscards = 100'000'000}, 20);
    EXPECT_EQ(port.number("ifindiscards").has_value(), believed) << packets;
  }
}

TEST(CounterWraps, UnknownSpeedLeavesTheOctets) {
  for (const std::uint64_t speed : {std::uint64_t{0}, std::uint64_t{0xFFFFFFFF}}) {
    Source port;
    port.apply({.speed = speed, .inOctets = 0, .outOctets = 0, .inUcast = 5, .outUcast = 0xFFFFFF00}, 0);
    port.apply({.speed = speed, .inOctets = 1'000'000, .outOctets = 60'000'000, .inUcast = 4, .outUcast = 999'744}, 20);
    EXPECT_EQ(port.number("ifinucastpkts"), std::nullopt);
    EXPECT_EQ(port.number("ifoutucastpkts"), 50'000);
  }
}

TEST(CounterWraps, NeitherSpeedNorOctetsLeaveTenMillionASecondAndHalfOfTheRange) {
  const std::uint64_t none = ~std::uint64_t{0};
  const auto after = [&](std::uint32_t was, std::uint32_t is, double seconds) {
    Source port;
    port.apply({.speed = 0, .inOctets = none, .inUcast = was}, 0);
    port.apply({.speed = 0, .inOctets = none, .inUcast = is}, seconds);
    return port.number("ifinucastpkts");
  };
  EXPECT_EQ(after(0xFFFFFFFF - 999, 1000, 20), 100);
  EXPECT_EQ(after(4'094'967'296, 0, 20), 10'000'000);
  EXPECT_EQ(after(4'094'967'295, 0, 20), std::nullopt);
  EXPECT_EQ(after(1000, 999, 600), std::nullopt) << "7 million a second, but nearly all of the range";
}

TEST(CounterWraps, SpeedThatIsWrongIsNoLimit) {
  Source port;
  const std::uint64_t speed = 10'000'000;  // a virtual port that carries 8 Gbit/s
  const std::uint64_t octets = 20 * kGigabit;
  port.apply({.speed = speed, .inOctets = 0, .inUcast = 4'200'000'000}, 0);
  port.apply({.speed = speed, .inOctets = octets, .inUcast = 4'220'000'000}, 20);
  port.apply({.speed = speed, .inOctets = 2 * octets, .inUcast = 4'260'000'000}, 20);
  EXPECT_EQ(port.number("ifinucastpkts"), 2'000'000);
  port.apply({.speed = speed, .inOctets = 3 * octets, .inUcast = 5'032'704}, 20);
  EXPECT_EQ(port.number("ifinucastpkts"), 2'000'000);
}

TEST(CounterWraps, LimitMayStandInALaterRecord) {
  const auto sample = [](std::uint32_t fcsErrors, std::uint64_t octets, std::uint32_t packets) {
    RecordBytes ethernet;
    ethernet.u32(0).u32(fcsErrors);
    for (int i = 2; i < 13; ++i) ethernet.u32(0);
    CounterSample s;
    s.add(kEthernetFormat, ethernet);
    s.add(kInterfaceFormat, Interface{.speed = 800 * kGigabit, .inOctets = octets, .inUcast = packets}.record());
    return s;
  };
  for (const auto& [packets, rate] :
       {std::pair{200'000'000U, std::optional(5'000'000.0)}, {50'000'000U, std::optional<double>()}}) {
    Source port;
    CounterSample before = sample(4'200'000'000, 0, 0), now = sample(5'032'704, 200'000'000'000, packets);
    port.apply(before, 0);
    port.apply(now, 20);
    EXPECT_EQ(port.number("eth_fcserrors"), rate) << packets;
  }
}

TEST(CounterWraps, HostCountersAreLimitedByEachOther) {
  const auto sample = [](std::uint64_t octets, std::uint32_t packets, std::uint32_t drops) {
    RecordBytes r;
    r.u64(octets).u32(packets).u32(0).u32(drops).u64(0).u32(0).u32(0).u32(0);
    CounterSample s(2, 1);
    s.add(kHostNetFormat, r);
    return s;
  };
  Source host;
  CounterSample a = sample(0, 0xFFFFFFFF - 999, 9), b = sample(2'000'000, 1'000, 8), c = sample(2'000'400, 999, 8);
  host.apply(a, 0);
  host.apply(b, 20);
  EXPECT_EQ(host.number("pkts_in"), 100);
  EXPECT_EQ(host.number("drops_in"), std::nullopt);
  host.apply(c, 20);
  EXPECT_EQ(host.number("pkts_in"), std::nullopt);
  EXPECT_EQ(host.number("drops_in"), 0);
}

TEST(CounterWraps, SharesNeedAllCpuTimes) {
  const auto sample = [](std::uint32_t user, std::uint32_t idle, std::uint32_t guest) {
    RecordBytes r;
    r.f32(0).f32(0).f32(0).u32(1).u32(2).u32(64).u32(2400).u32(99);
    r.u32(user).u32(0).u32(0).u32(idle).u32(0).u32(0).u32(0).u32(0).u32(0).u32(0).u32(guest).u32(0);
    CounterSample s(2, 1);
    s.add(kHostCpuFormat, r);
    return s;
  };
  Source host;
  CounterSample a = sample(0, 4'294'000'000, 10), b = sample(320'000, 0, 10), c = sample(640'000, 960'000, 9),
                d = sample(960'000, 950'000, 9), e = sample(1'280'000, 1'910'000, 9);
  host.apply(a, 0);
  host.apply(b, 20);
  EXPECT_NEAR(*host.number("cpu_user"), 100 * 320'000.0 / (320'000 + 967'296), 1e-9) << "the idle time wrapped";
  host.apply(c, 20);
  EXPECT_EQ(host.number("cpu_user"), 25);
  EXPECT_EQ(host.number("cpu_guest"), std::nullopt) << "a part that stepped back concerns no other";
  host.apply(d, 20);
  EXPECT_EQ(host.number("cpu_user"), std::nullopt) << "the sum is unknown";
  EXPECT_EQ(host.number("cpu_utilization"), std::nullopt);
  host.apply(e, 20);
  EXPECT_EQ(host.number("cpu_user"), 25);
}

/// A record in which all counters but one have a value, and that one another; other fields are zero.
RecordBytes recordOf(const wire::RecordSpec& spec, const RecordLayout& layout, std::uint32_t all, std::size_t slot,
                     std::uint32_t one) {
  RecordBytes r;
  for (std::size_t field = 0; field < spec.fields.size(); ++field) {
    const std::int16_t at = layout.slotOfField[field];
    const bool counter = at >= 0 && isCounter(layout.slots[static_cast<std::size_t>(at)].kind);
    const std::uint32_t value = !counter ? 0 : static_cast<std::size_t>(at) == slot ? one : all;
    switch (spec.fields[field].type) {
      case wire::FieldType::u64:
        r.u64(value);
        break;
      case wire::FieldType::mac:
        r.u64(0);
        break;
      case wire::FieldType::op16:
        r.u64(0).u64(0);
        break;
      default:
        r.u32(value);
        break;
    }
  }
  return r;
}

/// What every 32-bit counter of every record shows after it went from `was` to `is`, by metric.
std::map<std::string, std::optional<double>> shown(std::uint32_t was, std::uint32_t is, double seconds) {
  std::map<std::string, std::optional<double>> out;
  const MetricTable& table = metricTable();
  for (const RecordLayout& layout : table.layouts()) {
    const wire::RecordSpec* spec = wire::recordSpec(wire::RecordSpace::counter, layout.name);
    if (spec == nullptr) continue;
    const std::uint32_t cls = table.layout(spec->tag, 0) == &layout ? 0 : 3;
    for (std::size_t slot = 0; slot < layout.slots.size(); ++slot) {
      if (!isCounter(layout.slots[slot].kind) || layout.slots[slot].wide) continue;
      Source source;
      CounterSample before(cls, 1), now(cls, 1);
      before.add(spec->tag, recordOf(*spec, layout, 1'000'000, slot, was));
      now.add(spec->tag, recordOf(*spec, layout, 1'000'200, slot, is));
      source.apply(before, 0);
      source.apply(now, seconds);
      const std::string name(table.name(layout.slots[slot].ids.front()));
      out[std::string(layout.name) + "/" + name] = source.number(name);
    }
  }
  return out;
}

TEST(CounterWraps, EveryNarrowCounterThatStepsBackOrIsClearedHasNoRate) {
  for (const auto& [was, is] : {std::pair{1000U, 999U}, {1'000'000U, 999'000U}, {2'000'000'000U, 10U}, {7U, 0U}}) {
    for (const double seconds : {1.0, 20.0, 300.0, 3600.0}) {
      const auto rates = shown(was, is, seconds);
      EXPECT_GT(rates.size(), 280U);
      for (const auto& [name, rate] : rates)
        EXPECT_EQ(rate, std::nullopt) << name << " from " << was << " to " << is << " in " << seconds << " s";
    }
  }
}

TEST(CounterWraps, EveryNarrowCounterWraps) {
  for (const auto& [name, rate] : shown(0xFFFFFFFF - 99, 100, 20)) {
    ASSERT_TRUE(rate.has_value()) << name;
    if (name.starts_with("host_cpu/cpu_")) continue;  // a share
    EXPECT_EQ(*rate, 10) << name;
  }
}

TEST(CounterWraps, RatesOfPortsAreTrueOrPossible) {
  std::mt19937_64 random(7);
  const auto pick = [&](std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(random);
  };
  const std::uint64_t speeds[] = {10'000'000, 100'000'000, kGigabit, 10 * kGigabit, 100 * kGigabit, 800 * kGigabit};
  int wraps = 0, faults = 0;
  for (int run = 0; run < 20'000; ++run) {
    const std::uint64_t speed = speeds[pick(0, 5)];
    const double seconds = static_cast<double>(pick(1, 120));
    const auto octets = static_cast<std::uint64_t>(static_cast<double>(speed) / 8 * seconds * 1e-3) * pick(0, 1000);
    const std::uint64_t frames = octets / pick(84, 1538), discards = frames / pick(1, 50);
    if (frames >= 0x100000000) continue;
    const auto before = static_cast<std::uint32_t>(pick(1, 0xFFFFFFFE)),
               discarded = static_cast<std::uint32_t>(random());
    const bool fault = run % 2 != 0;
    const auto after = static_cast<std::uint32_t>(!fault            ? before + frames
                                                  : pick(0, 1) != 0 ? before - pick(1, std::min(before, 1000U))
                                                                    : pick(0, 50));
    if (after == 0xFFFFFFFF || (fault && after >= before)) continue;
    Source port;
    port.apply({.speed = speed, .inOctets = 0, .inUcast = before, .inDiscards = discarded}, 0);
    port.apply({.speed = speed,
                .inOctets = octets,
                .inUcast = after,
                .inDiscards = static_cast<std::uint32_t>(discarded + discards)},
               seconds);
    const auto rate = port.number("ifinucastpkts");
    const double possible = std::min(static_cast<double>(speed) / 672, static_cast<double>(octets) / 60 / seconds);
    if (!fault) {
      ASSERT_EQ(rate, static_cast<double>(frames) / seconds) << speed << " bit/s, " << seconds << " s";
      wraps += after < before ? 1 : 0;
      if (discarded != 0xFFFFFFFF && static_cast<std::uint32_t>(discarded + discards) != 0xFFFFFFFF) {
        ASSERT_EQ(port.number("ifindiscards"), static_cast<double>(discards) / seconds);
      }
    } else if (rate) {
      ASSERT_LE(*rate, 1.2 * possible + 1000 / seconds);
      ++faults;
    }
    if (fault && speed <= 10 * kGigabit && seconds <= 30 && before < 2'000'000'000) {
      ASSERT_EQ(rate, std::nullopt);
    }
  }
  EXPECT_GT(wraps, 20);
  EXPECT_GT(faults, 0) << "some cannot be told from wraps";
}

TEST(CounterWraps, CustomCountersKeepToTheSameBound) {
  MetricNames names;
  const auto after = [&](std::uint32_t was, std::uint32_t is) {
    CounterState state;
    CounterContext context{1000 * kSecond, 100'000, 0, false};
    wire::FaultCounts faults;
    for (const std::uint32_t value : {was, is}) {
      RecordBytes body;
      body.str("my-app").u32(1).str("requests").u32(1).u32(value);
      wire::Sample s;
      s.kind = wire::SampleKind::rtMetric;
      s.body = body.bytes;
      auto reader = wire::RtReader::open(s);
      (void)state.applyRt(*reader, names, context, faults);
      context.now += 20 * kSecond;
      context.uptimeMs += 20'000;
    }
    MetricValue value;
    return state.value(names.find("requests"), value) ? std::optional(value.number) : std::nullopt;
  };
  EXPECT_EQ(after(0xFFFFFFFF - 99, 100), 10);
  EXPECT_EQ(after(1000, 999), std::nullopt);
  EXPECT_EQ(after(3'000'000'000, 10), std::nullopt) << "65 million a second";
}

}  // namespace
}  // namespace weir::model
