#include "flow/value_cells.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/hash.h"
#include "flow/flow_cache.h"
#include "support/start.h"

namespace weir::flow {
namespace {

using weir::test::kStart;
constexpr double kTau = 2;

const std::vector<ValueFunction> kAll{ValueFunction::rate, ValueFunction::avg,  ValueFunction::min,
                                      ValueFunction::max,  ValueFunction::last, ValueFunction::count};

/// A cache whose flows keep every function of one number.
class CellCache {
 public:
  explicit CellCache(unsigned n = 5, bool valueIsCell = false, std::vector<ValueFunction> functions = kAll)
      : cells_(std::move(functions)), shape_{8, n, kTau, &cells_, valueIsCell} {}

  void add(std::uint64_t key, double number, Nanos now, double weight = 1) {
    const std::vector<SampleValue> values(cells_.count(), {number, hashBytes(&number, sizeof number), true});
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&key);
    const DecayTime time(now, kTau);
    float total = 0;
    std::uint64_t* cells = cache_.addForCells(bytes, KeyId::of(bytes, 8), weight, {time, shape_, arena_}, total);
    ASSERT_NE(cells, nullptr);
    EXPECT_GT(total, 0);
    cells_.add(cells, values.data(), weight, time, arena_);
  }
  std::vector<FlowCache::Flow> top(Nanos now) {
    std::vector<FlowCache::Flow> flows;
    cache_.top(flows, shape_.n, DecayTime(now, kTau), shape_);
    return flows;
  }
  double read(const FlowCache::Flow& flow, std::size_t index, Nanos now) {
    return cache_.read(flow, index, DecayTime(now, kTau), shape_).value;
  }
  FlowCache& cache() { return cache_; }
  const FlowCache::Shape& shape() const { return shape_; }
  Arena& arena() { return arena_; }

 private:
  ValueCells cells_;
  FlowCache::Shape shape_;
  Arena arena_{std::size_t{1} << 28};
  FlowCache cache_;
};

TEST(ValueCells, FunctionsOfOneFlow) {
  CellCache cache;
  Nanos now = kStart;
  double sum = 0, weight = 0;
  for (int i = 0; i < 1'000; ++i) {
    now += 10 * kMillisecond;
    const double number = 100 + i % 7;
    const double gain = std::exp(secondsFromNanos(now - kStart) / kTau);
    sum += 10 * number * gain;
    weight += 10 * gain;
    cache.add(1, number, now, 10);
  }
  const auto flows = cache.top(now);
  ASSERT_EQ(flows.size(), 1U);
  const double decay = std::exp(-secondsFromNanos(now - kStart) / kTau);
  EXPECT_NEAR(cache.read(flows[0], 0, now), sum * decay / kTau, 1e-6 * sum * decay);
  EXPECT_NEAR(cache.read(flows[0], 1, now), sum / weight, 1e-6);
  EXPECT_EQ(cache.read(flows[0], 2, now), 100);
  EXPECT_EQ(cache.read(flows[0], 3, now), 106);
  EXPECT_EQ(cache.read(flows[0], 4, now), 100 + 999 % 7);
  EXPECT_EQ(cache.read(flows[0], 5, now), 7);
  // 5 s later the windows are empty; rates have decayed and an average stays what it is.
  const Nanos later = now + 5 * kSecond;
  const auto old = cache.top(later);
  ASSERT_EQ(old.size(), 1U);
  EXPECT_NEAR(cache.read(old[0], 0, later), sum * decay / kTau * std::exp(-2.5), 1e-6 * sum * decay);
  EXPECT_NEAR(cache.read(old[0], 1, later), sum / weight, 1e-6);
  for (const std::size_t index : {2U, 3U, 5U}) EXPECT_EQ(cache.read(old[0], index, later), 0) << index;
  EXPECT_TRUE(cache.top(now + 21 * kSecond).empty());
}

TEST(ValueCells, WindowsForgetExtremes) {
  CellCache cache;
  // A window is 2 s long and begins at a multiple of that.
  cache.add(1, 9, kStart);
  cache.add(1, 1, kStart + kSecond);
  cache.add(1, 5, kStart + 2 * kSecond);
  auto at = [&](Nanos now, std::size_t index) { return cache.read(cache.top(now).at(0), index, now); };
  EXPECT_EQ(at(kStart + 3 * kSecond, 2), 1);
  EXPECT_EQ(at(kStart + 3 * kSecond, 3), 9);
  EXPECT_EQ(at(kStart + 4 * kSecond, 2), 5);
  EXPECT_EQ(at(kStart + 4 * kSecond, 3), 5);
  cache.add(1, 7, kStart + 4 * kSecond);
  EXPECT_EQ(at(kStart + 4 * kSecond, 3), 7);
  EXPECT_EQ(at(kStart + 4 * kSecond, 2), 5);
  EXPECT_EQ(at(kStart + 7 * kSecond, 2), 7);
  EXPECT_EQ(at(kStart + 8 * kSecond, 2), 0);
}

TEST(ValueCells, AbsentValuesLeaveThingsAsTheyAre) {
  const ValueCells cells(kAll);
  std::vector<std::uint64_t> words(cells.words());
  cells.init(words.data());
  Arena arena(std::size_t{1} << 22);
  const DecayTime now(kStart, kTau);
  const std::vector<SampleValue> none(cells.count(), {5, 5, false});
  cells.add(words.data(), none.data(), 1, now, arena);
  for (std::size_t i = 0; i < cells.count(); ++i) EXPECT_EQ(cells.read(words.data(), i, now, 1).value, 0) << i;
  EXPECT_EQ(arena.used(), 0U);
}

TEST(ValueCells, StayWithTheirFlowThroughGrowthLandmarksAndEviction) {
  CellCache cache(1000);
  std::mt19937_64 random(3);
  Nanos now = kStart;
  // Each flow's number is its key, and there are far more than fit for good; landmarks lie 32 s apart.
  for (int i = 0; i < 300'000; ++i) {
    now += 500'000;
    const std::uint64_t key = 1 + random() % (i % 3 == 0 ? 200'000 : 2'000);
    cache.add(key, static_cast<double>(key), now);
  }
  const auto flows = cache.top(now);
  ASSERT_EQ(flows.size(), 1'000U);
  for (const auto& flow : flows) {
    std::uint64_t key;
    std::memcpy(&key, flow.key, 8);
    const auto number = static_cast<double>(key);
    ASSERT_NEAR(cache.read(flow, 1, now), number, 1e-9 * number);
    ASSERT_EQ(cache.read(flow, 4, now), number);
    ASSERT_NEAR(cache.read(flow, 0, now), flow.value * number, 1e-4 * flow.value * number);
    const double seen = cache.read(flow, 5, now);
    ASSERT_TRUE(seen == 1 || seen == 0);
  }
  cache.cache().clear(cache.shape(), cache.arena());
  EXPECT_EQ(cache.arena().used(), 0U) << "the counters' memory too";
}

TEST(ValueCells, AFunctionAsValueOrdersTheFlows) {
  CellCache cache(5, true, {ValueFunction::avg});
  for (int i = 0; i < 100; ++i) {
    cache.add(1, 10, kStart);  // often, and small
    if (i % 50 == 0) cache.add(2, 1'000, kStart);
  }
  cache.add(3, 500, kStart);
  const auto flows = cache.top(kStart);
  ASSERT_EQ(flows.size(), 3U);
  EXPECT_EQ(flows[0].value, 1'000);
  EXPECT_EQ(flows[1].value, 500);
  EXPECT_EQ(flows[2].value, 10);
  EXPECT_EQ(cache.cache().largest(DecayTime(kStart, kTau), cache.shape()), 1'000);
  EXPECT_EQ(cache.cache().largest(DecayTime(kStart + 30 * kSecond, kTau), cache.shape()), 0) << "too old";
}

TEST(ValueCells, SumsStayNumbersWhateverComes) {
  CellCache cache;
  for (const double huge : {1e308, 1e308, -1e308, 5.0}) cache.add(1, huge, kStart);
  const auto flows = cache.top(kStart);
  EXPECT_TRUE(std::isfinite(cache.read(flows.at(0), 0, kStart)));
  EXPECT_TRUE(std::isfinite(cache.read(flows.at(0), 1, kStart)));
}

TEST(ValueCells, Combined) {
  using Reading = ValueCells::Reading;
  const auto value = [](ValueFunction f, Reading a, Reading b) { return combined(f, a, b).value; };
  EXPECT_EQ(value(ValueFunction::rate, {3, 1}, {4, 1}), 7);
  EXPECT_EQ(value(ValueFunction::avg, {10, 1}, {20, 3}), 17.5);
  EXPECT_EQ(combined(ValueFunction::avg, {10, 1}, {20, 3}).weight, 4);
  EXPECT_EQ(value(ValueFunction::min, {3, 1}, {4, 1}), 3);
  EXPECT_EQ(value(ValueFunction::min, {0, 0}, {4, 1}), 4) << "one without samples does not count";
  EXPECT_EQ(value(ValueFunction::max, {3, 1}, {4, 1}), 4);
  EXPECT_EQ(value(ValueFunction::count, {3, 1}, {4, 1}), 4);
}

}  // namespace
}  // namespace weir::flow
