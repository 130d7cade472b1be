#include "api/server.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "api/flow_streams.h"
#include "api/log_streams.h"
#include "api/long_polls.h"
#include "api/resources.h"
#include "api/router.h"
#include "api/session.h"
#include "api/timers.h"

namespace weir::api {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kSparePlaces = 64;     // connections beyond the bound that are told 503
constexpr std::size_t kReservedFiles = 128;  // of the process: captures, sockets of sFlow, standard streams
constexpr auto kLongestStop = std::chrono::seconds(2);

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

}  // namespace

class HttpServer::Core {
 public:
  Core(Options options, engine::Engine& engine)
      : options_(std::move(options)),
        gate_(std::make_shared<Gate>(io_)),
        polls_(engine, [] { return Steady::now(); }),
        timers_([] { return Steady::now(); }, [this] { armPollTimer(); }),
        logStreams_(engine, timers_),
        flowStreams_(engine, timers_, [this](std::function<void()> task) { gate_->post(std::move(task)); }),
        context_{engine,
                 options_,
                 polls_,
                 logStreams_,
                 flowStreams_,
                 timers_,
                 [this] { return figures(); },
                 [this](std::function<void()> task) { asio::post(worker_, std::move(task)); },
                 [this](std::function<void()> task) { gate_->post(std::move(task)); }},
        router_(options_),
        shared_{options_,
                router_,
                OriginPolicy(options_.origins, options_.hosts),
                figures_,
                gate_,
                {},
                0,
                false,
                {},
                {},
                context_.offload,
                {},
                RateLimit(5, 60 * kSecond)},
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
        logStreams_.wake();
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
    return {figures_.connectionsCurrent, figures_.connectionsTotal, figures_.messagesReceived, figures_.messagesSent,
            figures_.bytesReceived,      figures_.bytesSent,        figures_.streamsCurrent,   figures_.streamsCut};
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
  Timers timers_;
  LogStreams logStreams_;
  FlowStreams flowStreams_;
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
  const auto poll = polls_.nextDeadline(), timer = timers_.next();
  const auto next = poll && timer ? std::min(poll, timer) : poll ? poll : timer;
  if (!next || (pollTimerAt_ && *pollTimerAt_ <= *next)) return;
  pollTimerAt_ = next;
  pollTimer_.expires_at(*next);
  pollTimer_.async_wait([this](error_code cancelled) {
    if (cancelled) return;
    pollTimerAt_.reset();
    polls_.expire();
    timers_.run();
    if (!shared_.stopping || !shared_.sessions.empty()) armPollTimer();
  });
}

void HttpServer::Core::onSessionEnd() {
  if (shared_.stopping) {
    if (shared_.sessions.empty()) stopTimer_.cancel(), pollTimer_.cancel();
  } else if (acceptPaused_) {
    accept();
  }
}

void HttpServer::Core::beginStop() {
  shared_.stopping = true;
  error_code ignored;
  acceptor_.close(ignored);
  ticker_.cancel();
  acceptTimer_.cancel();
  polls_.close();
  logStreams_.close();
  flowStreams_.close();
  forEachSession([](Session& session) { session.stop(); });
  if (shared_.sessions.empty()) {
    pollTimer_.cancel();
    return;
  }
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
