#pragma once
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/rate_limit.h"
#include "http/date.h"
#include "http/figures.h"
#include "http/gate.h"
#include "http/message.h"
#include "http/options.h"
#include "http/origin_policy.h"
#include "http/transport.h"

/// One connection of the server, and what connections share. For the server only.
namespace weir::http {

class Session;
using Handler = std::function<void(const Request& request, const ReplyPtr& reply)>;

/// What sessions share. Thread: the server's.
struct Shared {
  explicit Shared(const ServerOptions& o) : options(o), origins(o.origins, o.hosts) {}

  const ServerOptions& options;
  OriginPolicy origins;
  Handler handler;
  FigureCounters figures;
  std::shared_ptr<Gate> gate;
  std::unordered_set<Session*> sessions;
  std::list<Session*> waiting;  // for a request or more of it; the one that heard nothing for longest comes first
  std::size_t bodies = 0;       // octets of bodies being received
  std::size_t answers = 0;      // octets of answers that have not left
  bool stopping = false;
  std::function<void()> afterSession;
  std::function<void(std::function<void()>)> offload;  // runs a task beside this thread
  DateText date;
  RateLimit refusals{5, 60 * kSecond}, crowds{1, 60 * kSecond};  // lines of the log
};

/// One connection: read, parse, handle, write, one request after the other. A read is always under way, so that
/// pipelined requests wait here and a client that goes away is noticed while its request is parked.
class Session : public Transport::User, public std::enable_shared_from_this<Session> {
 public:
  Session(Shared& shared, std::unique_ptr<Transport> transport, IpAddress peer);
  ~Session() override;

  void start(bool overload);

  /// The answer to request number `number`; any other came too late.
  void answer(std::uint64_t number, Response response);
  /// Turns the request into a stream; nothing leaves before its first piece.
  bool openStream(std::uint64_t number, Response head, StreamEnd end);
  void writePiece(std::uint64_t number, std::string piece, std::function<void()> sent);
  void endStream(std::uint64_t number, bool cut);
  void whenGone(std::uint64_t number, std::function<void()> gone);

  void checkDeadline(std::chrono::steady_clock::time_point now);
  /// The server ends: what is being answered may leave.
  void stop();
  void close();

  void onRead(boost::system::error_code ec, std::size_t n) override;
  void onWritten(boost::system::error_code ec, std::size_t n) override;

 private:
  using Steady = std::chrono::steady_clock;
  static constexpr std::size_t kReadAhead = 64 * 1024;  // octets read while a request is answered, for pipelining
  enum class Phase : std::uint8_t { idle, header, body, handling, writing, streaming, draining, closed };

  void await(Phase phase, std::chrono::milliseconds longest);
  [[nodiscard]] bool receiving() const { return phase_ <= Phase::body; }

  // --- in (session.cpp)

  void read();
  /// The client sends nothing more. It may still listen (shutdown of one direction), so it gets what it asked for; a
  /// parked request is answered now, since the client is most probably gone.
  void onEnd();
  void onEndOfInput();
  void abandon();
  /// Takes what arrived; memory that is over is answered 503.
  void take(std::size_t arrived);
  void parse();
  /// Skips line ends between requests (RFC 9112 section 2.2); true when a request begins.
  bool begin();
  /// The parser bounds a single line; the sum of lines, and those between the chunks of a body and behind them, are
  /// bounded here.
  bool withinHeaderLimit(std::size_t used, bool stuck);
  bool beginBody();
  bool receiveBody(std::size_t used);
  bool chargeBody(std::size_t octets);
  /// Takes its place in shared_.waiting by its phase, at the end.
  void queue();

  // --- handle

  void dispatch();
  /// The way back of the request that is being handled.
  [[nodiscard]] ReplyPtr reply();
  /// A change that a page of another site asks for is answered 403; true when this one was.
  bool refuseForeign();
  void refuseBroken(boost::system::error_code ec);
  /// An answer to what never became a request; the connection ends with it.
  void refuse(unsigned status, std::string why);

  // --- out (session_answer.cpp)

  /// Says how many octets of an answer are held; false when they are too many together with those of others.
  bool chargeAnswer(std::size_t octets);
  /// Of small answers.
  void answerNow(Response response);
  void write(Response response);
  /// Writes what there is in out_.
  void send();
  /// The next piece of a body that is not held.
  void readSource();
  void onSourceRead(std::optional<std::string> piece);
  void onAnswerSent();
  void onPieceSent();
  void writeLastChunk();
  /// The books of a stream that is over.
  void leaveStream();
  /// Says that nothing more comes and takes what still arrives, until the client closes too: closing with octets unread
  /// would reset the connection and could cost the client our answer.
  void drain();
  void logRequest(std::uint64_t octets);
  [[nodiscard]] std::string peerText() const;

  Shared& shared_;
  std::unique_ptr<Transport> transport_;
  IpAddress peer_;
  std::vector<char> arriving_;    // where the read under way writes
  boost::beast::flat_buffer in_;  // arrived and not parsed
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  Request request_;
  std::uint64_t number_ = 0;
  Phase phase_ = Phase::idle;
  bool reading_ = false, sending_ = false, eof_ = false, keepAlive_ = false;
  bool finishing_ = false;       // the answer is being compressed beside this thread
  bool endsAfterPiece_ = false;  // of a stream
  bool http11_ = false;          // the request is of HTTP/1.1
  bool chunked_ = false;         // the stream ends with a last chunk, which has not left
  Steady::time_point deadline_, bodyEnd_, begun_;
  std::size_t charged_ = 0;                             // octets of a body, in shared_.bodies
  std::size_t answerCharged_ = 0;                       // octets of an answer, in shared_.answers
  std::optional<std::list<Session*>::iterator> place_;  // in shared_.waiting
  std::size_t lines_ = 0;  // octets of headers, or of chunk lines and trailers since the last octet of body
  std::function<void()> gone_;
  std::shared_ptr<Session> answering_;  // itself, while only a handler, a parked poll or a read of a source knows of it
  Transport::Buffers out_;              // 100 Continue, head_, and the body or piece_
  std::string head_;
  Response response_;
  std::string piece_;             // of a stream or a source, on its way
  std::uint64_t sourceAt_ = 0;    // octets of the source that were read
  std::function<void()> sent_;    // to be called when it has left
  std::uint64_t sentOctets_ = 0;  // of this answer
  std::string line_;
};

}  // namespace weir::http
