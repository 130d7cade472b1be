#include <gtest/gtest.h>

#include "bench.h"

namespace weir::api {
namespace {

using test::Bench;
using Log = engine::Engine::Log;
using std::chrono::milliseconds;

// Rules: docs/rest.md, "Waiting for records".

TEST(LongPolls, rule1_what_matches_is_answered_at_once_newest_first) {
  Bench b;
  for (const char* name : {"a", "b", "a"}) b.engine.append(Log::events, name);
  EXPECT_EQ(b.get("/events/json?timeout=60"), R"([{"id":3,"name":"a"},{"id":2,"name":"b"},{"id":1,"name":"a"}])");
  EXPECT_EQ(b.get("/events/json?thresholdID=b&eventID=-1&timeout=60"), R"([{"id":2,"name":"b"}])");
  EXPECT_EQ(b.get("/events/json?thresholdID=b,x&thresholdID=a&eventID=1"),
            R"([{"id":3,"name":"a"},{"id":2,"name":"b"}])");
  EXPECT_EQ(b.get("/events/json?maxEvents=1&timeout=60"), R"([{"id":3,"name":"a"}])");
  EXPECT_EQ(b.get("/events/json?maxEvents=0&timeout=60"), "[]");
  EXPECT_EQ(b.get("/events/json?eventID=99"), b.get("/events/json"));
  b.engine.append(Log::flows, "tcp");
  EXPECT_EQ(b.get("/flows/json?name=tcp&maxFlows=10&timeout=60&flowID=0"), R"([{"id":1,"name":"tcp"}])");
}

TEST(LongPolls, rule2_waits_and_is_answered_when_a_record_comes) {
  Bench b;
  const auto mine = b.ask("GET", "/events/json?thresholdID=a&timeout=60");
  const auto other = b.ask("GET", "/events/json?thresholdID=b&timeout=60");
  const auto flows = b.ask("GET", "/flows/json?timeout=60");
  EXPECT_FALSE(mine->response);
  b.engine.append(Log::events, "a");
  b.polls.wake();
  ASSERT_TRUE(mine->response);
  EXPECT_EQ(mine->response->status, 200u);
  EXPECT_EQ(mine->response->body, R"([{"id":1,"name":"a"}])");
  EXPECT_FALSE(other->response);
  EXPECT_FALSE(flows->response);
  EXPECT_EQ(b.polls.size(), 2u);
}

TEST(LongPolls, each_record_is_looked_at_once_for_all_that_wait) {
  Bench b;
  for (int i = 0; i < 100; ++i) b.engine.append(Log::events, "b");
  const auto mine = b.ask("GET", "/events/json?thresholdID=a&eventID=1&timeout=60");
  for (int i = 0; i < 10; ++i) {
    b.engine.append(Log::events, "b");
    b.polls.wake();
    EXPECT_EQ(b.engine.lastAfter(), i == 0 ? 1 : 100 + i);
  }
  EXPECT_FALSE(mine->response);
  b.engine.append(Log::events, "a");
  b.polls.wake();
  ASSERT_TRUE(mine->response);
  EXPECT_EQ(mine->response->body, R"([{"id":111,"name":"a"}])");
}

TEST(LongPolls, names_are_bounded) {
  Bench b;
  std::string names = "n";
  for (int i = 1; i < 256; ++i) names += ",n";
  EXPECT_EQ(b.status("GET", "/events/json?timeout=0&thresholdID=" + names), 200u);
  EXPECT_EQ(b.status("GET", "/events/json?timeout=0&thresholdID=n," + names), 400u);
}

TEST(LongPolls, rule2_answers_empty_when_the_time_is_over) {
  Bench b;
  const auto late = b.ask("GET", "/events/json?timeout=60&eventID=-1");
  const auto early = b.ask("GET", "/events/json?timeout=0.5");
  b.pass(milliseconds(499));
  EXPECT_FALSE(early->response);
  EXPECT_EQ(b.timers.next(), http::Timers::Time{} + milliseconds(500));
  b.pass(milliseconds(1));
  ASSERT_TRUE(early->response);
  EXPECT_EQ(early->response->status, 200u);
  EXPECT_EQ(early->response->body, "[]");
  EXPECT_FALSE(late->response);
  b.pass(milliseconds(59'500));
  ASSERT_TRUE(late->response);
  EXPECT_FALSE(b.timers.next());
}

TEST(LongPolls, rule3_no_timeout_is_answered_at_once) {
  Bench b;
  EXPECT_EQ(b.get("/events/json"), "[]");
  EXPECT_EQ(b.get("/events/json?timeout=0&eventID=5"), "[]");
  EXPECT_EQ(b.get("/flows/json?timeout=-1"), "[]");
}

TEST(LongPolls, rule7_waits_600_seconds_at_most) {
  Bench b;
  const auto reply = b.ask("GET", "/events/json?timeout=1e9");
  b.pass(std::chrono::seconds(600));
  EXPECT_TRUE(reply->response);
}

TEST(LongPolls, a_client_that_left_is_forgotten) {
  Bench b;
  const auto reply = b.ask("GET", "/events/json?timeout=60");
  reply->gone();
  EXPECT_EQ(b.polls.size(), 0u);
  EXPECT_EQ(reply->response->body, "[]");
  b.engine.append(Log::events, "a");
  b.polls.wake();
  b.timers.run();
}

TEST(LongPolls, equal_questions_are_looked_up_once) {
  Bench b;
  std::vector<std::shared_ptr<test::TestReply>> replies;
  for (int i = 0; i < 5000; ++i)
    replies.push_back(b.ask("GET", "/events/json?timeout=60&eventID=" + std::to_string(i % 2)));
  const int before = b.engine.logQuestions();
  b.engine.append(Log::events, "a");
  b.polls.wake();
  EXPECT_EQ(b.engine.logQuestions() - before, 3) << "a look for each question, and the answer of one is read";
  int answered = 0;
  for (const auto& r : replies) answered += r->response.has_value();
  EXPECT_EQ(answered, 2500);
  b.polls.close();
  for (const auto& r : replies) ASSERT_TRUE(r->response);
  EXPECT_EQ(b.polls.size(), 0u);
}

}  // namespace
}  // namespace weir::api
