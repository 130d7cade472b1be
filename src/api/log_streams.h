#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "http/message.h"
#include "http/timers.h"

namespace weir::api {

/// The logs as Server-Sent Events: /events/stream and /flows/stream. A reader holds a cursor and at most one piece of
/// kMost records; readers at the same place are looked up together, and idle ones cost no work but the comment that
/// keeps them open. A reader that the log has overtaken is cut off. Thread: that of the server.
class LogStreams {
 public:
  static constexpr std::size_t kMost = 100;  ///< records of one piece

  LogStreams(engine::Engine& engine, http::Timers& timers) : engine_(engine), timers_(timers) {}

  /// Sends what there is behind `request.after` (of it the newest `request.max`), then what comes. With `timeout`, the
  /// stream ends when nothing came for so many seconds.
  void open(engine::Engine::Log log, engine::Engine::LogRequest request, std::optional<double> timeout,
            http::StreamPtr stream);
  /// Records were appended.
  void wake();
  /// Ends all streams.
  void close();
  [[nodiscard]] std::size_t size() const { return readers_.size(); }

 private:
  using Id = std::uint64_t;
  struct Question {
    engine::Engine::Log log;
    std::vector<std::string> names;
    std::int64_t after;
    auto operator<=>(const Question&) const = default;
  };
  struct Piece {
    std::string text;
    std::int64_t cursor = 0;
    bool overtaken = false;
  };
  using Pieces = std::map<Question, Piece>;
  struct Reader {
    http::StreamPtr stream;
    Question question;
    std::optional<http::Timers::Duration> timeout;
    http::Timers::Id keepAlive, quiet;
    bool busy = false;
  };

  [[nodiscard]] Piece read(const Question& question, std::optional<std::size_t> newest) const;
  void give(Id id, Reader& reader, const Piece& piece);
  void write(Id id, Reader& reader, std::string text);
  void onSent(Id id);
  void keepAlive(Id id);
  void armQuiet(Id id, Reader& reader);
  void end(Id id, bool cut);

  engine::Engine& engine_;
  http::Timers& timers_;
  Id lastId_ = 0;
  std::map<Id, Reader> readers_;
};

}  // namespace weir::api
