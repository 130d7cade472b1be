#include <gtest/gtest.h>

#include "bench.h"
#include "http/event_stream.h"

namespace weir::api {
namespace {

using test::Bench;
using Log = engine::Engine::Log;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string record(int id, std::string_view name) {
  return "id: " + std::to_string(id) + "\ndata: {\"name\":\"" + std::string(name) + "\"}\n\n";
}
constexpr std::string_view kFirst = "retry: 1000\n\n";

TEST(LogStreams, history_comes_first_and_then_what_happens) {
  Bench b;
  b.engine.append(Log::events, "a");
  b.engine.append(Log::events, "b");
  const auto reply = b.ask("GET", "/events/stream");
  ASSERT_TRUE(reply->streamed);
  EXPECT_EQ(reply->response->contentType, "text/event-stream");
  EXPECT_EQ(reply->streamed->take(), std::string(kFirst) + record(1, "a") + record(2, "b"));
  b.engine.append(Log::events, "c");
  b.engine.append(Log::flows, "tcp");
  b.logStreams.wake();
  EXPECT_EQ(reply->streamed->take(), record(3, "c"));
  b.logStreams.wake();
  EXPECT_EQ(reply->streamed->take(), "");
  const auto flows = b.ask("GET", "/flows/stream?name=tcp,udp");
  EXPECT_EQ(flows->streamed->take(), std::string(kFirst) + record(1, "tcp"));
}

TEST(LogStreams, a_reader_that_the_log_has_overtaken_is_cut_off) {
  Bench b;
  b.engine.append(Log::events, "a");
  const auto reply = b.ask("GET", "/events/stream");
  reply->streamed->take();
  for (int i = 0; i < 5; ++i) b.engine.append(Log::events, "b");
  b.engine.forgotten = 4;  // records 2 to 4 were never read
  b.logStreams.wake();
  EXPECT_EQ(reply->streamed->take(), "");
  EXPECT_EQ(b.logStreams.size(), 0u);
}

TEST(LogStreams, parameters_are_those_of_the_long_polls) {
  Bench b;
  for (const char* name : {"a", "b", "a", "c"}) b.engine.append(Log::events, name);
  EXPECT_EQ(b.ask("GET", "/events/stream?thresholdID=a&thresholdID=c")->streamed->text,
            std::string(kFirst) + record(1, "a") + record(3, "a") + record(4, "c"));
  EXPECT_EQ(b.ask("GET", "/events/stream?eventID=2")->streamed->text,
            std::string(kFirst) + record(3, "a") + record(4, "c"));
  EXPECT_EQ(b.ask("GET", "/events/stream?maxEvents=1")->streamed->text, std::string(kFirst) + record(4, "c"));
  EXPECT_EQ(b.ask("GET", "/events/stream?maxEvents=0")->streamed->text, kFirst);
  for (const char* bad : {"eventID=x", "maxEvents=-1", "timeout=soon"}) {
    EXPECT_EQ(b.status("GET", "/events/stream?" + std::string(bad)), 400u) << bad;
  }
}

TEST(LogStreams, a_client_that_comes_back_gets_what_it_missed) {
  Bench b;
  for (const char* name : {"a", "b", "c"}) b.engine.append(Log::events, name);
  EXPECT_EQ(b.ask("GET", "/events/stream?eventID=0&maxEvents=1", "", "1")->streamed->text,
            std::string(kFirst) + record(2, "b") + record(3, "c"));
  // From before a restart of the server: everything is new.
  EXPECT_EQ(b.ask("GET", "/events/stream", "", "99")->streamed->text,
            std::string(kFirst) + record(1, "a") + record(2, "b") + record(3, "c"));
  EXPECT_EQ(b.ask("GET", "/events/stream", "", "x")->response->status, 400u);
}

TEST(LogStreams, a_slow_reader_gets_pieces_and_costs_no_more) {
  Bench b;
  const auto reply = b.ask("GET", "/events/stream");
  test::TestStream& stream = *reply->streamed;
  stream.take();
  stream.slow = true;
  for (int i = 0; i < 250; ++i) b.engine.append(Log::events, "a");
  std::size_t records = 0;
  b.logStreams.wake();
  for (const std::size_t expected : {100u, 100u, 50u}) {
    b.logStreams.wake();  // busy: nothing is added
    const std::string text = stream.take();
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(text, ':')), 3 * expected);
    records += expected;
    stream.sent();
  }
  EXPECT_EQ(records, 250u);
  EXPECT_EQ(stream.take(), "");
  EXPECT_FALSE(stream.ended);
}

TEST(LogStreams, who_is_overtaken_by_the_log_is_cut_off) {
  Bench b;
  const auto reply = b.ask("GET", "/events/stream");
  reply->streamed->slow = true;
  for (int i = 0; i < 150; ++i) b.engine.append(Log::events, "a");
  b.logStreams.wake();
  b.engine.forgotten = 120;  // ids 101 to 120 will never be seen
  reply->streamed->sent();
  EXPECT_TRUE(reply->streamed->ended);
  EXPECT_TRUE(reply->streamed->cut);
  EXPECT_EQ(b.logStreams.size(), 0u);
  // It comes back for what is still there.
  const std::string text = b.ask("GET", "/events/stream", "", "100")->streamed->text;
  EXPECT_TRUE(text.starts_with(std::string(kFirst) + "id: 121\n")) << text.substr(0, 100);
}

TEST(LogStreams, silence_is_commented_and_a_timeout_ends_it) {
  Bench b;
  const auto endless = b.ask("GET", "/events/stream");
  const auto limited = b.ask("GET", "/events/stream?timeout=20");
  endless->streamed->take();
  limited->streamed->take();
  b.pass(seconds(15));
  EXPECT_EQ(endless->streamed->take(), http::kKeepAlive);
  b.engine.append(Log::events, "a");
  b.logStreams.wake();
  b.pass(seconds(19));
  EXPECT_FALSE(limited->streamed->ended);
  b.pass(seconds(1));
  EXPECT_TRUE(limited->streamed->ended);
  EXPECT_FALSE(limited->streamed->cut);
  EXPECT_FALSE(endless->streamed->ended);
  const auto now = b.ask("GET", "/events/stream?timeout=0");
  b.pass(milliseconds(0));
  EXPECT_EQ(now->streamed->text, std::string(kFirst) + record(1, "a"));
  EXPECT_TRUE(now->streamed->ended);
}

TEST(LogStreams, readers_at_one_place_are_looked_up_once) {
  Bench b;
  std::vector<std::shared_ptr<test::TestReply>> replies;
  for (int i = 0; i < 3000; ++i) replies.push_back(b.ask("GET", "/events/stream"));
  for (int i = 0; i < 1000; ++i) replies[static_cast<std::size_t>(i)]->streamed->gone();
  EXPECT_EQ(b.logStreams.size(), 2000u);
  for (const auto& reply : replies) reply->streamed->slow = true;
  b.engine.append(Log::events, "a");
  const int before = b.engine.logQuestions();
  b.logStreams.wake();
  EXPECT_EQ(b.engine.logQuestions() - before, 1);
  EXPECT_EQ(replies[0]->streamed->text, kFirst);
  EXPECT_EQ(replies[2999]->streamed->text, std::string(kFirst) + record(1, "a"));
  b.logStreams.close();
  EXPECT_TRUE(replies[2999]->streamed->ended);
  EXPECT_EQ(b.logStreams.size(), 0u);
}

std::string flowsOf(std::string_view maxFlows) {
  return R"(data: [{"agent":"","dataSource":"0","flowN":0,"key":"activeFlows ALL e )" + std::string(maxFlows) +
         R"( 0 max","value":0}])"
         "\n\n";
}

TEST(FlowStreams, answers_come_at_the_interval) {
  Bench b;
  const auto reply = b.ask("GET", "/activeflows/ALL/e/stream?maxFlows=2");
  ASSERT_TRUE(reply->streamed);
  EXPECT_EQ(reply->streamed->take(), std::string(kFirst) + flowsOf("2"));
  b.pass(milliseconds(999));
  EXPECT_EQ(reply->streamed->take(), "");
  b.pass(milliseconds(1));
  EXPECT_EQ(reply->streamed->take(), flowsOf("2"));
  const auto quick = b.ask("GET", "/activeflows/ALL/e/stream?interval=0.001");
  quick->streamed->take();
  b.pass(milliseconds(100));
  EXPECT_EQ(quick->streamed->take(), flowsOf("100"));
  EXPECT_EQ(b.status("GET", "/activeflows/ALL/e/stream?interval=fast"), 400u);
  EXPECT_EQ(b.status("GET", "/activeflows/ALL/bad/stream"), 400u);
}

TEST(FlowStreams, one_question_serves_all_who_ask_it) {
  Bench b;
  const auto one = b.ask("GET", "/activeflows/ALL/e/stream"), other = b.ask("GET", "/activeflows/ALL/e/stream");
  EXPECT_EQ(b.flowStreams.size(), 2u);
  one->streamed->take();
  other->streamed->take();
  one->streamed->slow = true;
  b.pass(seconds(1));
  EXPECT_EQ(one->streamed->take(), flowsOf("100"));
  EXPECT_EQ(other->streamed->take(), flowsOf("100"));
  b.pass(seconds(1));
  EXPECT_EQ(one->streamed->take(), "") << "busy: it misses one";
  EXPECT_EQ(other->streamed->take(), flowsOf("100"));
  one->streamed->gone();
  other->streamed->gone();
  EXPECT_EQ(b.flowStreams.size(), 0u);
  b.pass(seconds(1));
  EXPECT_FALSE(b.timers.next()) << "nobody asks any more";
}

TEST(FlowStreams, a_flow_that_is_removed_ends_the_stream) {
  Bench b;
  const auto reply = b.ask("GET", "/activeflows/ALL/e/stream");
  reply->streamed->take();
  b.engine.flowsAreGone = true;
  b.pass(seconds(1));
  EXPECT_EQ(reply->streamed->text, "event: error\ndata: {\"error\":\"there is no flow\"}\n\n");
  EXPECT_TRUE(reply->streamed->ended);
  EXPECT_EQ(b.flowStreams.size(), 0u);
}

TEST(FlowValidation, waits_for_a_second_of_the_engines_clock) {
  Bench b;
  const auto reply = b.ask("POST", "/flow/validate", "{value:bytes}");
  EXPECT_EQ(b.engine.probes, 1u);
  b.pass(milliseconds(500));
  EXPECT_FALSE(reply->response);
  b.engine.ripe = true;
  b.pass(milliseconds(50));
  ASSERT_TRUE(reply->response);
  EXPECT_EQ(reply->response->status, 200u);
  EXPECT_EQ(b.engine.probes, 0u);
}

TEST(FlowValidation, does_not_wait_for_a_clock_that_stands_still) {
  Bench b;
  const auto reply = b.ask("POST", "/flow/validate", "{value:bytes}");
  for (int i = 0; i < 30; ++i) b.pass(milliseconds(50));
  EXPECT_TRUE(reply->response);
  EXPECT_EQ(b.engine.probes, 0u);
  b.pass(milliseconds(50));
  EXPECT_FALSE(b.timers.next());
}

TEST(FlowValidation, a_client_that_leaves_ends_the_probe) {
  Bench b;
  const auto reply = b.ask("POST", "/flow/validate", "{value:bytes}");
  reply->gone();
  EXPECT_EQ(b.engine.probes, 0u);
  b.pass(seconds(2));
  EXPECT_EQ(b.engine.probes, 0u);
}

TEST(FlowValidation, statuses) {
  Bench b;
  EXPECT_EQ(b.status("POST", "/flow/validate", "{"), 400u);
  EXPECT_EQ(b.now("POST", "/flow/validate", "{bad:1}").body,
            R"({"error":"expected a known key","attribute":"keys","position":3})");
  EXPECT_EQ(b.status("GET", "/flow/validate"), 405u);
  EXPECT_EQ(b.status("PUT", "/flow/validate", "{}"), 405u);
  std::vector<std::shared_ptr<test::TestReply>> waiting;
  for (std::size_t i = 0; i < engine::Engine::kMaxProbes; ++i) waiting.push_back(b.ask("POST", "/flow/validate", "{}"));
  EXPECT_EQ(b.status("POST", "/flow/validate", "{}"), 503u);
  b.options.readOnly = true;  // it changes nothing
  b.engine.probes = 0;
  EXPECT_FALSE(b.ask("POST", "/flow/validate", "{}")->response);
}

}  // namespace
}  // namespace weir::api
