#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "api/message.h"
#include "api/options.h"
#include "api/origin_policy.h"
#include "api/router.h"
#include "base/rate_limit.h"

/// One connection of the server, and what connections share. For server.cpp only.
namespace weir::api {

/// The door for other threads into the server's thread; shut before the server goes away.
class Gate {
 public:
  explicit Gate(boost::asio::io_context& io) : io_(&io) {}

  /// Runs `task` on the server's thread: at once when this is it. Dropped when the gate is shut.
  template <class Task>
  void run(Task task) {
    if (std::this_thread::get_id() == thread_.load(std::memory_order_relaxed)) return task();
    post(std::move(task));
  }
  template <class Task>
  void post(Task task) {
    const std::lock_guard lock(mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(task));
  }
  void enter() { thread_ = std::this_thread::get_id(); }
  void shut() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

  std::atomic<bool> wakePending{false};

 private:
  std::mutex mutex_;
  boost::asio::io_context* io_;
  std::atomic<std::thread::id> thread_{};
};

struct Figures {
  std::atomic<std::uint64_t> connectionsCurrent{0}, connectionsTotal{0}, messagesReceived{0}, messagesSent{0},
      bytesReceived{0}, bytesSent{0}, streamsCurrent{0}, streamsCut{0};
};

inline void raise(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

/// The Date header, made once a second.
class DateText {
 public:
  const std::string& now();

 private:
  std::time_t at_ = 0;
  std::string text_;
};

class Session;

/// What sessions share. Thread: the server's.
struct Shared {
  const Options& options;
  const Router& router;
  OriginPolicy origins;
  Figures& figures;
  std::shared_ptr<Gate> gate;
  std::unordered_set<Session*> sessions;
  std::size_t bodies = 0;  // octets of bodies being received
  bool stopping = false;
  std::function<void()> afterRequest, afterSession;
  std::function<void(std::function<void()>)> offload;  // runs a task beside this thread
  DateText date;
  RateLimit refusals{5, 60 * kSecond};  // lines of the log
};

/// One connection: read, parse, handle, write, one request after the other. A read is always under way, so that
/// pipelined requests wait here and a client that goes away is noticed while its request is parked.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Shared& shared, boost::asio::ip::tcp::socket socket);
  ~Session();

  void start(bool overload);

  /// The answer to request number `number`; any other came too late.
  void answer(std::uint64_t number, Response response);
  /// Turns the request into a stream; nothing leaves before its first piece.
  bool openStream(std::uint64_t number, Response head);
  void writePiece(std::uint64_t number, std::string piece, std::function<void()> sent);
  void endStream(std::uint64_t number, bool cut);
  void whenGone(std::uint64_t number, std::function<void()> gone);

  void checkDeadline(std::chrono::steady_clock::time_point now);
  /// The server ends: what is being answered may leave.
  void stop();
  void close();

 private:
  using Steady = std::chrono::steady_clock;
  enum class Phase : std::uint8_t { idle, header, body, handling, writing, streaming, draining, closed };

  void await(Phase phase, std::chrono::milliseconds longest);
  [[nodiscard]] bool receiving() const { return phase_ <= Phase::body; }

  // --- in

  void read();
  void onRead(boost::system::error_code ec, std::size_t n);
  /// The client sends nothing more. It may still listen (shutdown of one direction), so it gets what it asked for; a
  /// parked request is answered now, since most often nobody is there any more.
  void onEnd();
  void onEndOfInput();
  void abandon();
  void parse();
  /// Skips line ends between requests (RFC 9112 section 2.2); true when a request begins.
  bool begin();
  /// The parser bounds a single line; the sum of lines, and those between the chunks of a body and behind them, are
  /// bounded here.
  bool withinHeaderLimit(std::size_t used, bool stuck);
  bool beginBody();
  bool receiveBody(std::size_t used);
  bool chargeBody(std::size_t octets);

  // --- handle

  void dispatch();
  void refuseBroken(boost::system::error_code ec);
  /// An answer to what never became a request; the connection ends with it.
  void refuse(unsigned status, std::string why);

  // --- out

  /// Of small answers.
  void answerNow(Response response);
  void write(Response response);
  void onWritten(boost::system::error_code ec, std::size_t n);
  void onPieceWritten(boost::system::error_code ec, std::size_t n);
  /// A change that a page of another site asks for is answered 403; true when this one was.
  bool refuseForeign();
  /// The books of a stream that is over.
  void leaveStream();
  /// Says that nothing more comes and takes what still arrives, until the client closes too: closing with octets unread
  /// would reset the connection and could cost the client our answer.
  void drain();
  void logRequest(std::size_t octets);
  [[nodiscard]] std::string peerText() const;

  Shared& shared_;
  boost::asio::ip::tcp::socket socket_;
  std::vector<char> arriving_;    // where the read under way writes
  boost::beast::flat_buffer in_;  // arrived and not parsed
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  Request request_;
  std::uint64_t number_ = 0;
  Phase phase_ = Phase::idle;
  bool reading_ = false, eof_ = false, keepAlive_ = false;
  bool finishing_ = false;       // the answer is being compressed beside this thread
  bool endsAfterPiece_ = false;  // of a stream
  Steady::time_point deadline_, bodyEnd_, begun_;
  std::size_t charged_ = 0;  // octets of a body, in shared_.bodies
  std::size_t lines_ = 0;    // octets of headers, or of chunk lines and trailers since the last octet of body
  std::function<void()> gone_;
  std::shared_ptr<Session> answering_;  // itself, while only the engine or a parked poll knows of it
  std::string head_;
  Response response_;
  std::string piece_;           // of a stream, on its way
  std::function<void()> sent_;  // to be called when it has left
  std::uint64_t streamed_ = 0;  // octets
  std::string line_;
};

}  // namespace weir::api
