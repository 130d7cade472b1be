#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/engine.h"
#include "http/message.h"
#include "http/timers.h"

namespace weir::api {

/// The largest flows again and again: /activeflows/{agent}/{name}/stream. Readers of the same question are asked for
/// together; one that is still busy with the last answer misses the next. Thread: that of the server.
class FlowStreams {
 public:
  static constexpr double kShortest = 0.1, kLongest = 3600;  ///< seconds between two answers

  /// `post` runs a task on the server's thread, from any; it owns what it uses, outlives this, and drops tasks once the
  /// server has stopped.
  FlowStreams(engine::Engine& engine, http::Timers& timers, std::function<void(std::function<void()>)> post)
      : engine_(engine), timers_(timers), post_(std::move(post)) {}

  /// Asks, and answers 400 where the question is wrong; else opens the stream with the first answer. `interval` in
  /// seconds, clamped.
  void open(query::ActiveFlowsQuestion flows, double interval, const http::ReplyPtr& reply);
  /// Ends all streams.
  void close();
  [[nodiscard]] std::size_t size() const;

 private:
  using Id = std::uint64_t;
  struct Question {
    query::ActiveFlowsQuestion flows;
    http::Timers::Duration interval;
    friend auto operator<=>(const Question&, const Question&) = default;
  };
  struct Reader {
    http::StreamPtr stream;
    bool busy = false;
  };
  struct Group {
    std::map<Id, Reader> readers;
    bool asking = false;
  };
  using Groups = std::map<Question, Group>;

  void join(const Question& question, const std::string& json, http::StreamPtr stream);
  void arm(const Question& question);
  void ask(const Question& question);
  /// Asks the engine; `take` gets the answer as JSON on the server's thread.
  void askEngine(const Question& question, std::function<void(query::Outcome<std::string>)> take);
  void give(const Question& question, const query::Outcome<std::string>& json);
  void write(const Question& question, Id id, Reader& reader, std::string text);
  void leave(const Question& question, Id id);

  engine::Engine& engine_;
  http::Timers& timers_;
  std::function<void(std::function<void()>)> post_;
  Id lastId_ = 0;
  Groups groups_;
};

}  // namespace weir::api
