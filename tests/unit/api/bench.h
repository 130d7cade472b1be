#pragma once
#include <memory>
#include <optional>
#include <string>

#include "api/long_polls.h"
#include "api/options.h"
#include "api/resources.h"
#include "api/router.h"
#include "api/target.h"
#include "fake_engine.h"

namespace weir::api::test {

/// Remembers the answer.
class TestReply : public Reply {
 public:
  void send(Response r) override {
    if (!response) response = std::move(r);
  }
  void whenGone(std::function<void()> f) override { gone = std::move(f); }

  std::optional<Response> response;
  std::function<void()> gone;
};

/// All resources in front of a FakeEngine, without sockets; the clock of long polls is the test's.
class Bench {
 public:
  Bench() { addResources(router, context); }

  std::shared_ptr<TestReply> ask(std::string_view method, std::string_view target, std::string body = "") {
    Request request;
    request.method = methodOf(method);
    request.body = std::move(body);
    auto reply = std::make_shared<TestReply>();
    if (auto parsed = parseTarget(target, request); !parsed) {
      reply->response = Response{400, "", parsed.error().text(), {}};
    } else {
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
  LongPolls::Time time{};
  LongPolls polls{engine, [this] { return time; }};
  int offloaded = 0;
  Context context{engine, options, polls, [] { return engine::HttpFigures{.messagesReceived = 7}; },
                  [this](const std::function<void()>& task) {
                    ++offloaded;
                    task();
                  }};
  Router router{options};
};

inline std::string header(const Response& response, std::string_view name) {
  for (const auto& [n, value] : response.headers) {
    if (n == name) return value;
  }
  return "";
}

}  // namespace weir::api::test
