#include "ipfix/collector_names.h"

#include <gtest/gtest.h>

#include "flows.h"

namespace weir::ipfix {
namespace {

using Names = std::vector<std::string>;
using test::address;

Expected<HostAddresses> answer(std::initializer_list<const char*> addresses, Nanos lifetime = 300 * kSecond) {
  HostAddresses out{{}, lifetime};
  for (const char* each : addresses) out.list.push_back(address(each));
  return out;
}

TEST(CollectorNames, AskedOnceAndAgainWhenOld) {
  CollectorNames names;
  EXPECT_EQ(names.nextQuestion(), INT64_MAX);
  names.want({"a", "b"});
  EXPECT_EQ(names.toAsk(0), (Names{"a", "b"}));
  EXPECT_EQ(names.toAsk(100 * kSecond), Names{}) << "it is asked";
  EXPECT_EQ(names.address("a"), std::nullopt);
  names.answered("a", answer({"10.0.0.1", "10.0.0.2"}), 0);
  EXPECT_EQ(names.address("a"), address("10.0.0.1"));
  EXPECT_EQ(names.nextQuestion(), 300 * kSecond);
  EXPECT_EQ(names.toAsk(300 * kSecond), Names{"a"});
  names.answered("a", answer({"10.0.0.2", "10.0.0.1"}, 1), 300 * kSecond);
  EXPECT_EQ(names.address("a"), address("10.0.0.1")) << "shuffled";
  EXPECT_EQ(names.nextQuestion(), 300 * kSecond + CollectorNames::kLeastLifetime);
  EXPECT_EQ(names.toAsk(400 * kSecond), Names{"a"});
  names.answered("a", answer({"10.0.0.7"}, 1'000'000 * kSecond), 400 * kSecond);
  EXPECT_EQ(names.address("a"), address("10.0.0.7"));
  EXPECT_EQ(names.nextQuestion(), 400 * kSecond + CollectorNames::kMostLifetime);
}

TEST(CollectorNames, FailuresAreTriedAgainLessAndLessOften) {
  CollectorNames names;
  names.want({"a"});
  Nanos now = 0;
  std::vector<Nanos> pauses;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(names.toAsk(now), Names{"a"});
    testing::internal::CaptureStderr();
    names.answered("a", i % 2 == 0 ? fail("no answer") : answer({}), now);
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(log.find("IPFIX collector a: no answer") != std::string::npos, i == 0) << log;
    pauses.push_back(names.nextQuestion() - now);
    EXPECT_EQ(names.toAsk(names.nextQuestion() - 1), Names{});
    now = names.nextQuestion();
  }
  EXPECT_EQ(pauses, (std::vector<Nanos>{2 * kSecond, 4 * kSecond, 8 * kSecond, 16 * kSecond, 32 * kSecond, 60 * kSecond,
                                        60 * kSecond, 60 * kSecond}));
  EXPECT_EQ(names.toAsk(now), Names{"a"});
  names.answered("a", answer({"10.0.0.1"}), now);
  now = names.nextQuestion();
  EXPECT_EQ(names.toAsk(now), Names{"a"});
  names.answered("a", fail("no answer"), now);
  EXPECT_EQ(names.address("a"), address("10.0.0.1")) << "the last that is known";
  EXPECT_EQ(names.nextQuestion(), now + CollectorNames::kFirstPause);
}

TEST(CollectorNames, ForgottenNamesAreNotAskedFor) {
  CollectorNames names;
  names.want({"a"});
  (void)names.toAsk(0);
  names.want({"b"});
  names.answered("a", answer({"10.0.0.1"}), 0);
  EXPECT_EQ(names.address("a"), std::nullopt);
  EXPECT_EQ(names.toAsk(0), Names{"b"});
}

}  // namespace
}  // namespace weir::ipfix
