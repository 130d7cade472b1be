#include "event/threshold.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "json/lenient.h"

namespace weir::event {
namespace {

Expected<Threshold> read(std::string_view text) {
  return Threshold::fromJson(json::parseLenient(text).value());
}

std::string write(const Threshold& threshold) {
  std::string out;
  JsonWriter json(out);
  threshold.writeJson(json);
  return out;
}

TEST(Threshold, DefaultsAreFilledIn) {
  const auto t = read(R"({"metric":"elephant","value":1250000})");
  ASSERT_TRUE(t) << t.error().text();
  EXPECT_EQ(t->metric, "elephant");
  EXPECT_EQ(t->value, 1250000);
  EXPECT_FALSE(t->byFlow);
  EXPECT_EQ(t->timeout, 2);
  EXPECT_TRUE(t->filter.empty());
  EXPECT_EQ(write(*t), R"({"metric":"elephant","value":1250000,"byFlow":false,"timeout":2})");
}

TEST(Threshold, EveryMemberInTheFormsThatClientsSend) {
  const auto t = read(
      "{metric:'3.ifinoctets', value:'1250000.0', byFlow:'true', timeout:0.5, "
      "filter:{ifspeed:[1000000000,'10000000000'],host_name:'web*'}, color:'red'}");
  ASSERT_TRUE(t) << t.error().text();
  EXPECT_EQ(write(*t), R"({"metric":"3.ifinoctets","value":1250000,"byFlow":true,"timeout":0.5,)"
                       R"("filter":{"ifspeed":["1000000000","10000000000"],"host_name":["web*"]}})");
}

TEST(Threshold, WhatIsWrittenReadsBackEqual) {
  const auto t = read("{metric:m, value:-1.5e-7, byFlow:true, timeout:0, filter:{a:[1],b:[x,'y z']}}");
  ASSERT_TRUE(t) << t.error().text();
  EXPECT_EQ(read(write(*t)).value(), *t);
}

TEST(Threshold, NullMembersAreAbsent) {
  const auto t = read(R"({"metric":"m","value":1,"byFlow":null,"timeout":null,"filter":null})");
  ASSERT_TRUE(t) << t.error().text();
  EXPECT_EQ(t->timeout, 2);
}

TEST(Threshold, ErrorsNameTheAttribute) {
  struct Case {
    const char* text;
    const char* attribute;
  };
  static constexpr Case kCases[] = {
      {"[]", ""},
      {"'text'", ""},
      {"{value:1}", "metric"},
      {"{metric:null,value:1}", "metric"},
      {"{metric:'',value:1}", "metric"},
      {"{metric:[1],value:1}", "metric"},
      {"{metric:m}", "value"},
      {"{metric:m,value:null}", "value"},
      {"{metric:m,value:much}", "value"},
      {"{metric:m,value:true}", "value"},
      {"{metric:m,value:{}}", "value"},
      {"{metric:m,value:1,byFlow:maybe}", "byFlow"},
      {"{metric:m,value:1,byFlow:[]}", "byFlow"},
      {"{metric:m,value:1,timeout:-0.1}", "timeout"},
      {"{metric:m,value:1,timeout:soon}", "timeout"},
      {"{metric:m,value:1,filter:x}", "filter"},
      {"{metric:m,value:1,filter:[1]}", "filter"},
      {"{metric:m,value:1,filter:{ifspeed:[]}}", "filter.ifspeed"},
      {"{metric:m,value:1,filter:{ifspeed:{}}}", "filter.ifspeed"},
      {"{metric:m,value:1,filter:{ifspeed:[1,[2]]}}", "filter.ifspeed"},
  };
  for (const Case& c : kCases) {
    const auto t = read(c.text);
    ASSERT_FALSE(t) << c.text;
    EXPECT_EQ(t.error().attribute, c.attribute) << c.text;
    EXPECT_FALSE(t.error().message.empty()) << c.text;
  }
}

TEST(TimeBelow, IsWhenTheRateHasFallenToTheLimit) {
  const Nanos now = 1'700'000'000 * kSecond;
  EXPECT_EQ(timeBelow(now, 100, 100, 2), now);
  EXPECT_EQ(timeBelow(now, 50, 100, 2), now) << "below already";
  EXPECT_NEAR(secondsFromNanos(timeBelow(now, 100 * std::exp(1.0), 100, 2) - now), 2, 1e-6);
  EXPECT_EQ(timeBelow(now, 100, 0, 2), now + 20 * kSecond) << "a rate never falls to 0, but the flow is forgotten";
  EXPECT_EQ(timeBelow(now, 100, -1, 2), now + 20 * kSecond);
  EXPECT_GT(timeBelow(now, 1e308, 1e-308, 600), now);
}

}  // namespace
}  // namespace weir::event
