#include "engine/listeners.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>
#include <latch>
#include <thread>
#include <utility>

namespace weir::engine {
namespace {

using InReplay = SubscriptionOptions::InReplay;

/// The listener's thread, where the test runs its tasks by hand.
class ByHand {
 public:
  [[nodiscard]] std::function<void(std::function<void()>)> run() {
    return [this](std::function<void()> task) { tasks_.push_back(std::move(task)); };
  }
  void runAll() {
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }
  [[nodiscard]] std::size_t waiting() const { return tasks_.size(); }

 private:
  std::deque<std::function<void()>> tasks_;
};

/// Notes what it hears: ids of records, "t" and the time of timers, "!" and the number of lost news, "+" and a name.
struct Notes {
  std::string text;
  void operator()(const News& news) {
    std::visit(
        [&](const auto& told) {
          if constexpr (requires { told->id; }) {
            text += std::to_string(told->id);
          } else if constexpr (requires { told.timer; }) {
            text += "t" + std::to_string(told.time / kMillisecond);
          } else if constexpr (requires { told.count; }) {
            text += "!" + std::to_string(told.count);
          } else if constexpr (requires { told.name; }) {
            text += "+" + told.name;
          } else {
            text += "log";
          }
        },
        news);
    text += ' ';
  }
};

class ListenersTest : public testing::Test {
 protected:
  void append(const char* threshold = "t") {
    event::Event event;
    event.thresholdId = threshold;
    listeners->appendAndTell(std::move(event), [&](const event::Event&) { return ++lastId; });
  }
  Subscription subscribe(SubscriptionOptions options, Notes& notes) {
    Subscription subscription = listeners->subscribe(std::move(options));
    subscription.listen([&](const News& news) { notes(news); });
    return subscription;
  }
  /// The replay's driver: brings the clock to `time`, and lets it stand wherever that is wanted.
  void goTo(Nanos time) {
    while (true) {
      const Nanos stop = listeners->nextStop(now, time);
      if (stop > time) break;
      now = std::max(now, stop);
      listeners->stand(now, {});
    }
    now = time;
  }

  Nanos now = 0;
  std::int64_t lastId = 0;
  std::shared_ptr<Listeners> listeners = std::make_shared<Listeners>(Listeners::Clock::replay, [this] { return now; });
};

TEST_F(ListenersTest, EachHearsWhatItWantsOnceInOrder) {
  ByHand hand;
  Notes all, events, definitions, logs;
  const auto a = subscribe({.name = "a", .events = true, .definitions = true, .run = hand.run()}, all);
  const auto b = subscribe({.name = "b", .events = true, .run = hand.run()}, events);
  const auto c = subscribe({.name = "c", .flowRecords = true, .definitions = true, .run = hand.run()}, definitions);
  const auto d = subscribe({.name = "d", .logs = true, .run = hand.run()}, logs);
  append();
  listeners->tell(DefinitionChanged{DefinitionKind::flow, "pairs"});
  append();
  listeners->tell(LogsAppended{});
  listeners->tell(LogsAppended{});
  EXPECT_EQ(all.text + events.text + definitions.text + logs.text, "") << "only on its own thread";
  hand.runAll();
  EXPECT_EQ(all.text, "1 +pairs 2 ");
  EXPECT_EQ(events.text, "1 2 ");
  EXPECT_EQ(definitions.text, "+pairs ");
  EXPECT_EQ(logs.text, "log ") << "told once for all that came since";
  listeners->tell(LogsAppended{});
  append();
  hand.runAll();
  EXPECT_EQ(events.text, "1 2 3 ");
  EXPECT_EQ(logs.text, "log log ");
}

TEST_F(ListenersTest, OneTaskIsUnderWay) {
  ByHand hand;
  Notes notes;
  const auto a = subscribe({.name = "a", .events = true, .run = hand.run()}, notes);
  for (int i = 0; i < 500; ++i) append();
  EXPECT_EQ(hand.waiting(), 1U);
  hand.runAll();
  EXPECT_EQ(std::ranges::count(notes.text, ' '), 500);
}

TEST_F(ListenersTest, NewsWaitForTheHandler) {
  ByHand hand;
  Notes notes;
  Subscription early = listeners->subscribe({.name = "early", .events = true, .run = hand.run()});
  append();
  early.listen([&](const News& news) { notes(news); });
  hand.runAll();
  EXPECT_EQ(notes.text, "1 ");
}

TEST_F(ListenersTest, SlowOneLosesOnlyItsOwn) {
  ByHand fastThread, slowThread;
  Notes fast, slow;
  const auto a = subscribe({.name = "slow", .events = true, .room = 3, .run = slowThread.run()}, slow);
  const auto b = subscribe({.name = "fast", .events = true, .room = 3, .run = fastThread.run()}, fast);
  for (int i = 0; i < 7; ++i) {
    append();
    fastThread.runAll();
  }
  EXPECT_EQ(a.lost(), 4U);
  slowThread.runAll();
  append();
  slowThread.runAll();
  fastThread.runAll();
  EXPECT_EQ(fast.text, "1 2 3 4 5 6 7 8 ");
  EXPECT_EQ(slow.text, "1 2 3 !4 8 ") << "it hears where its gap is";
  const auto figures = listeners->figures();
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].name, "slow");
  EXPECT_EQ(figures[0].lost, 4U);
  EXPECT_EQ(figures[0].told, 5U);
  EXPECT_EQ(figures[1].name, "fast");
  EXPECT_EQ(figures[1].lost, 0U);
  EXPECT_EQ(figures[1].told, 8U);
}

TEST_F(ListenersTest, BlockedThreadHoldsNeitherWhoTellsNorOthers) {
  std::latch entered(1), go(1);
  Subscription slow = listeners->subscribe({.name = "slow", .events = true, .room = 2});
  slow.listen([&, first = true](const News&) mutable {
    if (std::exchange(first, false)) entered.count_down();
    go.wait();
  });
  std::promise<void> heardAll;
  Subscription fast = listeners->subscribe({.name = "fast", .events = true});
  fast.listen([&](const News& news) {
    if (std::get<std::shared_ptr<const event::Event>>(news)->id == 1'000) heardAll.set_value();
  });
  append();
  entered.wait();
  for (int i = 1; i < 1'000; ++i) append();
  heardAll.get_future().wait();
  EXPECT_EQ(slow.lost(), 997U) << "one is being handled, two wait";
  EXPECT_EQ(fast.lost(), 0U);
  go.count_down();
}

TEST_F(ListenersTest, EndWaitsForTheCallThatIsUnderWay) {
  std::latch entered(1);
  std::atomic<bool> left = false;
  const auto held = std::make_shared<int>(1);
  Subscription subscription = listeners->subscribe({.name = "a", .events = true});
  subscription.listen([&, held, first = true](const News&) mutable {
    if (std::exchange(first, false)) entered.count_down();
    while (!listeners->figures().empty()) std::this_thread::yield();  // until end() is under way
    left = true;
  });
  append();
  entered.wait();
  subscription.end();
  EXPECT_TRUE(left);
  EXPECT_EQ(held.use_count(), 1) << "the handler does not exist any more";
  subscription.end();
}

TEST_F(ListenersTest, EndsItselfInsideItsCallback) {
  for (const bool ownThread : {true, false}) {
    ByHand hand;
    std::atomic<int> heard = 0;
    const auto held = std::make_shared<int>(1);
    SubscriptionOptions options{.name = "a", .events = true};
    if (!ownThread) options.run = hand.run();
    Subscription subscription = listeners->subscribe(std::move(options));
    std::latch ended(1);
    subscription.listen([&, held](const News&) {
      ++heard;
      subscription.end();
      ended.count_down();
    });
    append();
    append();
    hand.runAll();
    ended.wait();
    append();
    subscription.end();  // waits for the call that we may be in the end of
    hand.runAll();
    EXPECT_EQ(heard, 1);
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_TRUE(listeners->figures().empty());
  }
}

TEST_F(ListenersTest, EndWhileFullGivesUpWhatWaits) {
  ByHand hand;
  Notes notes;
  const auto other = listeners->subscribe({.name = "other", .events = true, .run = hand.run()});
  {
    const auto full = subscribe({.name = "full", .events = true, .room = 2, .run = hand.run()}, notes);
    for (int i = 0; i < 5; ++i) append();
    EXPECT_EQ(full.lost(), 3U);
  }
  hand.runAll();
  EXPECT_EQ(notes.text, "");
  const auto figures = listeners->figures();
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_EQ(figures[0].name, "other");
  EXPECT_EQ(figures[0].waiting, 5U) << "it has no handler yet";
}

TEST_F(ListenersTest, EndReleasesAReplayThatWaits) {
  std::latch entered(1), go(1);
  Subscription slow = listeners->subscribe({.name = "slow", .events = true, .room = 1, .inReplay = InReplay::waits});
  slow.listen([&, first = true](const News&) mutable {
    if (std::exchange(first, false)) entered.count_down();
    go.wait();
  });
  append();
  entered.wait();
  append();
  append();
  std::thread driver([&] { listeners->settle(true, {}); });
  go.count_down();
  slow.end();
  driver.join();
}

TEST_F(ListenersTest, StopReleasesAReplayThatWaits) {
  ByHand never;
  Notes notes;
  const auto slow =
      subscribe({.name = "slow", .events = true, .room = 1, .inReplay = InReplay::waits, .run = never.run()}, notes);
  append();
  append();
  std::stop_source stop;
  std::thread driver([&] {
    listeners->settle(false, stop.get_token());
    listeners->settle(true, stop.get_token());
  });
  stop.request_stop();
  driver.join();
  EXPECT_EQ(slow.lost(), 0U) << "a replay that waits for its listener loses nothing";
}

TEST_F(ListenersTest, SubscriptionsComeAndGoWhileNewsCome) {
  std::atomic<bool> over = false;
  std::atomic<int> heard = 0;
  std::thread teller([&] {
    while (!over) append();
  });
  for (int round = 0; round < 200; ++round) {
    Subscription one = listeners->subscribe({.name = "one", .events = true, .room = 4});
    Subscription two = listeners->subscribe({.name = "two", .events = true});
    one.listen([&](const News&) { ++heard; });
    two.listen([&, seen = std::int64_t{0}](const News& news) mutable {
      if (const auto* event = std::get_if<std::shared_ptr<const event::Event>>(&news)) {
        EXPECT_GT((*event)->id, seen);
        seen = (*event)->id;
      }
      ++heard;
      two.after(kMillisecond);
    });
    while (heard <= round) std::this_thread::yield();
  }
  over = true;
  teller.join();
  EXPECT_TRUE(listeners->figures().empty());
}

TEST_F(ListenersTest, TimersOfAReplay) {
  ByHand hand;
  Notes notes;
  Subscription a = subscribe({.name = "a", .events = true, .run = hand.run()}, notes);
  a.after(500 * kMillisecond);
  a.every(kSecond);
  goTo(10'250 * kMillisecond);
  append();
  EXPECT_EQ(notes.text, "");
  goTo(10'999 * kMillisecond);
  hand.runAll();
  EXPECT_EQ(notes.text, "1 t10750 ") << "the clock began at 10.25 s";
  notes.text.clear();
  goTo(11 * kSecond);
  append();
  goTo(12'500 * kMillisecond);
  hand.runAll();
  EXPECT_EQ(notes.text, "t11000 2 ") << "its next was due while that one waited";
  notes.text.clear();
  const TimerId gone = a.after(100 * kMillisecond);
  const TimerId fired = a.after(50 * kMillisecond);
  a.after(0);
  goTo(12'580 * kMillisecond);
  a.cancel(gone);
  a.cancel(fired);
  goTo(13'500 * kMillisecond);
  hand.runAll();
  EXPECT_EQ(notes.text, "t12501 t13000 ") << "not at once, or a handler could hold the clock for ever";
}

TEST_F(ListenersTest, AReplayThatWaitsLeavesNoTimerOut) {
  ByHand hand;
  Notes notes;
  Subscription a =
      subscribe({.name = "a", .events = true, .room = 2, .inReplay = InReplay::waits, .run = hand.run()}, notes);
  a.every(kSecond);
  goTo(kSecond);
  goTo(4 * kSecond);
  append();
  std::thread driver([&] { listeners->settle(false, {}); });  // until there is room
  hand.runAll();
  driver.join();
  EXPECT_EQ(notes.text, "t2000 t3000 t4000 1 ");
}

TEST_F(ListenersTest, TimersNeedNoRoom) {
  ByHand hand;
  Notes notes;
  Subscription a = subscribe({.name = "a", .events = true, .room = 1, .run = hand.run()}, notes);
  goTo(kSecond);
  a.after(kSecond);
  a.after(kSecond);
  append();
  append();
  goTo(3 * kSecond);
  append();
  hand.runAll();
  EXPECT_EQ(notes.text, "1 !1 t2000 t2000 !1 ");
}

TEST_F(ListenersTest, TimersEndWithTheirSubscription) {
  ByHand hand;
  Notes notes;
  {
    Subscription a = subscribe({.name = "a", .run = hand.run()}, notes);
    a.every(kSecond);
    goTo(kSecond);
    a.after(kSecond);
  }
  EXPECT_EQ(listeners->nextStop(now, now + 1), INT64_MAX);
}

TEST_F(ListenersTest, InLockStepTheClockStandsAtTicksAndTimers) {
  Notes notes;
  Subscription a = listeners->subscribe({.name = "a", .events = true, .inReplay = InReplay::lockStep});
  std::string places;
  a.listen([&](const News& news) {
    notes(news);
    places += std::to_string(now / kMillisecond) + " ";
    if (std::holds_alternative<TimerFired>(news) && now < 1'100 * kMillisecond) a.after(20 * kMillisecond);
  });
  goTo(1'010 * kMillisecond);
  append();
  goTo(1'050 * kMillisecond);
  EXPECT_EQ(notes.text, "") << "told when the clock stands at a full tick";
  goTo(1'150 * kMillisecond);
  a.after(10 * kMillisecond);
  append();
  goTo(1'165 * kMillisecond);
  EXPECT_EQ(notes.text, "1 2 t1160 ");
  EXPECT_EQ(places, "1100 1160 1160 ");
  append();
  listeners->settle(true, {});
  EXPECT_EQ(notes.text, "1 2 t1160 3 ") << "at the end what is left";
}

TEST_F(ListenersTest, NothingAfterClose) {
  ByHand hand;
  Notes notes;
  Subscription a = subscribe({.name = "a", .run = hand.run()}, notes);
  now = kSecond;
  a.after(kSecond);
  listeners->close();
  listeners.reset();
  a.after(kSecond);
  a.cancel(a.every(kSecond));
  a.end();
}

TEST(ListenersOfTheSystem, TimersFire) {
  const auto listeners = std::make_shared<Listeners>(Listeners::Clock::system, systemNow);
  Subscription a = listeners->subscribe({.name = "a"});
  std::promise<void> thrice;
  TimerId every = 0;
  int count = 0;
  Nanos last = 0;
  every = a.every(2 * kMillisecond);
  a.listen([&](const News& news) {
    const auto& fired = std::get<TimerFired>(news);
    EXPECT_EQ(fired.timer, every);
    EXPECT_EQ(fired.time % (2 * kMillisecond), 0);
    EXPECT_GT(fired.time, last);
    EXPECT_LE(fired.time, systemNow()) << "not early";
    last = fired.time;
    if (++count == 3) thrice.set_value();
  });
  EXPECT_EQ(thrice.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  std::promise<void> once;
  Subscription b = listeners->subscribe({.name = "b"});
  b.listen([&](const News&) { once.set_value(); });
  b.after(3'600 * kSecond);
  b.after(kMillisecond);
  EXPECT_EQ(once.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready)
      << "a timer that is due earlier than those before it";
}

}  // namespace
}  // namespace weir::engine
