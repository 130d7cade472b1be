#include "api/dump_streams.h"

#include <algorithm>
#include <utility>

#include "api/answers.h"

namespace weir::api {

namespace {

constexpr std::size_t kAgentsAsked = 256, kMostSources = 1024;  // of one piece
constexpr unsigned kMostTries = 100;  // of a piece that the engine cannot make now
constexpr auto kTryAgain = std::chrono::milliseconds(100);

}  // namespace

void DumpStreams::answer(query::DumpQuestion dump, const ReplyPtr& reply) {
  dump.mostOctets = kSmall;
  engine_.ask(dump, [this, dump, reply](const query::Outcome<query::DumpResult>& result) {
    if (result || result.error().reason != query::Refusal::Reason::tooLarge) return AnswerJson{reply}(result);
    post_([this, dump, reply] { begin(dump, reply); });
  });
}

void DumpStreams::begin(query::DumpQuestion dump, const ReplyPtr& reply) {
  if (dumps_.size() >= kMost) {
    return reply->send(errorResponse(503, {"too many large answers are being read", {}, {}}));
  }
  const std::uint64_t id = ++lastId_;
  dump.mostOctets = SIZE_MAX;
  dump.part.emplace();
  auto started = std::make_unique<Dump>();
  started->question = std::move(dump);
  started->reply = reply;
  dumps_.emplace(id, std::move(started));
  reply->whenGone([this, id] { dumps_.erase(id); });
  engine_.ask(query::AgentsQuestion{}, [this, id](const query::Outcome<query::AgentsResult>& known) {
    if (!known) return post_([this, id, why = known.error()] { refuse(id, why); });
    std::vector<AgentId> agents;
    for (const query::AgentRecord& record : known->agents) agents.push_back(record.agent);
    agents.erase(std::ranges::unique(agents).begin(), agents.end());
    post_([this, id, agents = std::move(agents)]() mutable {
      if (const auto found = dumps_.find(id); found != dumps_.end()) {
        found->second->agents = std::move(agents);
        ask(id);
      }
    });
  });
}

void DumpStreams::ask(std::uint64_t id) {
  const auto found = dumps_.find(id);
  if (found == dumps_.end()) return;
  Dump& dump = *found->second;
  query::DumpPart& part = *dump.question.part;
  const std::size_t end = std::min(dump.next + kAgentsAsked, dump.agents.size());
  part.agents.assign(dump.agents.begin() + static_cast<std::ptrdiff_t>(dump.next),
                     dump.agents.begin() + static_cast<std::ptrdiff_t>(end));
  part.most = dump.sources;
  engine_.ask(dump.question, [this, id](const query::Outcome<query::DumpResult>& result) {
    if (!result) return post_([this, id, why = result.error()] { take(id, std::unexpected(why)); });
    Piece piece;
    result->appendRecords(piece.text);
    piece.sources = result->records.sources.size();
    if (piece.sources != 0) piece.last = result->records.sources.back().key;
    post_([this, id, piece = std::move(piece)]() mutable { take(id, std::move(piece)); });
  });
}

void DumpStreams::take(std::uint64_t id, query::Outcome<Piece> piece) {
  const auto found = dumps_.find(id);
  if (found == dumps_.end()) return;
  Dump& dump = *found->second;
  if (!piece) {
    if (piece.error().reason != query::Refusal::Reason::unavailable || ++dump.tries == kMostTries) {
      return refuse(id, piece.error());
    }
    timers_.after(kTryAgain, [this, id] { ask(id); });
    return;
  }
  dump.tries = 0;
  query::DumpPart& part = *dump.question.part;
  if (piece->sources < part.most) {
    dump.next += part.agents.size();
    part.after.reset();
  } else {
    part.after = piece->last;
    dump.next =
        static_cast<std::size_t>(std::ranges::lower_bound(dump.agents, piece->last->agent) - dump.agents.begin());
  }
  if (piece->text.size() > 2 * kPiece) dump.sources = std::max<std::size_t>(dump.sources / 2, 1);
  if (piece->text.size() < kPiece / 2) dump.sources = std::min(dump.sources * 2, kMostSources);
  if (piece->text.empty() && dump.next < dump.agents.size()) return ask(id);
  send(id, std::move(*piece));
}

void DumpStreams::send(std::uint64_t id, Piece piece) {
  Dump& dump = *dumps_.at(id);
  std::string text;
  if (dump.stream == nullptr) {
    dump.stream = dump.reply->stream(jsonResponse(""), http::StreamEnd::lastChunk);
    if (dump.stream == nullptr) return void(dumps_.erase(id));  // the client is gone, or wants only the head
    dump.stream->whenGone([this, id] { dumps_.erase(id); });
    text = "[";
  } else if (!piece.text.empty()) {
    text = ",";
  }
  const bool isLast = dump.next >= dump.agents.size();
  text += piece.text;
  if (isLast) text += "]";
  const StreamPtr stream = dump.stream;
  stream->write(std::move(text), [this, id, isLast, stream] {
    if (!isLast) return ask(id);
    dumps_.erase(id);
    stream->end();
  });
}

void DumpStreams::refuse(std::uint64_t id, const query::Refusal& why) {
  const auto found = dumps_.find(id);
  if (found == dumps_.end()) return;
  const std::unique_ptr<Dump> dump = std::move(found->second);
  dumps_.erase(found);
  if (dump->stream == nullptr) return dump->reply->send(refusalResponse(why));
  dump->stream->end(true);
}

void DumpStreams::close() {
  for (auto& [id, dump] : std::exchange(dumps_, {})) {
    if (dump->stream != nullptr) dump->stream->end(true);
  }
}

}  // namespace weir::api
