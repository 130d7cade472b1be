#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"
#include "http/message.h"
#include "http/timers.h"

namespace weir::api {

/// Answers to /dump. A small one is made as a whole. A large one is made and sent piece by piece, some agents at a
/// time, the next when the client has taken the last: it holds memory for one piece, however large it is and however
/// slowly it is read. Values of a later piece are as they are when it is made. Thread: that of the server.
class DumpStreams {
 public:
  static constexpr std::size_t kSmall = std::size_t{32} << 20;    ///< octets of records and text made as a whole
  static constexpr std::size_t kPiece = std::size_t{256} << 10;  ///< octets of text, about
  static constexpr std::size_t kMost = 64;                       ///< large answers at once: beyond 503

  /// `post` runs a task on the server's thread, from any.
  DumpStreams(engine::Engine& engine, http::Timers& timers, std::function<void(std::function<void()>)> post)
      : engine_(engine), timers_(timers), post_(std::move(post)) {}

  void answer(query::DumpQuestion dump, const http::ReplyPtr& reply);
  /// Cuts all streams.
  void close();
  [[nodiscard]] std::size_t size() const { return dumps_.size(); }

 private:
  struct Dump {
    query::DumpQuestion question;
    http::ReplyPtr reply;
    http::StreamPtr stream;  // nullptr before the first piece
    std::vector<AgentId> agents;
    std::size_t next = 0;      // of agents
    std::size_t sources = 32;  // asked for in a piece
    unsigned tries = 0;
  };
  /// A piece as it was made on the engine's query worker.
  struct Piece {
    std::string text;  // records, separated by commas
    std::size_t sources = 0;
    std::optional<query::SourceKey> last;
  };

  void begin(query::DumpQuestion dump, const http::ReplyPtr& reply);
  void ask(std::uint64_t id);
  void take(std::uint64_t id, query::Outcome<Piece> piece);
  void send(std::uint64_t id, Piece piece);
  void refuse(std::uint64_t id, const query::Refusal& why);

  engine::Engine& engine_;
  http::Timers& timers_;
  std::function<void(std::function<void()>)> post_;
  std::uint64_t lastId_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Dump>> dumps_;
};

}  // namespace weir::api
