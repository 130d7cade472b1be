#include "api/flow_streams.h"

#include <algorithm>
#include <vector>

#include "api/answers.h"
#include "http/event_stream.h"

namespace weir::api {

void FlowStreams::open(query::ActiveFlowsQuestion flows, double interval, const ReplyPtr& reply) {
  const auto seconds = std::chrono::duration<double>(std::clamp(interval, kShortest, kLongest));
  const Question question{std::move(flows), std::chrono::ceil<http::Timers::Duration>(seconds)};
  askEngine(question, [this, question, reply](const query::Outcome<std::string>& json) {
    if (!json) return reply->send(refusalResponse(json.error()));
    if (StreamPtr stream = reply->stream(http::eventStreamHead())) join(question, *json, std::move(stream));
  });
}

void FlowStreams::askEngine(const Question& question, std::function<void(query::Outcome<std::string>)> take) {
  // The answer may come when this is gone: `post` then drops it.
  engine_.ask(question.flows,
              [post = post_, take = std::move(take)](const query::Outcome<query::ActiveFlowsResult>& flows) {
                query::Outcome<std::string> json;
                if (flows) {
                  json = query::jsonOf(*flows);
                } else {
                  json = std::unexpected(flows.error());
                }
                post([take, json = std::move(json)]() mutable { take(std::move(json)); });
              });
}

void FlowStreams::join(const Question& question, const std::string& json, StreamPtr stream) {
  const auto [group, fresh] = groups_.try_emplace(question);
  const Id id = ++lastId_;
  Reader& reader = group->second.readers[id];
  reader.stream = std::move(stream);
  reader.stream->whenGone([this, question, id] { leave(question, id); });
  if (fresh) arm(question);
  write(question, id, reader, std::string(http::kEventStreamBegin) + http::eventText(json));
}

void FlowStreams::arm(const Question& question) {
  timers_.after(question.interval, [this, question] { ask(question); });
}

void FlowStreams::ask(const Question& question) {
  const auto group = groups_.find(question);
  if (group == groups_.end()) return;
  if (group->second.readers.empty()) {
    groups_.erase(group);
    return;
  }
  arm(question);
  if (std::exchange(group->second.asking, true)) return;  // the engine is slower than the interval
  askEngine(question, [this, question](const query::Outcome<std::string>& json) { give(question, json); });
}

void FlowStreams::give(const Question& question, const query::Outcome<std::string>& json) {
  const auto group = groups_.find(question);
  if (group == groups_.end()) return;
  group->second.asking = false;
  const bool ok = json.has_value();
  if (!ok && json.error().reason == query::Refusal::Reason::unavailable) return;  // the next time, maybe
  const std::string text =
      ok ? http::eventText(*json) : http::eventText(errorResponse(400, json.error().error).body, {}, "error");
  // Writing may end a stream: look at ids, not at iterators.
  std::vector<Id> ids;
  for (const auto& [id, reader] : group->second.readers) ids.push_back(id);
  for (const Id id : ids) {
    const auto it = group->second.readers.find(id);
    if (it == group->second.readers.end()) continue;
    const StreamPtr stream = it->second.stream;
    if (!it->second.busy) write(question, id, it->second, text);
    if (ok) continue;
    leave(question, id);
    stream->end();
  }
}

void FlowStreams::write(const Question& question, Id id, Reader& reader, std::string text) {
  reader.busy = true;
  const StreamPtr stream = reader.stream;
  stream->write(std::move(text), [this, question, id] {
    const auto group = groups_.find(question);
    if (group == groups_.end()) return;
    if (const auto it = group->second.readers.find(id); it != group->second.readers.end()) it->second.busy = false;
  });
}

void FlowStreams::leave(const Question& question, Id id) {
  if (const auto group = groups_.find(question); group != groups_.end()) group->second.readers.erase(id);
}

void FlowStreams::close() {
  Groups groups;
  groups.swap(groups_);
  for (auto& [question, group] : groups) {
    for (auto& [id, reader] : group.readers) reader.stream->end();
  }
}

std::size_t FlowStreams::size() const {
  std::size_t readers = 0;
  for (const auto& [question, group] : groups_) readers += group.readers.size();
  return readers;
}

}  // namespace weir::api
