#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http/message.h"
#include "http/timers.h"

namespace weir::http {

/// Requests that wait for something to tell. One that waits costs some 300 bytes and no work; those that ask the same
/// Question (a plain value with an order; equal questions have equal answers) are looked up together. Thread: that of
/// the server.
template <class Question>
class LongPolls {
 public:
  /// What a look has gone through already without an answer; kept with the question, nothing before the first look.
  using Seen = std::optional<std::int64_t>;
  /// The answer to a question, when there is one already. Looks only at what came after `seen`, and brings it forward.
  using Look = std::function<std::optional<Response>(const Question&, Seen& seen)>;
  static constexpr double kLongestWait = 600;  ///< seconds

  /// `nothing` is what those are answered whose time is over.
  LongPolls(Timers& timers, Look look, Response nothing)
      : timers_(timers), look_(std::move(look)), nothing_(std::move(nothing)) {}

  /// Answers at once when there is an answer or `timeoutSeconds` is not above 0, else waits.
  void ask(Question question, double timeoutSeconds, const ReplyPtr& reply) {
    Seen seen;
    if (auto answer = look_(question, seen)) return reply->send(std::move(*answer));
    if (!(timeoutSeconds > 0)) return reply->send(nothing_);
    const auto wait = std::chrono::duration<double>(std::min(timeoutSeconds, kLongestWait));
    const Id id = ++lastId_;
    const auto at = questions_.try_emplace(std::move(question)).first;
    at->second.ids.insert(id);
    at->second.seen = seen;
    const auto timer = timers_.after(std::chrono::ceil<Timers::Duration>(wait), [this, id] { answerNothing(id); });
    waiting_.emplace(id, Waiting{reply, at, timer});
    reply->whenGone([this, id] { answerNothing(id); });
  }
  /// Something happened: answers the requests that waited for it.
  void wake() {
    // Sending may bring the next request of a connection here: look first, answer afterwards.
    std::vector<std::pair<ReplyPtr, std::shared_ptr<const Response>>> answers;
    for (auto it = questions_.begin(); it != questions_.end();) {
      const auto asking = it++;
      auto found = look_(asking->first, asking->second.seen);
      if (!found) continue;
      const auto answer = std::make_shared<const Response>(std::move(*found));
      const std::set<Id> ids = asking->second.ids;
      for (const Id id : ids) answers.emplace_back(take(id), answer);
    }
    for (const auto& [reply, answer] : answers) reply->send(*answer);
  }
  /// Answers all that there is nothing.
  void close() {
    while (!waiting_.empty()) answerNothing(waiting_.begin()->first);
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
  using Id = std::uint64_t;
  struct Asked {
    std::set<Id> ids;
    Seen seen;
  };
  using Questions = std::map<Question, Asked>;
  struct Waiting {
    ReplyPtr reply;
    typename Questions::iterator question;
    Timers::Id timer;
  };

  ReplyPtr take(Id id) {
    const auto it = waiting_.find(id);
    if (it == waiting_.end()) return nullptr;
    Waiting waiting = std::move(it->second);
    waiting_.erase(it);
    timers_.cancel(waiting.timer);
    auto& ids = waiting.question->second.ids;
    ids.erase(id);
    if (ids.empty()) questions_.erase(waiting.question);
    return std::move(waiting.reply);
  }
  void answerNothing(Id id) {
    if (const ReplyPtr reply = take(id)) reply->send(nothing_);
  }

  Timers& timers_;
  Look look_;
  Response nothing_;
  Id lastId_ = 0;
  std::unordered_map<Id, Waiting> waiting_;
  Questions questions_;
};

}  // namespace weir::http
