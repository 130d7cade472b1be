// The rules of docs/rest.md, "Waiting for records", as far as they are the log's: newest first, cursor, names, max,
// ring.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <thread>

#include "event/log.h"
#include "json/lenient.h"

namespace weir::event {
namespace {

Event event(std::string name) {
  Event e;
  e.thresholdId = std::move(name);
  return e;
}

class RecordLogTest : public testing::Test {
 protected:
  /// The ids of the answer in its order, `-` for no answer.
  std::string ids(std::int64_t after = -1, std::optional<std::size_t> max = {}, std::vector<std::string> names = {}) {
    const auto json = log.json(names, after, max);
    if (!json) return "-";
    std::string out;
    const auto parsed = json::parseLenient(*json).value();
    for (const auto& record : parsed.as_array()) {
      out += (out.empty() ? "" : " ") + std::to_string(record.at("eventID").as_int64());
    }
    return out;
  }
  RecordLog<Event> log{5};
};

TEST_F(RecordLogTest, NothingMatchesAnEmptyLog) {
  EXPECT_EQ(ids(), "-");
  EXPECT_EQ(ids(7), "-");
  EXPECT_EQ(log.generated(), 0);
}

TEST_F(RecordLogTest, IdsStartAtOneAndTheNewestComesFirst) {
  EXPECT_EQ(log.append(event("a")), 1);
  EXPECT_EQ(log.append(event("b")), 2);
  EXPECT_EQ(log.append(event("a")), 3);
  EXPECT_EQ(ids(), "3 2 1");
  EXPECT_EQ(log.generated(), 3);
}

TEST_F(RecordLogTest, OnlyRecordsAfterTheCursor) {
  for (int i = 0; i < 4; ++i) log.append(event("a"));
  EXPECT_EQ(ids(0), "4 3 2 1");
  EXPECT_EQ(ids(2), "4 3");
  EXPECT_EQ(ids(4), "-") << "the newest is known: wait";
}

TEST_F(RecordLogTest, CursorBeyondTheNewestIsTakenAsNone) {
  for (int i = 0; i < 3; ++i) log.append(event("a"));
  EXPECT_EQ(ids(4), "3 2 1");
  EXPECT_EQ(ids(INT64_MAX), "3 2 1");
  EXPECT_EQ(ids(INT64_MIN), "3 2 1");
}

TEST_F(RecordLogTest, MaxKeepsTheNewest) {
  for (int i = 0; i < 4; ++i) log.append(event("a"));
  EXPECT_EQ(ids(-1, 2), "4 3");
  EXPECT_EQ(ids(2, 1), "4");
  EXPECT_EQ(ids(-1, 100), "4 3 2 1");
  EXPECT_EQ(ids(-1, 0), "") << "nobody who wants no record shall wait for one";
}

TEST_F(RecordLogTest, NamesSelectBeforeMaxCounts) {
  for (const char* name : {"a", "b", "a", "c", "b"}) log.append(event(name));
  EXPECT_EQ(ids(-1, {}, {"a"}), "3 1");
  EXPECT_EQ(ids(-1, {}, {"a", "c"}), "4 3 1");
  EXPECT_EQ(ids(-1, 1, {"a"}), "3");
  EXPECT_EQ(ids(3, {}, {"a"}), "-");
  EXPECT_EQ(ids(-1, {}, {"nobody"}), "-");
}

TEST_F(RecordLogTest, TheOldestGoWhenTheRingIsFull) {
  for (int i = 0; i < 12; ++i) log.append(event(i < 8 ? "old" : "new"));
  EXPECT_EQ(ids(), "12 11 10 9 8");
  EXPECT_EQ(ids(2), "12 11 10 9 8");
  EXPECT_EQ(ids(-1, {}, {"old"}), "8");
  EXPECT_EQ(log.generated(), 12);
}

TEST_F(RecordLogTest, ALogKeepsAtLeastOne) {
  RecordLog<Event> none(0);
  none.append(event("a"));
  none.append(event("b"));
  EXPECT_NE(none.json({}, -1, {})->find("\"eventID\":2"), std::string::npos);
}

TEST_F(RecordLogTest, WritersAndReadersAtOnce) {
  RecordLog<Event> shared(100);
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) shared.append(event("a"));
    });
  }
  for (int i = 0; i < 200; ++i) (void)shared.json({}, i, 3);
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(shared.generated(), 6'000);
}

TEST(Records, EventHasTheMembersOfTheApi) {
  Event e;
  e.id = 7;
  e.time = 1'585'094'401'902 * kMillisecond + 999'999;
  e.thresholdId = "elephant_threshold";
  e.metric = "elephant";
  e.threshold = 1250000;
  e.value = 1391234.5;
  e.agent = "10.0.0.30";
  e.dataSource = "4";
  e.flowKey = "10.1.0.72,192.168.65.3";
  std::string out;
  JsonWriter json(out);
  e.write(json);
  EXPECT_EQ(out, R"({"agent":"10.0.0.30","dataSource":"4","eventID":7,"flowKey":"10.1.0.72,192.168.65.3",)"
                 R"("metric":"elephant","threshold":1250000,"thresholdID":"elephant_threshold",)"
                 R"("timestamp":1585094401902,"value":1391234.5})");
}

TEST(Records, EventOfACounterMetricHasNoFlowKeyAndValuesAreAnArray) {
  Event e;
  e.values = {1, 2.5};
  std::string out;
  JsonWriter json(out);
  e.write(json);
  EXPECT_EQ(out.find("flowKey"), std::string::npos);
  EXPECT_NE(out.find(R"("values":[1,2.5])"), std::string::npos);
}

TEST(Records, EmptyFlowKeyIsShown) {
  Event e;
  e.flowKey = "";
  std::string out;
  JsonWriter json(out);
  e.write(json);
  EXPECT_NE(out.find(R"("flowKey":"")"), std::string::npos) << "the flow of a definition without keys";
}

TEST(Records, FlowRecordHasTheMembersOfTheApi) {
  FlowRecord r;
  r.id = 17;
  r.flowName = "tcp";
  r.agent = "10.0.0.30";
  r.dataSource = "4";
  r.flowKeys = "10.1.0.72,192.168.65.3,51324,8008";
  r.value = 91230000;
  r.start = 1'585'094'401'870 * kMillisecond;
  r.end = 1'585'094'462'310 * kMillisecond;
  std::string out;
  JsonWriter json(out);
  r.write(json);
  EXPECT_EQ(out,
            R"({"agent":"10.0.0.30","dataSource":"4","end":1585094462310,"flowID":17,)"
            R"("flowKeys":"10.1.0.72,192.168.65.3,51324,8008","name":"tcp","start":1585094401870,"value":91230000})");
}

/// What a reader that follows the log gets: ids, then the next cursor, `!` when it was overtaken.
std::string following(const RecordLog<Event>& log, std::int64_t after, std::size_t most = 100,
                      std::optional<std::size_t> max = {}, std::vector<std::string> names = {}) {
  const auto piece = log.following(names, after, max, most);
  std::string out;
  for (const auto& [id, json] : piece.records) {
    EXPECT_EQ(json::parseLenient(json).value().at("eventID").as_int64(), id);
    out += std::to_string(id) + " ";
  }
  return out + "> " + std::to_string(piece.cursor) + (piece.overtaken ? "!" : "");
}

TEST_F(RecordLogTest, ReadersFollowInTheOrderOfIds) {
  EXPECT_EQ(following(log, -1), "> 0");
  for (const char* name : {"a", "b", "a"}) log.append(event(name));
  EXPECT_EQ(following(log, -1), "1 2 3 > 3");
  EXPECT_EQ(following(log, 1), "2 3 > 3");
  EXPECT_EQ(following(log, 3), "> 3");
  EXPECT_EQ(following(log, 9), "1 2 3 > 3") << "the cursor of a server that was restarted";
  EXPECT_EQ(following(log, -1, 2), "1 2 > 2");
  EXPECT_EQ(following(log, -1, 100, 1), "3 > 3");
  EXPECT_EQ(following(log, -1, 100, 0), "> 3");
  EXPECT_EQ(following(log, -1, 100, {}, {"b"}), "2 > 3") << "what is not wanted is not looked at again";
  EXPECT_EQ(following(log, -1, 100, 1, {"a"}), "3 > 3");
  EXPECT_EQ(following(log, -1, 100, 2, {"a"}), "1 3 > 3");
}

TEST_F(RecordLogTest, ReadersLearnThatTheyWereOvertaken) {
  for (int i = 0; i < 8; ++i) log.append(event("a"));  // 4 to 8 are kept
  EXPECT_EQ(following(log, 3), "4 5 6 7 8 > 8");
  EXPECT_EQ(following(log, 2), "4 5 6 7 8 > 8!");
  EXPECT_EQ(following(log, 0), "4 5 6 7 8 > 8!");
  EXPECT_EQ(following(log, -1), "4 5 6 7 8 > 8") << "it has not begun";
}

}  // namespace
}  // namespace weir::event
