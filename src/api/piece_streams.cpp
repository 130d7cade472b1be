#include "api/piece_streams.h"

#include <new>
#include <utility>

#include "http/response.h"

namespace weir::api {

struct PieceStreams::Answer {
  Answer(std::shared_ptr<std::atomic<std::size_t>> held, std::size_t octets, Next make)
      : all(std::move(held)), own(octets), next(std::move(make)) {
    *all += own;
  }
  ~Answer() { *all -= own; }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  std::shared_ptr<std::atomic<std::size_t>> all;
  std::size_t own;
  Next next;
  http::StreamPtr stream;
  bool gone = false;
};

void PieceStreams::send(const http::ReplyPtr& reply, http::Response head, std::size_t held, Next next) {
  post_([this, reply, head = std::move(head), held, next = std::move(next)]() mutable {
    begin(reply, std::move(head), held, std::move(next));
  });
}

void PieceStreams::begin(const http::ReplyPtr& reply, http::Response head, std::size_t held, Next next) {
  if (*held_ != 0 && *held_ + held > kMostHeld) {
    return reply->send(http::errorResponse(503, {"too many large answers are being read", {}, {}}));
  }
  auto answer = std::make_shared<Answer>(held_, held, std::move(next));
  answer->stream = reply->stream(std::move(head), http::StreamEnd::lastChunk);
  if (answer->stream == nullptr) return;
  answer->stream->whenGone([weak = std::weak_ptr(answer)] {
    if (const auto left = weak.lock()) left->gone = true;
  });
  make(answer);
}

/// The answer lives in the callbacks that lead from one piece to the next, and ends with the last or its client.
void PieceStreams::make(const std::shared_ptr<Answer>& answer) {
  offload_([this, answer] {
    std::string piece;
    try {
      const bool more = answer->next(piece);
      post_([this, answer, piece = std::move(piece), more] {
        if (answer->gone) return;
        answer->stream->write(piece, [this, answer, more] {
          if (more) return make(answer);
          answer->stream->end();
        });
      });
    } catch (const std::bad_alloc&) {
      post_([answer] { answer->stream->end(true); });
    }
  });
}

}  // namespace weir::api
