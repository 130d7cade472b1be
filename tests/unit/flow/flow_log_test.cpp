#include "flow/flow_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "flow/flow_cache.h"
#include "support/start.h"

namespace weir::flow {
namespace {

using weir::test::kStart;

/// A table with keys of 8 octets, driven by key number; what it emits as values.
class Log {
 public:
  struct Emitted {
    std::uint64_t key;
    Nanos start, end;
    double total;
    friend bool operator==(const Emitted&, const Emitted&) = default;
  };

  explicit Log(FlowLogTable::Shape shape = {8, 5 * kSecond, 60 * kSecond, false}, std::size_t memory = 1U << 30)
      : shape_(shape), arena_(memory) {}

  void add(std::uint64_t key, double amount, Nanos now) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&key);
    table_.add({bytes, KeyId::of(bytes, 8).hash, amount}, now, shape_, arena_,
               [this](const FlowLogTable::Record& r) { take(r); });
  }
  void tick(Nanos now) {
    table_.tick(now, shape_, arena_, [this](const FlowLogTable::Record& r) { take(r); });
  }
  /// As many ticks as the largest table needs for a look.
  void ticks(Nanos now) {
    for (std::uint32_t i = 0; i < FlowLogTable::kMaxFlows / FlowLogTable::kLook; ++i) tick(now + i * kTick);
  }
  static constexpr Nanos kTick = 100 * kMillisecond;
  std::vector<Emitted> taken() { return std::exchange(emitted_, {}); }
  FlowLogTable& table() { return table_; }
  Arena& arena() { return arena_; }
  void clear() { table_.clear(shape_, arena_); }

 private:
  void take(const FlowLogTable::Record& r) {
    Emitted e{0, r.start, r.end, r.total};
    std::memcpy(&e.key, r.key, 8);
    emitted_.push_back(e);
  }
  FlowLogTable::Shape shape_;
  Arena arena_;
  FlowLogTable table_;
  std::vector<Emitted> emitted_;
};

TEST(FlowLog, RecordEndsWhenItsKeyWasIdle) {
  Log log;
  log.add(1, 100, kStart);
  log.add(1, 50, kStart + 3 * kSecond);
  EXPECT_EQ(log.table().open(), 1U);
  log.tick(kStart + 7'999 * kMillisecond);
  EXPECT_TRUE(log.taken().empty());
  log.tick(kStart + 8 * kSecond);
  EXPECT_EQ(log.taken(), (std::vector<Log::Emitted>{{1, kStart, kStart + 3 * kSecond, 150}}));
  EXPECT_EQ(log.table().open(), 0U);
  EXPECT_EQ(log.table().nextDue(), INT64_MAX);
  log.tick(kStart + 100 * kSecond);
  EXPECT_TRUE(log.taken().empty()) << "once";
}

TEST(FlowLog, ActiveKeyIsFlushedAndOpensTheNextRecord) {
  Log log({8, 5 * kSecond, 10 * kSecond, false});
  for (int i = 0; i <= 25; ++i) {
    log.tick(kStart + i * kSecond);
    log.add(1, 1, kStart + i * kSecond);
  }
  EXPECT_EQ(log.taken(), (std::vector<Log::Emitted>{{1, kStart, kStart + 9 * kSecond, 10},
                                                    {1, kStart + 10 * kSecond, kStart + 19 * kSecond, 10}}));
  EXPECT_EQ(log.table().open(), 1U);
}

TEST(FlowLog, ActiveTimeoutShorterThanIdle) {
  Log log({8, 5 * kSecond, kSecond, false});
  log.add(1, 7, kStart);
  log.tick(kStart + kSecond);
  EXPECT_EQ(log.taken(), (std::vector<Log::Emitted>{{1, kStart, kStart, 7}}));
}

TEST(FlowLog, FlowStartEmitsTheFirstSampleAndNothingAtTheEnd) {
  Log log({8, 5 * kSecond, 10 * kSecond, true});
  log.add(1, 100, kStart);
  EXPECT_EQ(log.taken(), (std::vector<Log::Emitted>{{1, kStart, kStart, 100}}));
  log.add(1, 50, kStart + kSecond);
  log.tick(kStart + 9 * kSecond);
  EXPECT_TRUE(log.taken().empty());
  EXPECT_EQ(log.table().open(), 0U) << "it ended at 6 s";
  log.add(1, 25, kStart + 12 * kSecond);
  EXPECT_EQ(log.taken(), (std::vector<Log::Emitted>{{1, kStart + 12 * kSecond, kStart + 12 * kSecond, 25}}));
  for (int i = 13; i < 22; ++i) log.add(1, 1, kStart + i * kSecond);
  log.tick(kStart + 22 * kSecond);
  log.add(1, 9, kStart + 22 * kSecond);
  EXPECT_EQ(log.taken(), (std::vector<Log::Emitted>{{1, kStart + 22 * kSecond, kStart + 22 * kSecond, 9}}))
      << "flushed by activeTimeout, so it starts again";
}

TEST(FlowLog, RecordsSayWhyTheyEnded) {
  using ipfix::FlowEnd;
  using Seen = std::map<FlowEnd, std::uint64_t>;
  FlowLogTable table;
  Arena arena(1U << 30);
  Seen seen;
  const auto emit = [&](const FlowLogTable::Record& r) { ++seen[r.why]; };
  const auto add = [&](std::uint64_t key, Nanos now, const FlowLogTable::Shape& shape) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&key);
    table.add({bytes, KeyId::of(bytes, 8).hash, 1}, now, shape, arena, emit);
  };
  const auto ticks = [&](Nanos now, const FlowLogTable::Shape& shape) {
    for (std::uint32_t i = 0; i < FlowLogTable::kMaxFlows / FlowLogTable::kLook; ++i) {
      table.tick(now + i * kMillisecond, shape, arena, emit);
    }
  };
  const FlowLogTable::Shape atEnd{8, 5 * kSecond, 10 * kSecond, false}, atStart{8, 5 * kSecond, 10 * kSecond, true};
  constexpr std::uint64_t kKeys = 2 * FlowLogTable::kMaxFlows;
  for (std::uint64_t key = 0; key < kKeys; ++key) add(key, kStart, atEnd);
  const std::uint64_t open = table.open();
  EXPECT_EQ(std::exchange(seen, {}), (Seen{{FlowEnd::noRoom, kKeys - open}}));
  add(kKeys - 1, kStart + 4 * kSecond, atEnd);
  ticks(kStart + 5 * kSecond, atEnd);
  EXPECT_EQ(std::exchange(seen, {}), (Seen{{FlowEnd::idle, open - 1}}));
  add(kKeys - 1, kStart + 8 * kSecond, atEnd);
  ticks(kStart + 10 * kSecond, atEnd);
  EXPECT_EQ(std::exchange(seen, {}), (Seen{{FlowEnd::active, 1}}));
  add(1, kStart + 20 * kSecond, atStart);
  EXPECT_EQ(seen, (Seen{{FlowEnd::open, 1}}));
}

TEST(FlowLog, TimeZeroIsATimeLikeAnyOther) {
  Log log;
  log.add(1, 2, 0);
  log.add(1, 3, 0);
  log.add(2, 4, 0);
  EXPECT_EQ(log.table().open(), 2U);
  log.tick(5 * kSecond);
  EXPECT_EQ(log.taken().size(), 2U);
  EXPECT_EQ(log.table().open(), 0U);
}

TEST(FlowLog, GrowthKeepsEveryRecord) {
  Log log;
  std::map<std::uint64_t, double> expected;
  for (std::uint64_t key = 0; key < 20'000; ++key) {
    log.add(key * 7919, static_cast<double>(key), kStart + static_cast<Nanos>(key));
    expected[key * 7919] = static_cast<double>(key) + 1;
  }
  for (const auto& [key, total] : expected) log.add(key, 1, kStart + kSecond);
  EXPECT_EQ(log.table().open(), 20'000U);
  EXPECT_TRUE(log.taken().empty()) << "nothing had to end early";
  log.ticks(kStart + 6 * kSecond);
  std::map<std::uint64_t, double> got;
  for (const auto& e : log.taken()) got[e.key] = e.total;
  EXPECT_EQ(got, expected);
}

TEST(FlowLog, FullTableEndsTheOldestAndLosesNothing) {
  Log log;
  constexpr std::uint64_t kKeys = 3 * FlowLogTable::kMaxFlows;
  for (std::uint64_t key = 0; key < kKeys; ++key) log.add(key, 1, kStart + static_cast<Nanos>(key));
  EXPECT_LE(log.table().open(), FlowLogTable::kMaxFlows);
  EXPECT_GT(log.table().open(), FlowLogTable::kMaxFlows / 2);
  auto ended = log.taken();
  EXPECT_EQ(ended.size() + log.table().open(), kKeys);
  for (const auto& e : ended) EXPECT_LT(e.start, kStart + static_cast<Nanos>(kKeys - 1)) << "never the newest";
  log.ticks(kStart + 6 * kSecond);
  for (const auto& e : log.taken()) ended.push_back(e);
  std::set<std::uint64_t> keys;
  for (const auto& e : ended) keys.insert(e.key);
  EXPECT_EQ(keys.size(), kKeys) << "each key has its record";
  EXPECT_EQ(ended.size(), kKeys);
  EXPECT_EQ(log.table().open(), 0U);
}

TEST(FlowLog, FullTableWithFlowStartStaysSilentAboutTheOldest) {
  Log log({8, 5 * kSecond, 60 * kSecond, true});
  constexpr std::uint64_t kKeys = 2 * FlowLogTable::kMaxFlows;
  for (std::uint64_t key = 0; key < kKeys; ++key) log.add(key, 1, kStart + static_cast<Nanos>(key));
  EXPECT_EQ(log.taken().size(), kKeys) << "one at each start, none at an end";
}

TEST(FlowLog, WithoutMoreMemoryTheTableStaysAtItsSize) {
  Log log({8, 5 * kSecond, 60 * kSecond, false}, 4096);
  for (std::uint64_t key = 0; key < 1'000; ++key) log.add(key, 1, kStart + static_cast<Nanos>(key));
  EXPECT_EQ(log.taken().size() + log.table().open(), 1'000U);
}

TEST(FlowLog, NextDueNeverComesTooLate) {
  // Against a naive list: at every tick exactly what is due has been emitted.
  Log log({8, 2 * kSecond, 7 * kSecond, false});
  struct Naive {
    Nanos start, last;
    double total;
  };
  std::map<std::uint64_t, Naive> open;
  std::uint64_t state = 12345;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % below;
  };
  Nanos now = kStart;
  for (int step = 0; step < 20'000; ++step) {
    now += static_cast<Nanos>(random(100)) * kMillisecond;
    const std::uint64_t key = random(40) * random(40);
    if (random(3) == 0) {
      std::vector<Log::Emitted> expected;
      std::erase_if(open, [&](const auto& entry) {
        const auto& [k, n] = entry;
        if (std::min(n.last + 2 * kSecond, n.start + 7 * kSecond) > now) return false;
        expected.push_back({k, n.start, n.last, n.total});
        return true;
      });
      if (log.table().nextDue() > now) {
        EXPECT_TRUE(expected.empty()) << "due before nextDue()";
      }
      log.tick(now);
      auto got = log.taken();
      std::sort(got.begin(), got.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
      ASSERT_EQ(got, expected) << step;
    }
    log.add(key, 1, now);
    auto [at, isNew] = open.try_emplace(key, Naive{now, now, 0});
    at->second.last = now;
    at->second.total += 1;
  }
}

TEST(FlowLog, LargeTableIsLookedThroughInParts) {
  Log log;
  constexpr std::uint64_t kKeys = 20'000;
  for (std::uint64_t key = 0; key < kKeys; ++key) log.add(key * 7919, 1, kStart);
  ASSERT_TRUE(log.taken().empty()) << "nothing had to end early";
  ASSERT_GT(log.table().capacity(), 4 * FlowLogTable::kLook);
  std::size_t ended = 0;
  for (Nanos now = kStart + 5 * kSecond; log.table().open() != 0; now += Log::kTick) {
    ASSERT_LE(now, kStart + 5'800 * kMillisecond);
    ASSERT_LE(log.table().nextDue(), now);
    log.tick(now);
    const std::size_t some = log.taken().size();
    EXPECT_GT(some, 0U);
    EXPECT_LE(some, FlowLogTable::kLook);
    ended += some;
  }
  EXPECT_EQ(ended, kKeys);
}

TEST(FlowLog, RecordsOfALargeTableEndSoonAfterTheyAreDue) {
  // Against a naive list, with the table growing, being looked through and getting smaller again.
  Log log({8, 2 * kSecond, 5 * kSecond, false});
  struct Naive {
    Nanos start, last;
    double total;
  };
  std::map<std::uint64_t, Naive> open;
  std::uint64_t state = 99;
  std::size_t ended = 0;
  Nanos latest = 0;
  for (int step = 0; step < 160; ++step) {
    const Nanos now = kStart + step * Log::kTick;
    log.tick(now);
    for (const auto& e : log.taken()) {
      const auto at = open.find(e.key);
      ASSERT_NE(at, open.end());
      const Naive& n = at->second;
      ASSERT_EQ(e, (Log::Emitted{e.key, n.start, n.last, n.total}));
      const Nanos due = std::min(n.last + 2 * kSecond, n.start + 5 * kSecond);
      ASSERT_LE(due, now) << "never early";
      latest = std::max(latest, now - due);
      open.erase(at);
      ++ended;
    }
    const int adds = step < 60 ? 3'000 : step < 100 ? 20 : 0;
    for (int i = 0; i < adds; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const std::uint64_t key = (state >> 33) % 20'000 * 7919;
      log.add(key, 1, now);
      Naive& n = open.try_emplace(key, Naive{now, now, 0}).first->second;
      n.last = now;
      n.total += 1;
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_GT(ended, 20'000U);
  EXPECT_GT(latest, 2 * Log::kTick) << "the table was large";
  EXPECT_LE(latest, 9 * Log::kTick);
  EXPECT_EQ(log.arena().used(), 0U);
}

TEST(FlowLog, MostlyEmptyTableGetsSmallerAndKeepsItsRecords) {
  Log log;
  for (std::uint64_t key = 0; key < 30'000; ++key) log.add(key, 1, kStart);
  const std::size_t full = log.arena().used();
  for (std::uint64_t key = 0; key < 100; ++key) log.add(key * 300, 1, kStart + 4 * kSecond);
  log.ticks(kStart + 5 * kSecond);
  EXPECT_EQ(log.taken().size(), 29'900U);
  EXPECT_EQ(log.table().open(), 100U);
  EXPECT_LE(log.table().capacity(), 1'024U);
  EXPECT_LT(log.arena().used(), full / 10);
  for (std::uint64_t key = 0; key < 100; ++key) log.add(key * 300, 1, kStart + 6 * kSecond);
  log.ticks(kStart + 11 * kSecond);
  const auto rest = log.taken();
  ASSERT_EQ(rest.size(), 100U);
  for (const auto& e : rest) EXPECT_EQ(e.total, 3);
  EXPECT_EQ(log.arena().used(), 0U) << "an empty one gives its memory back";
  EXPECT_EQ(log.table().capacity(), 0U);
}

TEST(FlowLog, TickEmitsInTheSameOrderWhateverTheTableHeldBefore) {
  // The caller sorts; still the order must be a function of what was added.
  const auto run = [] {
    Log log;
    for (std::uint64_t key = 0; key < 500; ++key) log.add(key * 31, 1, kStart);
    log.tick(kStart + 5 * kSecond);
    return log.taken();
  };
  EXPECT_EQ(run(), run());
}

TEST(FlowLog, ClearGivesTheMemoryBack) {
  Log log;
  for (std::uint64_t key = 0; key < 5'000; ++key) log.add(key, 1, kStart);
  EXPECT_GT(log.arena().used(), 5'000U * 40);
  log.clear();
  EXPECT_EQ(log.arena().used(), 0U);
  EXPECT_EQ(log.table().open(), 0U);
  log.add(1, 1, kStart);
  EXPECT_EQ(log.table().open(), 1U);
}

TEST(FlowLog, EmptyKeyIsOneFlow) {
  FlowLogTable table;
  Arena arena(1U << 20);
  const FlowLogTable::Shape shape{0, 5 * kSecond, 60 * kSecond, false};
  std::vector<double> totals;
  const auto emit = [&](const FlowLogTable::Record& r) { totals.push_back(r.total); };
  const std::uint8_t key[1] = {};
  for (int i = 0; i < 100; ++i) table.add({key, KeyId::of(key, 0).hash, 2}, kStart, shape, arena, emit);
  EXPECT_EQ(table.open(), 1U);
  table.tick(kStart + 5 * kSecond, shape, arena, emit);
  EXPECT_EQ(totals, std::vector<double>{200});
}

}  // namespace
}  // namespace weir::flow
