#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/flow_streams.h"
#include "api/log_polls.h"
#include "api/log_streams.h"
#include "api/options.h"
#include "api/resources.h"
#include "api/router.h"
#include "fake_engine.h"
#include "http/target.h"
#include "http/timers.h"

namespace weir::api::test {

/// What was written to a stream. A piece has left at once, or with `slow` when the test says so.
class TestStream : public Stream {
 public:
  void write(std::string piece, std::function<void()> sent) override {
    EXPECT_FALSE(under) << "two pieces at once";
    EXPECT_FALSE(ended) << "a piece behind the end";
    text += piece;
    if (!slow) return sent();
    under = std::move(sent);
  }
  void end(bool cutOff) override {
    ended = true;
    cut = cutOff;
  }
  void whenGone(std::function<void()> f) override { gone = std::move(f); }
  /// The piece under way has left.
  void sent() { std::exchange(under, nullptr)(); }
  /// What came since the last call.
  std::string take() { return std::exchange(text, ""); }

  bool slow = false, ended = false, cut = false;
  std::string text;
  std::function<void()> under, gone;
};

/// Remembers the answer, and holds it against what the table of routes says.
class TestReply : public Reply {
 public:
  void send(Response r) override {
    if (response) return;
    if (route != nullptr && r.status != 302) {
      const auto known = statusesOf(*route);
      EXPECT_NE(std::ranges::find(known, r.status), known.end())
          << http::methodName(route->method) << ' ' << route->pattern << " does not tell of status " << r.status;
      if (r.status == 200 && !route->page) {
        EXPECT_EQ(r.contentType, route->media) << route->pattern;
      }
    }
    response = std::move(r);
  }
  StreamPtr stream(Response head, http::StreamEnd) override {
    if (response) return nullptr;
    response = std::move(head);
    streamed = std::make_shared<TestStream>();
    streamed->slow = slow;
    return streamed;
  }
  void whenGone(std::function<void()> f) override { gone = std::move(f); }

  const Route* route = nullptr;
  bool slow = false;  ///< the stream will be
  std::optional<Response> response;
  std::shared_ptr<TestStream> streamed;
  std::function<void()> gone;
};

/// All resources in front of a FakeEngine, without sockets; the clock of long polls is the test's.
class Bench {
 public:
  Bench() { addResources(router, context); }

  std::shared_ptr<TestReply> ask(std::string_view method, std::string_view target, std::string body = "",
                                 std::string lastEventId = "") {
    Request request;
    request.lastEventId = std::move(lastEventId);
    request.method = http::methodOf(method);
    request.body = std::move(body);
    auto reply = std::make_shared<TestReply>();
    if (auto parsed = http::parseTarget(target, request); !parsed) {
      reply->response = Response{400, "", parsed.error().text(), {}};
    } else {
      if (!options.readOnly) reply->route = router.find(request);
      router.handle(request, reply);
    }
    return reply;
  }
  /// Of a request that is answered at once.
  Response now(std::string_view method, std::string_view target, std::string body = "") {
    return ask(method, target, std::move(body))->response.value_or(Response{0, "", "not answered", {}});
  }
  unsigned status(std::string_view method, std::string_view target, std::string body = "") {
    return now(method, target, std::move(body)).status;
  }
  std::string get(std::string_view target) { return now("GET", target).body; }

  Options options;
  FakeEngine engine;
  http::Timers::Time time{};
  /// Lets time pass, and what is due happen.
  void pass(http::Timers::Duration by) {
    time += by;
    timers.run();
  }

  http::Timers timers{[this] { return time; }};
  LogPolls polls{logPolls(engine, timers)};
  LogStreams logStreams{engine, timers};
  FlowStreams flowStreams{engine, timers, [](const std::function<void()>& task) { task(); }};
  DumpStreams dumps{engine, timers, [](const std::function<void()>& task) { task(); }};
  int offloaded = 0;
  PieceStreams pieces{[](const std::function<void()>& task) { task(); },
                      [](const std::function<void()>& task) { task(); }};
  Context context{engine,
                  options,
                  polls,
                  logStreams,
                  flowStreams,
                  dumps,
                  pieces,
                  timers,
                  [] { return http::Figures{.messagesReceived = 7}; },
                  [this](const std::function<void()>& task) {
                    ++offloaded;
                    task();
                  },
                  [](const std::function<void()>& task) { task(); }};
  Router router{options};
};

inline std::string header(const Response& response, std::string_view name) {
  for (const auto& [n, value] : response.headers) {
    if (n == name) return value;
  }
  return "";
}

}  // namespace weir::api::test
