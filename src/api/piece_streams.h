#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "http/message.h"

namespace weir::api {

/// Answers whose text is made of something smaller that is held: a piece is made beside the server's thread when the
/// client has taken the last. What they hold is bounded together; beyond, 503. Thread: that of the server, but for
/// send().
class PieceStreams {
 public:
  static constexpr std::size_t kPiece = std::size_t{512} << 10;     ///< octets, about
  static constexpr std::size_t kMostHeld = std::size_t{512} << 20;  ///< by all; one alone may hold more

  using Task = std::function<void()>;
  using Run = std::function<void(Task)>;
  /// `post` runs a task on the server's thread, `offload` one that takes a while beside it; both from any thread.
  PieceStreams(Run post, Run offload) : post_(std::move(post)), offload_(std::move(offload)) {}

  /// Appends a piece; false: it was the last. One call at a time.
  using Next = std::function<bool(std::string& out)>;
  /// Answers `head`, whose body is what `next` makes. `held`: octets that it holds until it is destroyed. Thread: any.
  void send(const http::ReplyPtr& reply, http::Response head, std::size_t held, Next next);
  [[nodiscard]] std::size_t held() const { return *held_; }

 private:
  struct Answer;
  void begin(const http::ReplyPtr& reply, http::Response head, std::size_t held, Next next);
  void make(const std::shared_ptr<Answer>& answer);

  Run post_, offload_;
  std::shared_ptr<std::atomic<std::size_t>> held_ = std::make_shared<std::atomic<std::size_t>>(0);  // outlives this
};

}  // namespace weir::api
