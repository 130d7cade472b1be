#include "http/server.h"

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

#include "base/log.h"
#include "base/no_memory.h"
#include "http/session.h"

namespace weir::http {

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

/// Runs what can be given up where memory is over.
template <class Task>
void runOrGiveUp(const Task& task) {
  const MayRunOut mayRunOut;
  try {
    task();
  } catch (const std::bad_alloc&) {
    static RateLimit limit{1, 60 * kSecond};
    log::warning(limit, "HTTP: memory is over: something was given up");
  }
}

/// An IPv4 client of a socket for both families is told as what it is.
IpAddress addressOf(const tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.is_v4() ? IpAddress::v4(address.to_v4().to_bytes().data())
                         : IpAddress::v6(address.to_v6().to_bytes().data());
}

}  // namespace

class Server::Core {
 public:
  Core(ServerOptions options, MakeTransport transport)
      : options_(std::move(options)),
        transport_(std::move(transport)),
        gate_(std::make_shared<Gate>(io_)),
        timers_([] { return Steady::now(); }, [this] { armTimer(); }),
        shared_(options_),
        acceptor_(io_),
        ticker_(io_),
        timer_(io_),
        stopTimer_(io_),
        acceptTimer_(io_) {
    options_.maxConnections = affordableConnections(options_.maxConnections);
    shared_.gate = gate_;
    shared_.offload = [this](Task task) { offload(std::move(task)); };
    shared_.afterSession = [this] { onSessionEnd(); };
  }

  ~Core() {
    stop({});
    gate_->shut();
    shared_.afterSession = nullptr;
  }

  Expected<void> listen();
  [[nodiscard]] std::uint16_t port() const { return port_; }

  void start(Handler handler) {
    shared_.handler = std::move(handler);
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "http");
      gate_->enter();
      const MayRunOut mayRunOut;
      runOrGiveUp([this] {
        tick();
        accept();
      });
      // What throws is one handler; the others wait in their places.
      for (bool over = false; !over;) runOrGiveUp([&] { over = (io_.run(), true); });
    });
  }

  void stop(const Task& parting) {
    if (!thread_.joinable()) return;
    asio::post(io_, [this, &parting] { beginStop(parting); });
    thread_.join();
    worker_.join();
  }

  [[nodiscard]] Timers& timers() { return timers_; }
  [[nodiscard]] Figures figures() const { return shared_.figures.now(); }
  void post(Task task) { gate_->post(std::move(task)); }
  void offload(Task task) {
    asio::post(worker_, [task = std::move(task)] { runOrGiveUp(task); });
  }

 private:
  Expected<void> bind(const tcp::endpoint& endpoint);
  void accept();
  void tick();
  void armTimer();
  void onSessionEnd();
  void beginStop(const Task& parting);
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

  ServerOptions options_;
  MakeTransport transport_;
  asio::io_context io_{1};
  asio::thread_pool worker_{1};
  std::shared_ptr<Gate> gate_;
  Timers timers_;
  Shared shared_;
  tcp::acceptor acceptor_;
  tcp::endpoint peer_;  // of the connection that is accepted next
  asio::steady_timer ticker_, timer_, stopTimer_, acceptTimer_;
  std::optional<Steady::time_point> timerAt_;
  bool acceptPaused_ = false;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Expected<void> Server::Core::bind(const tcp::endpoint& endpoint) {
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

Expected<void> Server::Core::listen() {
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

void Server::Core::accept() {
  acceptPaused_ = shared_.sessions.size() >= options_.maxConnections + kSparePlaces;
  if (acceptPaused_ || shared_.stopping) return;
  acceptor_.async_accept(peer_, [this](error_code ec, tcp::socket socket) {
    if (shared_.stopping) return;
    if (ec) {  // files or memory are short: trying again at once would spin
      acceptTimer_.expires_after(std::chrono::milliseconds(100));
      return acceptTimer_.async_wait([this](error_code cancelled) {
        if (!cancelled) accept();
      });
    }
    const bool full = shared_.sessions.size() >= options_.maxConnections;
    const bool overload = full && shared_.waiting.empty();
    if (full && !overload) shared_.waiting.front()->close();
    runOrGiveUp(
        [&] { std::make_shared<Session>(shared_, transport_(std::move(socket)), addressOf(peer_))->start(overload); });
    accept();
  });
}

std::chrono::milliseconds Server::Core::tickTime() const {
  const auto shortest = std::min({options_.headerTimeout, options_.bodyTimeout, options_.idleTimeout,
                                  options_.writeTimeout, options_.lingerTimeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1000));
}

void Server::Core::tick() {
  ticker_.expires_after(tickTime());
  ticker_.async_wait([this](error_code cancelled) {
    if (cancelled) return;
    runOrGiveUp([this] { forEachSession([now = Steady::now()](Session& session) { session.checkDeadline(now); }); });
    if (!shared_.stopping) tick();
  });
}

void Server::Core::armTimer() {
  const auto next = timers_.next();
  if (!next || (timerAt_ && *timerAt_ <= *next)) return;
  timerAt_ = next;
  timer_.expires_at(*next);
  timer_.async_wait([this](error_code cancelled) {
    if (cancelled) return;
    timerAt_.reset();
    timers_.run();
    if (!shared_.stopping || !shared_.sessions.empty()) armTimer();
  });
}

void Server::Core::onSessionEnd() {
  if (shared_.stopping) {
    if (shared_.sessions.empty()) stopTimer_.cancel(), timer_.cancel();
  } else if (acceptPaused_) {
    accept();
  }
}

void Server::Core::beginStop(const Task& parting) {
  shared_.stopping = true;
  error_code ignored;
  acceptor_.close(ignored);
  ticker_.cancel();
  acceptTimer_.cancel();
  if (parting) parting();
  forEachSession([](Session& session) { session.stop(); });
  if (shared_.sessions.empty()) {
    timer_.cancel();
    return;
  }
  stopTimer_.expires_after(kLongestStop);
  stopTimer_.async_wait([this](error_code) { forEachSession([](Session& session) { session.close(); }); });
}

Server::Server(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Server::~Server() = default;

Expected<std::unique_ptr<Server>> Server::open(ServerOptions options, MakeTransport transport) {
  auto core = std::make_unique<Core>(std::move(options), std::move(transport));
  if (auto listening = core->listen(); !listening) return std::unexpected(listening.error());
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

std::uint16_t Server::port() const {
  return core_->port();
}
void Server::start(Handler handler) {
  core_->start(std::move(handler));
}
void Server::stop(const Task& parting) {
  core_->stop(parting);
}
Timers& Server::timers() {
  return core_->timers();
}
void Server::post(Task task) {
  core_->post(std::move(task));
}
void Server::offload(Task task) {
  core_->offload(std::move(task));
}
Figures Server::figures() const {
  return core_->figures();
}

}  // namespace weir::http
