#include "base/guarded.h"

#include <gtest/gtest.h>

#include <thread>
#include <type_traits>
#include <vector>

namespace weir {
namespace {

TEST(Guarded, OneAtATime) {
  Guarded<std::vector<int>> values;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) values.lock()->push_back(i);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(values.lock()->size(), 8'000U);
}

TEST(Guarded, ConstGivesConst) {
  const Guarded<int> value(7);
  EXPECT_EQ(*value.lock(), 7);
  static_assert(std::is_same_v<decltype(*value.lock()), const int&>);
}

TEST(Guarded, ReadersShare) {
  Guarded<int, std::shared_mutex> value(7);
  const auto one = value.share();
  const auto other = value.share();
  EXPECT_EQ(*one + *other, 14);
  static_assert(std::is_same_v<decltype(*one), const int&>);
}

TEST(Guarded, WaitingGivesTheLockUp) {
  Guarded<int> value(0);
  std::condition_variable changed;
  std::thread other([&] {
    *value.lock() = 1;
    changed.notify_all();
  });
  auto access = value.lock();
  access.wait(changed, [](int v) { return v == 1; });
  EXPECT_EQ(*access, 1);
  EXPECT_FALSE(access.waitFor(changed, kMillisecond, [](int v) { return v == 2; }));
  other.join();
}

TEST(Guarded, AStopEndsWaiting) {
  Guarded<int> value(0);
  std::condition_variable_any changed;
  std::stop_source stop;
  std::thread other([&] { stop.request_stop(); });
  EXPECT_FALSE(value.lock().wait(changed, stop.get_token(), [](int v) { return v == 1; }));
  EXPECT_FALSE(value.lock().waitFor(changed, stop.get_token(), 3'600 * kSecond, [](int v) { return v == 1; }));
  other.join();
}

}  // namespace
}  // namespace weir
