// Rates against an oracle: the definition (docs/flow-definitions.md, "Values") taken literally, one number a key in a
// map.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <tuple>

#include "engine/shard.h"
#include "support/captures.h"
#include "support/engine_runner.h"
#include "support/shard_bench.h"
#include "wire/flow_records.h"

namespace weir {
namespace {

struct Smoothed {
  double rate = 0;
  Nanos last = 0;
  void add(double amount, Nanos now, double tau) {
    rate = at(now, tau) + amount / tau;
    last = now;
  }
  [[nodiscard]] double at(Nanos now, double tau) const { return rate * std::exp(-secondsFromNanos(now - last) / tau); }
};
/// Agent, data source, key.
using Place = std::tuple<IpAddress, std::uint64_t, std::string>;
using Oracle = std::map<Place, Smoothed>;

/// A definition's keys, and the same read from an Ethernet frame: empty for what is not IPv4.
struct Keys {
  const char* keys;
  std::string (*read)(Bytes ip);
  bool few;  ///< so few flows a data source that no table is ever too small
};
constexpr Keys kPairs{"ipsource,ipdestination",
                      [](Bytes ip) { return IpAddress::v4(&ip[12]).text() + "," + IpAddress::v4(&ip[16]).text(); },
                      false};
constexpr Keys kProtocols{"ipprotocol", [](Bytes ip) { return std::to_string(ip[9]); }, true};

std::string keyOf(const Keys& keys, Bytes frame) {
  std::size_t at = 12;
  while (at + 4 <= frame.size() && (loadBe16(&frame[at]) == 0x8100 || loadBe16(&frame[at]) == 0x88A8)) at += 4;
  if (at + 22 > frame.size() || loadBe16(&frame[at]) != 0x0800) return {};
  return keys.read(frame.subspan(at + 2));
}

Oracle oracleOf(const test::Capture& capture, const Keys& keys, double tau) {
  Oracle oracle;
  Nanos now = 0;
  for (const auto& datagram : capture) {
    now = std::max(now, datagram.time);
    auto reader = wire::DatagramReader::open(datagram.payload);
    if (!reader) continue;
    for (wire::Sample sample; reader->next(sample);) {
      if (sample.kind != wire::SampleKind::flow) continue;
      for (wire::Record record; sample.records.next(record);) {
        wire::SampledHeader header;
        if (record.tag != wire::tag(0, 1) || parseSampledHeader(record, header) != wire::kNoFault) continue;
        const std::string key = keyOf(keys, header.header);
        if (key.empty()) continue;
        oracle[{reader->header().agent, sample.source.key(), key}].add(
            static_cast<double>(header.frameLength) * sample.samplingRate, now, tau);
      }
    }
  }
  return oracle;
}

/// What one shard says: rate and bound of the error.
std::map<Place, std::pair<double, double>> cachesOf(const test::Capture& capture, const std::string& definition,
                                                    Nanos at) {
  test::ShardBench bench;
  bench.flow("pairs", definition);
  Nanos now = 0;
  for (std::size_t i = 0; i < capture.size(); ++i) {
    now = std::max(now, capture[i].time);
    bench.shard.datagram(capture[i].payload, capture[i].sender, now, i);
  }
  bench.shard.flush();
  std::map<Place, std::pair<double, double>> out;
  const engine::FlowEntry& entry = *bench.shard.definitions().flows.begin();
  std::vector<flow::FlowCache::Flow> top;
  for (const auto& agent : bench.shard.agents()) {
    for (const auto* source : agent->ordered) {
      const auto* state = engine::Shard::flowState(*source, entry);
      if (state == nullptr) continue;
      state->cache.top(top, entry.cache.n, flow::DecayTime(at, entry.cache.tau), entry.cache);
      for (const auto& found : top) {
        std::string text;
        entry.compiled->appendKeyText(text, found.key);
        out[{agent->id.address, source->id.key(), text}] = {found.value, found.errorRate};
      }
    }
  }
  return out;
}

constexpr double kRounding = 1e-5;  // of sums of many floats

struct Rates {
  double max = 0, sum = 0;
  void add(double rate) {
    max = std::max(max, rate);
    sum += rate;
  }
};

void compare(const std::shared_ptr<const test::Capture>& capture, const Keys& keys, double tau) {
  const std::string definition =
      "{keys:'" + std::string(keys.keys) + "',value:bytes,n:1000,t:" + std::to_string(tau) + "}";
  Nanos end = 0;
  for (const auto& d : *capture) end = std::max(end, d.time);
  const Oracle oracle = oracleOf(*capture, keys, tau);
  const auto caches = cachesOf(*capture, definition, end);
  ASSERT_FALSE(caches.empty());

  // Each data source by itself: never more than the truth, never off by more than the bound.
  std::map<std::string, Rates> held, truth;  // by key, over the data sources that hold it
  for (const auto& [place, found] : caches) {
    const std::string& key = std::get<2>(place);
    ASSERT_TRUE(oracle.contains(place)) << key;
    const double expected = oracle.at(place).at(end, tau);
    const auto& [rate, errorRate] = found;
    EXPECT_LE(rate, expected * (1 + kRounding)) << key;
    EXPECT_GE(rate + errorRate, expected * (1 - kRounding)) << key;
    held[key].add(rate);
    truth[key].add(expected);
  }
  for (const auto& [place, smoothed] : oracle) {
    if (!keys.few || secondsFromNanos(end - smoothed.last) > 9.9 * tau) continue;
    EXPECT_TRUE(caches.contains(place)) << "missing: " << std::get<2>(place);
  }

  // And what activeFlows makes of them, over three shards.
  const test::Told told = test::replay(capture, "{flows:{pairs:" + definition + "}}", 3, "pairs");
  for (const bool isSum : {false, true}) {
    const auto rows = json::parseLenient(isSum ? told.activeSum : told.activeMax).value();
    EXPECT_EQ(rows.as_array().size(), held.size());
    double before = INFINITY;
    for (const auto& row : rows.as_array()) {
      const std::string key(row.at("key").as_string());
      const double value = row.at("value").to_number<double>();
      EXPECT_LE(value, before) << "sorted";
      before = value;
      const Rates& same = held[key];
      EXPECT_NEAR(value, isSum ? same.sum : same.max, value * 1e-12) << key;
      const double expected = isSum ? truth[key].sum : truth[key].max;
      EXPECT_LE(value, expected * (1 + kRounding)) << key;
      if (keys.few) {
        EXPECT_NEAR(value, expected, expected * kRounding) << key << (isSum ? " sum" : " max");
      }
    }
  }
}

TEST(RatesTest, Simulation) {
  const auto capture = std::make_shared<const test::Capture>(test::simulate(30));
  for (const Keys& keys : {kPairs, kProtocols}) {
    compare(capture, keys, 2);
    compare(capture, keys, 15);
  }
}

TEST(RatesTest, SmallFabric) {
  const auto capture =
      std::make_shared<const test::Capture>(test::readCapture(test::capturePath("fabric.pcap").value()));
  for (const Keys& keys : {kPairs, kProtocols}) compare(capture, keys, 2);
}

TEST(RatesTest, Ecmp) {
  const auto path = test::capturePath("ecmp.pcap");
  if (!path) GTEST_SKIP() << "no captures in " << test::captureFolder();
  const auto capture = std::make_shared<const test::Capture>(test::readCapture(*path));
  // And in the middle of the traffic, where many flows are alive.
  const auto part = std::make_shared<const test::Capture>(capture->begin(), capture->begin() + 3'000);
  for (const Keys& keys : {kPairs, kProtocols}) {
    compare(capture, keys, 2);
    compare(part, keys, 2);
    compare(part, keys, 60);
  }
}

}  // namespace
}  // namespace weir
