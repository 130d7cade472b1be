#include "agent/resolver.h"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <mutex>

namespace weir::agent {

namespace {

constexpr int kInternetClass = 1;
constexpr int kAnswerSize = 4096;
constexpr Nanos kTimeoutStep = 200 * kMillisecond;

void initLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { ::ares_library_init(ARES_LIB_INIT_ALL); });
}

/// What goes through the C library and back. The answer is handed over from the loop, not from inside the library: who
/// gets it may ask again at once.
template <class Done>
struct Question {
  Done done;
  EventLoop* loop;
  std::shared_ptr<bool> alive;
  std::size_t* pending;

  template <class Answer>
  static void answer(void* self, Answer answer) {
    const std::shared_ptr<Question> owner(static_cast<Question*>(self));
    if (!*owner->alive) return;
    owner->loop->after(0, [owner, answer = std::move(answer)] {
      if (!*owner->alive) return;
      --*owner->pending;
      owner->done(answer);
    });
  }
};

Resolver::Addresses addressesOf(const ares_addrinfo* info) {
  Resolver::Addresses out;
  out.ttl = UINT32_MAX;
  for (const auto* node = info->nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      const auto* a = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
      out.list.push_back(IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&a->sin_addr)));
    } else if (node->ai_family == AF_INET6) {
      const auto* a = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      out.list.push_back(IpAddress::v6(reinterpret_cast<const std::uint8_t*>(&a->sin6_addr)));
    } else {
      continue;
    }
    out.ttl = std::min(out.ttl, static_cast<std::uint32_t>(std::max(node->ai_ttl, 0)));
  }
  std::sort(out.list.begin(), out.list.end());
  out.list.erase(std::unique(out.list.begin(), out.list.end()), out.list.end());
  return out;
}

}  // namespace

Resolver::Resolver(EventLoop& loop) : loop_(loop) {
  initLibrary();
}

Resolver::~Resolver() {
  *alive_ = false;
  if (channel_ != nullptr) ::ares_destroy(channel_);
  if (timer_ != 0) loop_.cancel(timer_);
}

bool Resolver::open(Error& error) {
  // A channel keeps the servers that it was made with: a new one for each batch sees a resolv.conf that has changed.
  if (channel_ != nullptr && pending_ != 0) return true;
  if (channel_ != nullptr) ::ares_destroy(channel_);
  channel_ = nullptr;
  ares_options options{};
  options.flags = ARES_FLAG_EDNS;
  options.ednspsz = kAnswerSize;
  options.timeout = 2000;
  options.tries = 3;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Resolver*>(self)->socketState(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  const int status = ::ares_init_options(
      &channel_, &options,
      ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (status == ARES_SUCCESS) return true;
  channel_ = nullptr;
  error.message = std::string("resolver: ") + ::ares_strerror(status);
  return false;
}

void Resolver::socketState(int fd, bool readable, bool writable) {
  if (!readable && !writable) return loop_.unwatch(fd);
  loop_.watch(fd, readable, writable, [this, fd, readable, writable] {
    if (channel_ != nullptr)
      ::ares_process_fd(channel_, readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
  });
}

void Resolver::startTimer() {
  if (timer_ != 0) return;
  timer_ = loop_.every(kTimeoutStep, [this] {
    if (pending_ != 0) return ::ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    loop_.cancel(timer_);
    timer_ = 0;
  });
}

void Resolver::addresses(const std::string& name, AddressesDone done) {
  Error error;
  if (!open(error)) return done(std::unexpected(error));
  ++pending_;
  startTimer();
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  const ares_addrinfo_callback callback = [](void* question, int status, int, ares_addrinfo* info) {
    const std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo*)> owner(info, ::ares_freeaddrinfo);
    Expected<Addresses> answer = fail(::ares_strerror(status));
    if (status == ARES_SUCCESS && info != nullptr) answer = addressesOf(info);
    Question<AddressesDone>::answer(question, std::move(answer));
  };
  ::ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, callback,
                     new Question<AddressesDone>{std::move(done), &loop_, alive_, &pending_});
}

void Resolver::records(const std::string& name, bool search, int type, RecordsDone done) {
  Error error;
  if (!open(error)) return done(std::unexpected(error));
  ++pending_;
  startTimer();
  const ares_callback callback = [](void* question, int status, int, unsigned char* message, int size) {
    Expected<DnsAnswer> answer = fail(::ares_strerror(status));
    if (status == ARES_ENOTFOUND || status == ARES_ENODATA) answer = DnsAnswer();
    if (status == ARES_SUCCESS) answer = parseDnsAnswer(Bytes(message, static_cast<std::size_t>(size)));
    Question<RecordsDone>::answer(question, std::move(answer));
  };
  auto* question = new Question<RecordsDone>{std::move(done), &loop_, alive_, &pending_};
  if (search) {
    ::ares_search(channel_, name.c_str(), kInternetClass, type, callback, question);
  } else {
    ::ares_query(channel_, name.c_str(), kInternetClass, type, callback, question);
  }
}

}  // namespace weir::agent
