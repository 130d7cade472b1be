#include "api/long_polls.h"

#include <algorithm>

#include "api/answers.h"

namespace weir::api {

void LongPolls::ask(engine::Engine::Log log, engine::Engine::LogRequest request, double timeoutSeconds,
                    const ReplyPtr& reply) {
  if (auto records = engine_.logRecords(log, request)) return reply->send(jsonResponse(std::move(*records)));
  if (!(timeoutSeconds > 0)) return reply->send(jsonResponse("[]"));
  const auto wait = std::chrono::duration<double>(std::min(timeoutSeconds, kLongestWait));
  const Id id = ++lastId_;
  Question question{log, std::move(request.names), request.after, request.max};
  const auto at = questions_.try_emplace(std::move(question)).first;
  at->second.insert(id);
  const auto deadline = deadlines_.emplace(now_() + std::chrono::ceil<Time::duration>(wait), id);
  waiting_.emplace(id, Waiting{reply, at, deadline});
  reply->whenGone([this, id] { answerEmpty(id); });
}

void LongPolls::wake() {
  // Sending may bring the next request of a connection here: look first, answer afterwards.
  std::vector<std::pair<ReplyPtr, std::string>> answers;
  for (auto it = questions_.begin(); it != questions_.end();) {
    const Question& q = it->first;
    auto records = engine_.logRecords(q.log, {q.names, q.after, q.max});
    const auto asking = it++;
    if (!records) continue;
    const std::set<Id> ids = asking->second;
    for (const Id id : ids) answers.emplace_back(take(id), *records);
  }
  for (auto& [reply, records] : answers) reply->send(jsonResponse(std::move(records)));
}

void LongPolls::expire() {
  const Time now = now_();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) answerEmpty(deadlines_.begin()->second);
}

void LongPolls::close() {
  while (!deadlines_.empty()) answerEmpty(deadlines_.begin()->second);
}

std::optional<LongPolls::Time> LongPolls::nextDeadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

ReplyPtr LongPolls::take(Id id) {
  const auto it = waiting_.find(id);
  if (it == waiting_.end()) return nullptr;
  Waiting waiting = std::move(it->second);
  waiting_.erase(it);
  deadlines_.erase(waiting.deadline);
  auto& ids = waiting.question->second;
  ids.erase(id);
  if (ids.empty()) questions_.erase(waiting.question);
  return std::move(waiting.reply);
}

void LongPolls::answerEmpty(Id id) {
  if (const ReplyPtr reply = take(id)) reply->send(jsonResponse("[]"));
}

}  // namespace weir::api
