#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace weir {
namespace {

std::string printed(const auto& action) {
  testing::internal::CaptureStderr();
  action();
  return testing::internal::GetCapturedStderr();
}

const std::string kTime = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z ";

TEST(Log, LinesHaveTimeLevelAndText) {
  EXPECT_THAT(printed([] { log::info("Listening, sFlow port 6343"); }),
              testing::MatchesRegex(kTime + "INFO: Listening, sFlow port 6343\n"));
  EXPECT_THAT(printed([] { log::warning("100% {} of %v"); }),
              testing::MatchesRegex(kTime + "WARNING: 100% .. of %v\n"));
  EXPECT_THAT(printed([] { log::error("no"); }), testing::MatchesRegex(kTime + "ERROR: no\n"));
  EXPECT_THAT(printed([] { log::lastWords("no memory"); }), testing::MatchesRegex(kTime + "ERROR: no memory\n"));
}

TEST(Log, ReceivedTextCannotForgeALine) {
  const std::string out = printed([] { log::info("agent \n2020-03-09T23:31:24Z ERROR: forged\x1b[2J"); });
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
  EXPECT_THAT(out, testing::HasSubstr("agent \\n2020-03-09T23:31:24Z ERROR: forged\\x1b[2J\n"));
}

TEST(Log, EscapesControlsAndKeepsUtf8) {
  EXPECT_EQ(log::escaped("a\tb\rc\x7f"), "a\\tb\\rc\\x7f");
  EXPECT_EQ(log::escaped(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(log::escaped("Gr\xC3\xB6\xC3\x9F"
                         "e \xE2\x80\xA6"),
            "Gr\xC3\xB6\xC3\x9F"
            "e \xE2\x80\xA6");
  EXPECT_EQ(log::escaped("\xC2\x9B"
                         "31m"),
            "\\xc2\\x9b31m");
  EXPECT_EQ(log::escaped("\xFF\xC3"), "\\xff\\xc3");
}

TEST(Log, LimitedWarningsSaySuppressed) {
  RateLimit limit(2);
  const std::string out = printed([&] {
    for (int i = 0; i < 5; ++i) log::warning(limit, "bad datagram");
  });
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  EXPECT_THAT(out, testing::Not(testing::HasSubstr("suppressed")));
}

TEST(RateLimit, AdmitsAFewASecondAndCountsTheRest) {
  RateLimit limit(2);
  const Nanos t = 5 * kSecond;
  EXPECT_TRUE(limit.admit(t).admitted);
  EXPECT_TRUE(limit.admit(t + 1).admitted);
  EXPECT_FALSE(limit.admit(t + 2).admitted);
  EXPECT_FALSE(limit.admit(t + kSecond - 1).admitted);
  const auto next = limit.admit(t + kSecond);
  EXPECT_TRUE(next.admitted);
  EXPECT_EQ(next.suppressed, 2u);
  EXPECT_EQ(limit.admit(t + kSecond + 1).suppressed, 0u);
}

TEST(RateLimit, OfAnyInterval) {
  RateLimit limit(1, 60 * kSecond);
  EXPECT_TRUE(limit.admit(5 * kSecond).admitted);
  EXPECT_FALSE(limit.admit(64 * kSecond).admitted);
  const auto verdict = limit.admit(65 * kSecond);
  EXPECT_TRUE(verdict.admitted);
  EXPECT_EQ(verdict.suppressed, 1U);
}

TEST(RateLimit, BeginsWithAnyClockValue) {
  RateLimit limit(1);
  EXPECT_TRUE(limit.admit(0).admitted);
  EXPECT_FALSE(limit.admit(1).admitted);
}

TEST(RateLimit, CountsFromManyThreads) {
  RateLimit limit(1);
  ASSERT_TRUE(limit.admit(0).admitted);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) EXPECT_FALSE(limit.admit(1).admitted);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(limit.admit(kSecond).suppressed, 4000u);
}

}  // namespace
}  // namespace weir
