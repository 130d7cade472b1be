#include "api/log_streams.h"

#include <algorithm>
#include <utility>

#include "http/event_stream.h"

namespace weir::api {

namespace {

http::Timers::Duration durationOf(double seconds) {
  constexpr double kLongest = 1e6;  // beyond, a duration overflows
  return std::chrono::ceil<http::Timers::Duration>(std::chrono::duration<double>(std::clamp(seconds, 0.0, kLongest)));
}

}  // namespace

void LogStreams::open(engine::Engine::Log log, engine::Engine::LogRequest request, std::optional<double> timeout,
                      http::StreamPtr stream) {
  const Id id = ++lastId_;
  Reader& reader = readers_[id];
  reader.stream = std::move(stream);
  reader.question = {log, std::move(request.names), request.after};
  if (timeout) reader.timeout = durationOf(*timeout);
  reader.stream->whenGone([this, id] {
    if (const auto it = readers_.find(id); it != readers_.end()) {
      timers_.cancel(it->second.keepAlive);
      timers_.cancel(it->second.quiet);
      readers_.erase(it);
    }
  });
  reader.keepAlive = timers_.after(http::kKeepAliveTime, [this, id] { keepAlive(id); });
  armQuiet(id, reader);
  Piece piece = read(reader.question, request.max);
  reader.question.after = piece.cursor;
  // Never empty: a client learns that it is connected. Browsers come back a second after a stream broke.
  write(id, reader, std::string(http::kEventStreamBegin) + piece.text);
}

void LogStreams::wake() {
  // Writing may end a stream: look at ids, not at iterators.
  std::vector<Id> idle;
  for (const auto& [id, reader] : readers_) {
    if (!reader.busy) idle.push_back(id);
  }
  Pieces pieces;
  for (const Id id : idle) {
    const auto it = readers_.find(id);
    if (it == readers_.end() || it->second.busy) continue;
    const auto [at, fresh] = pieces.try_emplace(it->second.question);
    if (fresh) at->second = read(at->first, std::nullopt);
    give(id, it->second, at->second);
  }
}

void LogStreams::close() {
  while (!readers_.empty()) end(readers_.begin()->first, false);
}

LogStreams::Piece LogStreams::read(const Question& question, std::optional<std::size_t> newest) const {
  const auto records = engine_.recordsAfter(question.log, {question.names, question.after, newest}, kMost);
  Piece piece{{}, records.cursor, records.overtaken};
  for (const auto& [id, json] : records.records) {
    http::appendEvent(piece.text, json, std::to_string(id));
  }
  return piece;
}

void LogStreams::give(Id id, Reader& reader, const Piece& piece) {
  if (piece.overtaken) return end(id, true);
  reader.question.after = piece.cursor;
  if (!piece.text.empty()) {
    armQuiet(id, reader);
    write(id, reader, piece.text);
  }
}

void LogStreams::write(Id id, Reader& reader, std::string text) {
  reader.busy = true;
  const http::StreamPtr stream = reader.stream;  // the reader may go meanwhile
  stream->write(std::move(text), [this, id] { onSent(id); });
}

void LogStreams::onSent(Id id) {
  const auto it = readers_.find(id);
  if (it == readers_.end()) return;
  it->second.busy = false;
  give(id, it->second, read(it->second.question, std::nullopt));
}

void LogStreams::keepAlive(Id id) {
  const auto it = readers_.find(id);
  if (it == readers_.end()) return;
  it->second.keepAlive = timers_.after(http::kKeepAliveTime, [this, id] { keepAlive(id); });
  if (!it->second.busy) write(id, it->second, std::string(http::kKeepAlive));
}

void LogStreams::armQuiet(Id id, Reader& reader) {
  if (!reader.timeout) return;
  timers_.cancel(reader.quiet);
  reader.quiet = timers_.after(*reader.timeout, [this, id] { end(id, false); });
}

void LogStreams::end(Id id, bool cut) {
  const auto it = readers_.find(id);
  if (it == readers_.end()) return;
  const Reader reader = std::move(it->second);
  readers_.erase(it);
  timers_.cancel(reader.keepAlive);
  timers_.cancel(reader.quiet);
  reader.stream->end(cut);
}

}  // namespace weir::api
