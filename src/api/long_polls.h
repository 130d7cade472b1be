#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/message.h"
#include "engine/engine.h"

namespace weir::api {

/// Requests that wait for a record of a log (rest-api.md 5.3). One that waits costs some 300 bytes and no work; those
/// that ask for the same thing are looked up together. Thread: that of the server.
class LongPolls {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Now = std::function<Time()>;
  static constexpr double kLongestWait = 600;  ///< seconds

  LongPolls(engine::Engine& engine, Now now) : engine_(engine), now_(std::move(now)) {}

  /// Answers at once when records match or `timeoutSeconds` is not above 0, else waits.
  void ask(engine::Engine::Log log, engine::Engine::LogRequest request, double timeoutSeconds, const ReplyPtr& reply);
  /// Records were appended: answers whoever waited for them.
  void wake();
  /// Answers [] to those whose time is over.
  void expire();
  /// Answers [] to all.
  void close();
  /// When expire() next has something to do.
  [[nodiscard]] std::optional<Time> nextDeadline() const;
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
  using Id = std::uint64_t;
  /// What is asked; equal questions have equal answers.
  struct Question {
    engine::Engine::Log log;
    std::vector<std::string> names;
    std::int64_t after;
    std::optional<std::size_t> max;
    auto operator<=>(const Question&) const = default;
  };
  using Questions = std::map<Question, std::set<Id>>;
  using Deadlines = std::multimap<Time, Id>;
  struct Waiting {
    ReplyPtr reply;
    Questions::iterator question;
    Deadlines::iterator deadline;
  };

  ReplyPtr take(Id id);
  void answerEmpty(Id id);

  engine::Engine& engine_;
  Now now_;
  Id lastId_ = 0;
  std::unordered_map<Id, Waiting> waiting_;
  Questions questions_;
  Deadlines deadlines_;
};

}  // namespace weir::api
