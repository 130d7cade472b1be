#include "api/server.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <vector>

#include "api/answers.h"
#include "api/long_polls.h"
#include "api/resources.h"
#include "api/router.h"
#include "api/target.h"
#include "base/log.h"

namespace weir::api {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Steady = std::chrono::steady_clock;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kReadAhead = 64 * 1024;  // octets read while a request is being answered, for pipelining
constexpr std::size_t kSparePlaces = 64;       // connections beyond the bound that are told 503
constexpr std::size_t kReservedFiles = 128;    // of the process: captures, sockets of sFlow, standard streams
constexpr auto kLongestStop = std::chrono::seconds(2);

/// The door for other threads into the server's thread; shut before the server goes away.
class Gate {
 public:
  explicit Gate(asio::io_context& io) : io_(&io) {}

  /// Runs `task` on the server's thread: at once when this is it. Dropped when the gate is shut.
  template <class Task>
  void run(Task task) {
    if (std::this_thread::get_id() == thread_.load(std::memory_order_relaxed)) return task();
    post(std::move(task));
  }
  template <class Task>
  void post(Task task) {
    const std::lock_guard lock(mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(task));
  }
  void enter() { thread_ = std::this_thread::get_id(); }
  void shut() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

  std::atomic<bool> wakePending{false};

 private:
  std::mutex mutex_;
  asio::io_context* io_;
  std::atomic<std::thread::id> thread_{};
};

struct Figures {
  std::atomic<std::uint64_t> connectionsCurrent{0}, connectionsTotal{0}, messagesReceived{0}, messagesSent{0},
      bytesReceived{0}, bytesSent{0};
};

void raise(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

/// How many connections the limit of open files leaves room for; the soft limit is raised first.
std::size_t affordableConnections(std::size_t wanted) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return wanted;
  const rlim_t needed = wanted + kSparePlaces + kReservedFiles;
  if (files.rlim_cur < needed) {
    files.rlim_cur = std::min(needed, files.rlim_max);
    (void)setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
  }
  const std::size_t kept = kSparePlaces + kReservedFiles;
  return files.rlim_cur >= needed ? wanted
                                  : std::max<std::size_t>(files.rlim_cur > kept ? files.rlim_cur - kept : 0, 16);
}

std::string httpDate(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  // The C locale's names are what RFC 9110 section 5.6.7 wants; nothing in this program sets another.
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

/// The Date header, made once a second.
class DateText {
 public:
  const std::string& now() {
    const std::time_t now = std::time(nullptr);
    if (now != at_) {
      at_ = now;
      text_ = httpDate(now);
    }
    return text_;
  }

 private:
  std::time_t at_ = 0;
  std::string text_;
};

class Session;

/// What sessions share. Thread: the server's.
struct Shared {
  const Options& options;
  const Router& router;
  Figures& figures;
  std::shared_ptr<Gate> gate;
  std::unordered_set<Session*> sessions;
  std::size_t bodies = 0;  // octets of bodies being received
  bool stopping = false;
  std::function<void()> afterRequest, afterSession;
  DateText date;
};

/// One connection: read, parse, handle, write, one request after the other. A read is always under way, so that
/// pipelined requests wait here and a client that goes away is noticed while its request is parked.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Shared& shared, tcp::socket socket) : shared_(shared), socket_(std::move(socket)) {
    shared_.sessions.insert(this);
    shared_.figures.connectionsCurrent = shared_.sessions.size();
    raise(shared_.figures.connectionsTotal);
  }
  ~Session() {
    chargeBody(0);
    shared_.sessions.erase(this);
    shared_.figures.connectionsCurrent = shared_.sessions.size();
    if (shared_.afterSession) shared_.afterSession();
  }

  void start(bool overload) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    if (shared_.options.log) {
      const auto peer = socket_.remote_endpoint(ignored);
      client_ = ignored ? "-" : peer.address().to_string();
    }
    await(Phase::idle, shared_.options.idleTimeout);
    if (overload) {
      refuse(503, "too many connections");
    }
    read();
  }

  /// The answer to request number `number`; any other came too late.
  void answer(std::uint64_t number, Response response) {
    if (phase_ != Phase::handling || number != number_) return;
    write(std::move(response));
  }
  void whenGone(std::uint64_t number, std::function<void()> gone) {
    if (phase_ != Phase::handling || number != number_) return;
    if (eof_) return gone();
    gone_ = std::move(gone);
  }

  void checkDeadline(Steady::time_point now) {
    if (now < deadline_) return;
    if (phase_ == Phase::header || phase_ == Phase::body) return refuse(408, "the request did not arrive in time");
    close();
  }
  /// The server ends: what is being answered may leave.
  void stop() {
    keepAlive_ = false;
    if (phase_ != Phase::handling && phase_ != Phase::writing) close();
  }
  void close() {
    error_code ignored;
    socket_.close(ignored);
    gone_ = nullptr;
    deadline_ = Steady::time_point::max();
    phase_ = Phase::closed;
    answering_.reset();
  }

 private:
  enum class Phase : std::uint8_t { idle, header, body, handling, writing, draining, closed };

  class SessionReply : public Reply {
   public:
    SessionReply(std::weak_ptr<Session> session, std::uint64_t number, std::shared_ptr<Gate> gate)
        : session_(std::move(session)), number_(number), gate_(std::move(gate)) {}
    void send(Response response) override {
      gate_->run([session = session_, number = number_, response = std::move(response)]() mutable {
        if (const auto s = session.lock()) s->answer(number, std::move(response));
      });
    }
    void whenGone(std::function<void()> gone) override {
      if (const auto s = session_.lock()) s->whenGone(number_, std::move(gone));
    }

   private:
    // The server's thread alone may hold a session alive: its end closes a socket of that thread.
    std::weak_ptr<Session> session_;
    std::uint64_t number_;
    std::shared_ptr<Gate> gate_;
  };

  void await(Phase phase, std::chrono::milliseconds longest) {
    phase_ = phase;
    deadline_ = Steady::now() + longest;
  }
  [[nodiscard]] bool receiving() const { return phase_ <= Phase::body; }

  // --- in

  void read() {
    if (reading_ || eof_ || phase_ == Phase::closed) return;
    if (!receiving() && phase_ != Phase::draining && in_.size() >= kReadAhead) return;
    reading_ = true;
    // Not into in_ itself: that moves while requests are parsed and this read is under way.
    arriving_.resize(phase_ == Phase::body || phase_ == Phase::draining ? kReadAhead : 2048);
    if (phase_ == Phase::idle) arriving_.shrink_to_fit();
    socket_.async_read_some(asio::buffer(arriving_), [self = shared_from_this()](error_code ec, std::size_t n) {
      self->reading_ = false;
      self->onRead(ec, n);
    });
  }

  void onRead(error_code ec, std::size_t n) {
    if (phase_ == Phase::closed) return;
    if (ec == asio::error::eof) return onEnd();
    if (ec) return abandon();
    raise(shared_.figures.bytesReceived, n);
    if (phase_ == Phase::draining) {
      deadline_ = std::min(Steady::now() + shared_.options.lingerTimeout, bodyEnd_);
    } else {
      in_.commit(asio::buffer_copy(in_.prepare(n), asio::buffer(arriving_, n)));
      parse();
    }
    read();
  }

  /// The client sends nothing more. It may still listen (shutdown of one direction), so it gets what it asked for; a
  /// parked request is answered now, since most often nobody is there any more.
  void onEnd() {
    eof_ = true;
    if (receiving()) return onEndOfInput();
    if (phase_ == Phase::handling && gone_) return std::exchange(gone_, nullptr)();
    if (phase_ == Phase::draining) close();
  }
  void onEndOfInput() {
    if (phase_ == Phase::idle) return close();
    refuse(400, "the request ends too early");
  }
  void abandon() {
    const auto gone = std::exchange(gone_, nullptr);
    close();
    if (gone) gone();  // the answer finds the session closed
  }

  void parse() {
    while (receiving()) {
      if (phase_ == Phase::idle && !begin()) return;
      error_code ec;
      const std::size_t used = parser_->put(in_.data(), ec);
      in_.consume(used);
      if (ec && ec != http::error::need_more) return refuseBroken(ec);
      if (!withinHeaderLimit(used, ec == http::error::need_more)) return refuseBroken(http::error::header_limit);
      if (phase_ == Phase::header && parser_->is_header_done() && !beginBody()) return;
      if (phase_ == Phase::body && !receiveBody(used)) return;
      if (parser_->is_done()) return dispatch();
      if (ec || used == 0) return;
    }
  }

  /// Skips line ends between requests (RFC 9112 section 2.2); true when a request begins.
  bool begin() {
    const auto* p = static_cast<const char*>(in_.data().data());
    std::size_t blanks = 0;
    while (blanks < in_.size() && (p[blanks] == '\r' || p[blanks] == '\n')) ++blanks;
    in_.consume(blanks);
    if (in_.size() == 0) return false;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.headerBytes));
    parser_->body_limit(shared_.options.bodyBytes);
    request_ = {};
    lines_ = 0;
    keepAlive_ = false;
    await(Phase::header, shared_.options.headerTimeout);
    return true;
  }

  /// The parser bounds a single line; the sum of lines, and those between the chunks of a body and behind them, are
  /// bounded here.
  bool withinHeaderLimit(std::size_t used, bool stuck) {
    if (phase_ == Phase::body && parser_->get().body().size() > charged_) {
      lines_ = 0;
    } else if (phase_ == Phase::header || parser_->chunked()) {
      lines_ += used;
    }
    return lines_ + (stuck ? in_.size() : 0) <= shared_.options.headerBytes;
  }

  bool beginBody() {
    lines_ = 0;
    request_.method = methodOf({parser_->get().method_string().data(), parser_->get().method_string().size()});
    await(Phase::body, shared_.options.bodyTimeout);
    bodyEnd_ = Steady::now() + shared_.options.wholeBodyTimeout;
    if (parser_->is_done()) return true;
    if (!chargeBody(parser_->content_length().value_or(0))) return refuse(503, "too many requests at once"), false;
    if (parser_->get().version() >= 11 && boost::beast::iequals(parser_->get()[http::field::expect], "100-continue") &&
        in_.size() == 0) {
      // The first octets on a connection whose last answer has left: they fit into the socket.
      error_code ignored;
      socket_.write_some(asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), ignored);
    }
    return true;
  }

  bool receiveBody(std::size_t used) {
    if (used > 0) deadline_ = std::min(Steady::now() + shared_.options.bodyTimeout, bodyEnd_);
    if (chargeBody(std::max<std::size_t>(charged_, parser_->get().body().size()))) return true;
    return refuse(503, "too many requests at once"), false;
  }

  bool chargeBody(std::size_t octets) {
    shared_.bodies += octets - charged_;
    charged_ = octets;
    return shared_.bodies <= shared_.options.allBodiesBytes || octets == 0;
  }

  // --- handle

  void dispatch() {
    auto message = parser_->release();
    parser_.reset();
    raise(shared_.figures.messagesReceived);
    keepAlive_ = message.keep_alive() && !shared_.stopping;
    request_.body = std::move(message.body());
    const std::string_view target(message.target().data(), message.target().size());
    ++number_;
    phase_ = Phase::handling;
    answering_ = shared_from_this();
    deadline_ = Steady::time_point::max();
    if (shared_.options.log) {
      begun_ = Steady::now();
      line_ = std::string(message.method_string()) + " " + std::string(target);
    }
    if (target == "*" && request_.method == Method::options) {
      return write({204, "", "", {{"Allow", "GET, HEAD, PUT, POST, DELETE, OPTIONS"}}});
    }
    if (const auto parsed = parseTarget(target, request_); !parsed) return write(errorResponse(400, parsed.error()));
    const auto reply = std::make_shared<SessionReply>(weak_from_this(), number_, shared_.gate);
    try {
      shared_.router.handle(request_, reply);
    } catch (const std::exception& e) {  // memory, in the main
      reply->send(errorResponse(503, {std::string("cannot answer now: ") + e.what(), {}, {}}));
    }
    shared_.afterRequest();
  }

  void refuseBroken(error_code ec) {
    const auto& o = shared_.options;
    if (ec == http::error::body_limit) return refuse(413, "the body is longer than " + std::to_string(o.bodyBytes));
    if (ec == http::error::bad_version) return refuse(505, "expected HTTP/1.0 or HTTP/1.1");
    if (ec == http::error::header_limit && parser_->get().target().empty()) {
      return refuse(414, "the request line is longer than " + std::to_string(o.headerBytes));
    }
    if (ec == http::error::header_limit) {
      return refuse(431, "request line and headers are longer than " + std::to_string(o.headerBytes));
    }
    refuse(400, "this is not HTTP/1.1: " + ec.message());
  }
  /// An answer to what never became a request; the connection ends with it.
  void refuse(unsigned status, std::string why) {
    parser_.reset();
    in_.consume(in_.size());
    keepAlive_ = false;
    if (line_.empty()) line_ = "-";
    write(errorResponse(status, {std::move(why), {}, {}}));
  }

  // --- out

  void write(Response response) {
    finishResponse(request_, shared_.options, response);
    response_ = std::move(response);
    gone_ = nullptr;
    keepAlive_ = keepAlive_ && !shared_.stopping;
    head_ = responseHead(response_, keepAlive_, shared_.date.now());
    await(Phase::writing, shared_.options.writeTimeout);
    chargeBody(0);
    const bool bodyless = request_.method == Method::head;
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_),
                                                    bodyless ? asio::const_buffer() : asio::buffer(response_.body)};
    asio::async_write(
        socket_, buffers,
        [self = this](error_code ec, std::size_t) {
          if (self->phase_ == Phase::writing) self->deadline_ = Steady::now() + self->shared_.options.writeTimeout;
          return ec ? std::size_t{0} : std::size_t{1} << 20;
        },
        [self = shared_from_this()](error_code ec, std::size_t n) { self->onWritten(ec, n); });
    answering_.reset();
  }

  void onWritten(error_code ec, std::size_t n) {
    raise(shared_.figures.bytesSent, n);
    if (phase_ == Phase::closed) return;
    if (ec) return close();
    raise(shared_.figures.messagesSent);
    if (shared_.options.log) logRequest(n);
    response_ = {};
    request_ = {};
    if (!keepAlive_) return drain();
    await(Phase::idle, shared_.options.idleTimeout);
    if (in_.size() == 0 && in_.capacity() > kReadAhead / 4) in_.shrink_to_fit();
    parse();
    if (eof_ && receiving()) return onEndOfInput();
    read();
  }

  /// Says that nothing more comes and takes what still arrives, until the client closes too: closing with octets unread
  /// would reset the connection and could cost the client our answer.
  void drain() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    if (eof_ || (shared_.stopping && in_.size() == 0)) return close();
    in_.consume(in_.size());
    await(Phase::draining, shared_.options.lingerTimeout);
    bodyEnd_ = Steady::now() + shared_.options.bodyTimeout;
    read();
  }

  void logRequest(std::size_t octets) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begun_).count();
    log::info("HTTP " + client_ + " \"" + line_ + "\" " + std::to_string(response_.status) + " " +
              std::to_string(octets) + " octets " + std::to_string(line_ == "-" ? 0 : took) + " us");
    line_.clear();
  }

  Shared& shared_;
  tcp::socket socket_;
  std::vector<char> arriving_;    // where the read under way writes
  boost::beast::flat_buffer in_;  // arrived and not parsed
  std::optional<Parser> parser_;
  Request request_;
  std::uint64_t number_ = 0;
  Phase phase_ = Phase::idle;
  bool reading_ = false, eof_ = false, keepAlive_ = false;
  Steady::time_point deadline_, bodyEnd_, begun_;
  std::size_t charged_ = 0;  // octets of a body, in shared_.bodies
  std::size_t lines_ = 0;    // octets of headers, or of chunk lines and trailers since the last octet of body
  std::function<void()> gone_;
  std::shared_ptr<Session> answering_;  // itself, while only the engine or a parked poll knows of it
  std::string head_;
  Response response_;
  std::string client_, line_;
};

}  // namespace

class HttpServer::Core {
 public:
  Core(Options options, engine::Engine& engine)
      : options_(std::move(options)),
        gate_(std::make_shared<Gate>(io_)),
        polls_(engine, [] { return Steady::now(); }),
        context_{engine, options_, polls_, [this] { return figures(); },
                 [this](std::function<void()> task) { asio::post(worker_, std::move(task)); }},
        router_(options_),
        shared_{options_, router_, figures_, gate_, {}, 0, false, {}, {}, {}},
        acceptor_(io_),
        ticker_(io_),
        pollTimer_(io_),
        stopTimer_(io_),
        acceptTimer_(io_) {
    options_.maxConnections = affordableConnections(options_.maxConnections);
    addResources(router_, context_);
    shared_.afterRequest = [this] { armPollTimer(); };
    shared_.afterSession = [this] { onSessionEnd(); };
  }

  ~Core() {
    stop();
    gate_->shut();
    shared_.afterSession = nullptr;
  }

  Expected<void> listen();
  void listenTo(engine::Engine& engine) {
    engine.onLogAppended([gate = gate_, this] {
      // Records come faster than they are looked for: one look answers for all that were appended before it.
      if (gate->wakePending.exchange(true, std::memory_order_acq_rel)) return;
      gate->post([this] {
        gate_->wakePending.store(false, std::memory_order_release);
        polls_.wake();
      });
    });
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  void start() {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "http");
      gate_->enter();
      tick();
      accept();
      io_.run();
    });
  }

  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { beginStop(); });
    thread_.join();
    worker_.join();
  }

  [[nodiscard]] engine::HttpFigures figures() const {
    return {figures_.connectionsCurrent, figures_.connectionsTotal, figures_.messagesReceived,
            figures_.messagesSent,       figures_.bytesReceived,    figures_.bytesSent};
  }

 private:
  Expected<void> bind(const tcp::endpoint& endpoint);
  void accept();
  void tick();
  void armPollTimer();
  void onSessionEnd();
  void beginStop();
  [[nodiscard]] std::chrono::milliseconds tickTime() const;
  template <class Action>
  void forEachSession(Action action) {
    std::vector<std::shared_ptr<Session>> all;
    all.reserve(shared_.sessions.size());
    for (Session* session : shared_.sessions) {
      if (auto s = session->weak_from_this().lock()) all.push_back(std::move(s));
    }
    for (const auto& session : all) action(*session);
  }

  Options options_;
  Figures figures_;
  asio::io_context io_{1};
  asio::thread_pool worker_{1};
  std::shared_ptr<Gate> gate_;
  LongPolls polls_;
  Context context_;
  Router router_;
  Shared shared_;
  tcp::acceptor acceptor_;
  asio::steady_timer ticker_, pollTimer_, stopTimer_, acceptTimer_;
  std::optional<Steady::time_point> pollTimerAt_;
  bool acceptPaused_ = false;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Expected<void> HttpServer::Core::bind(const tcp::endpoint& endpoint) {
  error_code ec;
  const auto attempt = [&](auto step) {
    if (!ec) step();
  };
  acceptor_.open(endpoint.protocol(), ec);
  attempt([&] { acceptor_.set_option(tcp::acceptor::reuse_address(true), ec); });
  if (endpoint.protocol() == tcp::v6() && options_.hostname.empty()) {
    attempt([&] { acceptor_.set_option(asio::ip::v6_only(false), ec); });
  }
  attempt([&] { acceptor_.bind(endpoint, ec); });
  attempt([&] { acceptor_.listen(1024, ec); });
  if (!ec) port_ = acceptor_.local_endpoint(ec).port();
  if (!ec) return {};
  error_code ignored;
  acceptor_.close(ignored);
  const std::string port = "HTTP port " + std::to_string(options_.port);
  if (ec == asio::error::address_in_use) return fail(port + " is in use", "http.port");
  return fail("cannot open " + port + ": " + ec.message(),
              ec == asio::error::access_denied ? "http.port" : "http.hostname");
}

Expected<void> HttpServer::Core::listen() {
  if (!options_.hostname.empty()) {
    error_code ec;
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(options_.hostname, std::to_string(options_.port), tcp::resolver::passive, ec);
    if (ec || found.empty()) return fail("\"" + options_.hostname + "\" has no address", "http.hostname");
    return bind(found.begin()->endpoint());
  }
  // One socket takes IPv4 as well; machines without IPv6 have none of that kind.
  auto done = bind({tcp::v6(), options_.port});
  if (!done && done.error().attribute != "http.port") done = bind({tcp::v4(), options_.port});
  return done;
}

void HttpServer::Core::accept() {
  acceptPaused_ = shared_.sessions.size() >= options_.maxConnections + kSparePlaces;
  if (acceptPaused_ || shared_.stopping) return;
  acceptor_.async_accept([this](error_code ec, tcp::socket socket) {
    if (shared_.stopping) return;
    if (ec) {  // files or memory are short: trying again at once would spin
      acceptTimer_.expires_after(std::chrono::milliseconds(100));
      return acceptTimer_.async_wait([this](error_code cancelled) {
        if (!cancelled) accept();
      });
    }
    const bool overload = shared_.sessions.size() >= options_.maxConnections;
    std::make_shared<Session>(shared_, std::move(socket))->start(overload);
    accept();
  });
}

std::chrono::milliseconds HttpServer::Core::tickTime() const {
  const auto shortest = std::min({options_.headerTimeout, options_.bodyTimeout, options_.idleTimeout,
                                  options_.writeTimeout, options_.lingerTimeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1000));
}

void HttpServer::Core::tick() {
  ticker_.expires_after(tickTime());
  ticker_.async_wait([this](error_code cancelled) {
    if (cancelled) return;
    forEachSession([now = Steady::now()](Session& session) { session.checkDeadline(now); });
    if (!shared_.stopping) tick();
  });
}

void HttpServer::Core::armPollTimer() {
  const auto next = polls_.nextDeadline();
  if (!next || shared_.stopping || (pollTimerAt_ && *pollTimerAt_ <= *next)) return;
  pollTimerAt_ = next;
  pollTimer_.expires_at(*next);
  pollTimer_.async_wait([this](error_code cancelled) {
    if (cancelled) return;
    pollTimerAt_.reset();
    polls_.expire();
    armPollTimer();
  });
}

void HttpServer::Core::onSessionEnd() {
  if (shared_.stopping) {
    if (shared_.sessions.empty()) stopTimer_.cancel();
  } else if (acceptPaused_) {
    accept();
  }
}

void HttpServer::Core::beginStop() {
  shared_.stopping = true;
  error_code ignored;
  acceptor_.close(ignored);
  ticker_.cancel();
  pollTimer_.cancel();
  acceptTimer_.cancel();
  polls_.close();
  forEachSession([](Session& session) { session.stop(); });
  if (shared_.sessions.empty()) return;
  stopTimer_.expires_after(kLongestStop);
  stopTimer_.async_wait([this](error_code) { forEachSession([](Session& session) { session.close(); }); });
}

HttpServer::HttpServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
HttpServer::~HttpServer() = default;

Expected<std::unique_ptr<HttpServer>> HttpServer::open(Options options, engine::Engine& engine) {
  auto core = std::make_unique<Core>(std::move(options), engine);
  if (auto listening = core->listen(); !listening) return std::unexpected(listening.error());
  core->listenTo(engine);
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

std::uint16_t HttpServer::port() const {
  return core_->port();
}
void HttpServer::start() {
  core_->start();
}
void HttpServer::stop() {
  core_->stop();
}
engine::HttpFigures HttpServer::figures() const {
  return core_->figures();
}

}  // namespace weir::api
