#include "api/hints.h"

#include <gtest/gtest.h>

#include "api/answers.h"
#include "bench.h"

namespace weir::api {
namespace {

using test::Bench;

constexpr const char* kFlow = "{keys:ipsource,value:bytes}";

std::string error(const std::string& message) {
  return R"({"error":")" + message + R"("})";
}

TEST(Hints, ADefinitionIsAnsweredWithThemForWhoAsks) {
  Bench b;
  EXPECT_EQ(b.status("PUT", "/flow/odd/json", kFlow), 204u) << "old clients";
  EXPECT_EQ(b.now("PUT", "/flow/odd/json?hints=yes", kFlow).body, R"({"hints":["it is odd"]})");
  EXPECT_EQ(b.now("POST", "/flow/odd/json?hints=yes", kFlow).body, R"({"hints":["it is odd"]})");
  EXPECT_EQ(b.now("PUT", "/flow/even/json?hints=yes&hint=yes", kFlow).body,
            R"({"hints":["\"hint\" is not a parameter of this resource and is ignored; hints is one"]})");
  EXPECT_EQ(b.now("PUT", "/topology/json?hints", "{}").body, R"({"hints":[]})") << "without a value it means yes";
  EXPECT_EQ(b.now("PUT", "/group/json?hints=true", "{}").body, R"({"hints":[]})");
  EXPECT_EQ(b.status("PUT", "/flow/odd/json?hints=perhaps", kFlow), 400u);
}

TEST(Hints, StrictlyTheyAreErrors) {
  Bench b;
  EXPECT_EQ(b.now("PUT", "/threshold/odd/json?strict=yes", "{metric:m,value:1}").body, error("it is odd"));
  EXPECT_EQ(b.status("GET", "/threshold/odd/json"), 404u) << "nothing was done";
  EXPECT_EQ(b.status("PUT", "/threshold/even/json?strict=yes", "{metric:m,value:1}"), 204u);
  EXPECT_EQ(b.status("PUT", "/threshold/even/json?strict=yes&x=1", "{metric:m,value:1}"), 400u);
  b.options.strictHints = true;
  EXPECT_EQ(b.status("PUT", "/threshold/odd/json", "{metric:m,value:1}"), 400u);
  EXPECT_EQ(b.status("PUT", "/threshold/odd/json?strict=no", "{metric:m,value:1}"), 204u);
  EXPECT_EQ(b.status("GET", "/activeflows/ALL/f/json?maxflows=5"), 400u);
  EXPECT_EQ(b.status("GET", "/activeflows/ALL/f/json?maxFlows=5"), 200u);
  EXPECT_EQ(b.status("GET", "/html/index.html?anything=1"), 200u) << "pages are no resources";
}

TEST(Hints, QuestionsAreAnsweredWithThem) {
  Bench b;
  const std::string plain = b.get("/activeflows/ALL/f/json");
  EXPECT_EQ(b.get("/activeflows/ALL/f/json?maxflows=5"), plain) << "old clients";
  EXPECT_EQ(
      b.get("/activeflows/ALL/f/json?maxflows=5&hints=yes"),
      R"({"hints":["\"maxflows\" is not a parameter of this resource and is ignored; maxFlows is one"],"answer":)" +
          plain + R"(,"total":3,"leftOut":2})")
      << "what headers count are members here";
  EXPECT_EQ(b.get("/events/json?thresholdID=nosuch&hints=yes"), R"({"hints":["there is no \"nosuch\""],"answer":[]})");
  EXPECT_EQ(b.status("GET", "/events/json?thresholdID=nosuch&strict=yes"), 400u);
  EXPECT_EQ(b.status("GET", "/events/stream?thresholdID=nosuch&strict=yes"), 400u);
  EXPECT_EQ(b.get("/flows/json?name=a,nosuch2&hints=yes"), R"({"hints":["there is no \"nosuch2\""],"answer":[]})");
  EXPECT_EQ(b.status("GET", "/metric/ALL/max:3.nosuch/json?strict=yes"), 400u);
  EXPECT_EQ(b.status("GET", "/dump/ALL/ALL/json?nosuchfilter=1&strict=yes"), 400u);
  EXPECT_EQ(b.get("/metric/ALL/a/json?hints=yes&b=1"),
            R"({"hints":[],"answer":)" + b.get("/metric/ALL/a/json?b=1") + "}")
      << "the parameter is no filter";
  EXPECT_TRUE(
      b.get("/dump/ALL/nosuch2/json?hints=yes").starts_with(R"({"hints":["there is no \"nosuch2\""],"answer":[{)"));
  EXPECT_EQ(b.get("/version?hints=yes"), b.get("/version")) << "text has no place for them";
}

TEST(Hints, StandBeforeAnAnswerInPieces) {
  for (const bool cut : {false, true}) {
    const auto reply = std::make_shared<test::TestReply>();
    const StreamPtr stream = withHints(reply, {"h"})->stream(jsonResponse(""), http::StreamEnd::lastChunk);
    stream->write("[1", [] {});
    stream->write(",2]", [] {});
    stream->end(cut);
    EXPECT_EQ(reply->streamed->text, std::string(R"({"hints":["h"],"answer":[1,2])") + (cut ? "" : "}"));
    EXPECT_TRUE(reply->streamed->ended);
    EXPECT_EQ(reply->streamed->cut, cut);
  }
}

TEST(Hints, AThresholdIsExplained) {
  Bench b;
  EXPECT_EQ(b.now("POST", "/threshold/validate", "{metric:m}").body,
            R"({"definition":{"metric":"m"},"hints":["a hint"]})");
  EXPECT_EQ(b.status("POST", "/threshold/validate", "{bad:1}"), 400u);
  EXPECT_EQ(b.status("GET", "/threshold/validate"), 405u);
}

}  // namespace
}  // namespace weir::api
