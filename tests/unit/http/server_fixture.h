#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/event_stream.h"
#include "http/long_polls.h"
#include "http/response.h"
#include "http/server.h"
#include "support/server_test.h"

namespace weir::http::test {

using Client = weir::test::HttpClient;

/// What the server under test serves:
///   /version        "0.1-1"
///   /item/{name}    holds what was put
///   /answer/{text}  {"answer":…}; kept back after hold()
///   /parked         [text] once tell(text) was called, or [] after `timeout` seconds
///   /stream         the same text as an event, again and again
///   /pieces         "one", "two" and "three" as pieces of an answer that has an end
class App {
 public:
  explicit App(Server& server)
      : server_(server), polls_(server.timers(), [this](const std::string&, auto&) { return told(); }, json("[]")) {}

  void handle(const Request& request, const ReplyPtr& reply) {
    const std::string first = request.path.empty() ? "" : request.path[0];
    if (first == "version") return reply->send({200, "text/plain", "0.1-1", {}});
    if (first == "item" && request.path.size() == 2) return item(request, reply);
    if (first == "answer") return answer(request, reply);
    if (first == "parked") {
      const std::string* timeout = request.parameter("timeout");
      return polls_.ask("", timeout == nullptr ? 0 : std::stod(*timeout), reply);
    }
    if (first == "stream") return stream(reply);
    if (first == "pieces") {
      if (const auto stream = reply->stream({200, "text/plain", "", {}}, StreamEnd::lastChunk)) piece(stream, 0);
      return;
    }
    reply->send(errorResponse(404, {"there is no such resource", {}, {}}));
  }
  /// Thread: the server's.
  void close() {
    polls_.close();
    for (auto& [id, reader] : std::exchange(readers_, {})) reader.stream->end();
  }

  // --- for the test

  void hold() { held_ = true; }
  void release() {
    std::vector<std::function<void()>> kept;
    {
      const std::lock_guard lock(mutex_);
      held_ = false;
      kept.swap(kept_);
    }
    for (auto& answer : kept) answer();
  }
  std::size_t keptBack() const {
    const std::lock_guard lock(mutex_);
    return kept_.size();
  }
  bool has(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return items_.contains(name);
  }
  void put(const std::string& name, std::string text) {
    const std::lock_guard lock(mutex_);
    items_[name] = std::move(text);
  }
  void tell(std::string text) {
    server_.post([this, text = std::move(text)] {
      told_ = text;
      polls_.wake();
      told_.reset();
      for (auto& [id, reader] : readers_) {
        reader.next += eventText(text);
        write(id);
      }
    });
  }
  std::atomic<std::size_t> extraOctets{0};  ///< added to each answer and event

 private:
  static Response json(std::string text) { return {200, std::string(kMediaJson), std::move(text), {}}; }
  std::optional<Response> told() const { return told_ ? std::optional(json("[" + *told_ + "]")) : std::nullopt; }

  void item(const Request& request, const ReplyPtr& reply) {
    const std::lock_guard lock(mutex_);
    const std::string& name = request.path[1];
    switch (request.method) {
      case Method::put:
      case Method::post:
        items_[name] = request.body;
        return reply->send({204, "", "", {}});
      case Method::del:
        items_.erase(name);
        return reply->send({204, "", "", {}});
      case Method::get:
      case Method::head: {
        const auto at = items_.find(name);
        if (at == items_.end()) return reply->send(errorResponse(404, {"there is no such item", {}, {}}));
        return reply->send({200, "text/plain", at->second, {}});
      }
      case Method::options:
        return reply->send({204, "", "", {{"X-Listed", request.listedOrigin ? "yes" : "no"}}});
      case Method::other:
        return reply->send(errorResponse(405, {"not that", {}, {}}));
    }
  }
  void answer(const Request& request, const ReplyPtr& reply) {
    std::string text = "{\"answer\":\"" + request.path.back() + "\"}";
    text.append(extraOctets, ' ');
    const std::lock_guard lock(mutex_);
    if (held_) {
      kept_.emplace_back([reply, text] { reply->send(json(text)); });
    } else {
      reply->send(json(std::move(text)));
    }
  }
  void stream(const ReplyPtr& reply) {
    auto stream = reply->stream(eventStreamHead());
    if (!stream) return;
    const int id = ++lastStream_;
    stream->whenGone([this, id] { readers_.erase(id); });
    readers_[id] = {std::move(stream), std::string(kEventStreamBegin) + std::string(extraOctets, '\n'), false};
    write(id);
  }
  static void piece(const StreamPtr& stream, std::size_t i) {
    static constexpr const char* kPieces[] = {"one", "two", "three"};
    if (i == std::size(kPieces)) return stream->end();
    stream->write(kPieces[i], [stream, i] { piece(stream, i + 1); });
  }
  void write(int id) {
    const auto at = readers_.find(id);
    if (at == readers_.end() || at->second.busy || at->second.next.empty()) return;
    at->second.busy = true;
    at->second.stream->write(std::exchange(at->second.next, ""), [this, id] {
      if (const auto reader = readers_.find(id); reader != readers_.end()) reader->second.busy = false;
      write(id);
    });
  }

  Server& server_;
  std::optional<std::string> told_;
  LongPolls<std::string> polls_;
  struct Reader {
    StreamPtr stream;
    std::string next;  // to be written when the piece under way has left
    bool busy = false;
  };
  std::map<int, Reader> readers_;
  int lastStream_ = 0;
  mutable std::mutex mutex_;
  std::atomic<bool> held_ = false;
  std::map<std::string, std::string> items_;
  std::vector<std::function<void()>> kept_;
};

/// A server with an App.
class ServerTest : public weir::test::ServerTest<Server> {
 protected:
  ~ServerTest() override { stop(); }
  void start(ServerOptions options = {}) {
    options.hostname = "127.0.0.1";
    options.port = 0;
    auto opened = Server::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().text();
    server = std::move(*opened);
    app = std::make_unique<App>(*server);
    server->start([this](const Request& request, const ReplyPtr& reply) { app->handle(request, reply); });
  }
  void stop() {
    if (server) server->stop([this] { app->close(); });
  }

  std::unique_ptr<App> app;
};

}  // namespace weir::http::test
