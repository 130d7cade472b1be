// Scenarios of one watched thing, as text. A line is one step:
//   at 3.5s above expect fire            a metric is above its limit, and stays so until its next sample
//   at 3.5s above until 7s expect fire   a flow is above; alone it will have decayed to its limit at 7 s
//   at 3.5s below                        a sample at or below the limit
#include <gtest/gtest.h>

#include <sstream>

#include "event/threshold.h"

namespace weir::event {
namespace {

// `3.5s`: the unit is for the reader.
Nanos timeOf(const std::string& word) {
  return nanosFromSeconds(std::stod(word));
}

void play(double timeoutSeconds, const std::string& scenario) {
  const Nanos timeout = nanosFromSeconds(timeoutSeconds);
  Arming arming;
  std::istringstream lines(scenario);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    std::string at, time, what, word;
    if (!(in >> at)) continue;
    ASSERT_TRUE(at == "at" && in >> time >> what) << line;
    if (what == "below") {
      arming.below(timeOf(time));
      continue;
    }
    ASSERT_EQ(what, "above") << line;
    Nanos below = INT64_MAX;
    in >> word;
    if (word == "until") {
      std::string end;
      in >> end >> word;
      below = timeOf(end);
    }
    std::string expected;
    ASSERT_TRUE(word == "expect" && in >> expected && (expected == "fire" || expected == "silence")) << line;
    const bool armed = arming.armedAt(timeout) <= timeOf(time);
    EXPECT_EQ(arming.above(timeOf(time), below, timeout), expected == "fire") << line;
    EXPECT_EQ(armed, expected == "fire") << "armed() says otherwise: " << line;
  }
}

TEST(Arming, FiresOnTheStepToAboveOnly) {
  play(2, R"(
    at 0s above expect fire
    at 1s above expect silence
    at 100s above expect silence
  )");
}

TEST(Arming, MetricThatFellIsSilentUntilItStayedBelowForTheTimeout) {
  play(10, R"(
    at 0s above expect fire
    at 20s below
    at 29.9s above expect silence
    at 40s below
    at 50s above expect fire
    at 60s above expect silence
  )");
}

TEST(Arming, FurtherSamplesBelowDoNotStartTheTimeoutAgain) {
  play(10, R"(
    at 0s above expect fire
    at 5s below
    at 9s below
    at 14s below
    at 15s above expect fire
  )");
}

TEST(Arming, AStepAboveInBetweenStartsTheTimeoutAgain) {
  play(10, R"(
    at 0s above expect fire
    at 5s below
    at 14s above expect silence
    at 16s below
    at 25s above expect silence
    at 30s below
    at 40s above expect fire
  )");
}

TEST(Arming, WithoutATimeoutEveryCrossingFires) {
  play(0, R"(
    at 0s above expect fire
    at 1s above expect silence
    at 2s below
    at 2s above expect fire
  )");
  play(0, R"(
    at 3s above until 4s expect fire
    at 3.9s above until 4s expect silence
    at 4s above until 6s expect fire
  )");
}

TEST(Arming, BelowBeforeAnythingFiredIsNothing) {
  play(5, R"(
    at 0s below
    at 1s below
    at 1.5s above expect fire
  )");
}

TEST(Arming, DecayingFlowIsArmedTheTimeoutAfterItFell) {
  play(2, R"(
    at 0s above until 3s expect fire
    at 1s above until 5s expect silence
    at 6.9s above until 8s expect silence
    at 10s above until 11s expect fire
  )");
}

TEST(Arming, DecayingFlowThatFellAndCameBackTooSoonIsSilent) {
  play(2, R"(
    at 0s above until 1s expect fire
    at 2.9s above until 3.5s expect silence
    at 5.4s above until 6s expect silence
    at 8s above until 9s expect fire
  )");
}

TEST(Arming, OfSeveralFlowsTheLastToFallDecides) {
  play(1, R"(
    at 0s above until 10s expect fire
    at 1s above until 3s expect silence
    at 4.5s above until 5s expect silence
    at 10.9s above until 10.95s expect silence
    at 11.96s above until 12s expect fire
  )");
}

TEST(Arming, TimeoutBeyondAllTimeNeverArmsAgain) {
  play(1e300, R"(
    at 0s above until 1s expect fire
    at 9000000000s above expect silence
  )");
}

}  // namespace
}  // namespace weir::event
