#include "enrich/dns_resolver.h"

#include <ares.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace weir::enrich {

std::string reverseName(const IpAddress& address) {
  std::string out;
  if (address.family == IpAddress::Family::v4) {
    for (int i = 3; i >= 0; --i) out += std::to_string(address.octets[static_cast<std::size_t>(i)]) + ".";
    return out + "in-addr.arpa";
  }
  for (int i = 15; i >= 0; --i) {
    const std::uint8_t octet = address.octets[static_cast<std::size_t>(i)];
    for (const int digit : {octet & 15, octet >> 4}) (out += "0123456789abcdef"[digit]) += '.';
  }
  return out + "ip6.arpa";
}

namespace {

/// Reads a DNS message (RFC 1035 4.1) from the front.
class MessageReader {
 public:
  explicit MessageReader(Bytes message) : message_(message) {}

  /// A name without trailing dot; c-ares follows its pointers and sees to the bounds.
  bool name(std::string* out) {
    if (at_ >= message_.size()) return false;
    char* text = nullptr;
    long length = 0;
    const int status =
        ares_expand_name(message_.data() + at_, message_.data(), static_cast<int>(message_.size()), &text, &length);
    if (status != ARES_SUCCESS) return false;
    if (out != nullptr) *out = text;
    ares_free_string(text);
    at_ += static_cast<std::size_t>(length);
    return true;
  }
  bool u16(std::uint16_t& out) {
    if (message_.size() - at_ < 2) return false;
    out = loadBe16(message_.data() + at_);
    at_ += 2;
    return true;
  }
  bool u32(std::uint32_t& out) {
    if (message_.size() - at_ < 4) return false;
    out = loadBe32(message_.data() + at_);
    at_ += 4;
    return true;
  }
  bool skip(std::size_t octets) {
    if (message_.size() - at_ < octets) return false;
    at_ += octets;
    return true;
  }

 private:
  Bytes message_;
  std::size_t at_ = 0;
};

constexpr std::uint16_t kPtr = 12, kInternet = 1;

HostAddresses addressesOf(const ares_addrinfo& info) {
  HostAddresses out;
  std::uint32_t seconds = UINT32_MAX;
  for (const auto* node = info.nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      const auto* in = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
      out.list.push_back(IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&in->sin_addr)));
    } else if (node->ai_family == AF_INET6) {
      const auto* in = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      out.list.push_back(IpAddress::v6(reinterpret_cast<const std::uint8_t*>(&in->sin6_addr)));
    }
    seconds = std::min(seconds, static_cast<std::uint32_t>(std::max(node->ai_ttl, 0)));
  }
  // c-ares has put them into the order of RFC 6724.
  std::ranges::stable_sort(out.list, {}, &IpAddress::family);
  if (!out.list.empty()) out.lifetime = seconds * kSecond;
  return out;
}

}  // namespace

DnsAnswer readPtrAnswer(const IpAddress& address, Bytes message) {
  DnsAnswer none{address, {}, DnsResolver::kNone};
  MessageReader reader(message);
  std::uint16_t questions = 0, answers = 0;
  if (!reader.skip(4) || !reader.u16(questions) || !reader.u16(answers) || !reader.skip(4)) return none;
  for (unsigned i = 0; i < questions; ++i) {
    if (!reader.name(nullptr) || !reader.skip(4)) return none;
  }
  for (unsigned i = 0; i < answers; ++i) {
    std::uint16_t type = 0, cls = 0, size = 0;
    std::uint32_t seconds = 0;
    if (!reader.name(nullptr) || !reader.u16(type) || !reader.u16(cls) || !reader.u32(seconds) || !reader.u16(size)) {
      return none;
    }
    if (type != kPtr || cls != kInternet) {  // a CNAME of RFC 2317 comes before its PTR
      if (!reader.skip(size)) return none;
      continue;
    }
    std::string name;
    if (!reader.name(&name) || name.empty()) return none;
    return {address, name + '.', std::clamp<Nanos>(seconds * kSecond, DnsResolver::kLeast, DnsResolver::kMost)};
  }
  return none;
}

/// The thread and its channel.
class DnsResolver::Worker {
 public:
  Worker(ares_channel channel, Deliver deliver)
      : channel_(channel), deliver_(std::move(deliver)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    thread_ = std::thread([this] { run(); });
  }
  ~Worker() {
    stopping_.store(true, std::memory_order_release);
    wake();
    thread_.join();
    ::close(wake_);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void ask(unsigned shard, const std::vector<IpAddress>& addresses) {
    {
      const std::lock_guard lock(mutex_);
      for (const IpAddress& address : addresses) {
        if (asked_.size() < kWaiting) asked_.emplace_back(shard, address);
      }
    }
    wake();
  }

  void addresses(const std::string& host, AddressesDone done) {
    {
      const std::lock_guard lock(mutex_);
      hosts_.emplace_back(host, std::move(done));
    }
    wake();
  }

 private:
  struct Question {
    Worker& worker;
    IpAddress address;
    std::vector<unsigned> shards;
  };

  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(wake_, &one, sizeof one);  // a full counter is a wake as well
  }

  void run() {
    while (!stopping_.load(std::memory_order_acquire)) {
      askHosts();
      askMore();
      wait();
      for (auto& [shard, answers] : answers_) deliver_(shard, std::move(answers));
      answers_.clear();
    }
    ares_destroy(channel_);  // ends the questions under way: each is told, and gone
  }

  void askHosts() {
    std::deque<std::pair<std::string, AddressesDone>> hosts;
    {
      const std::lock_guard lock(mutex_);
      hosts.swap(hosts_);
    }
    for (auto& [host, done] : hosts) {
      ares_addrinfo_hints hints{};
      hints.ai_family = AF_UNSPEC;
      ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, hostAnswered, new AddressesDone(std::move(done)));
    }
  }

  static void hostAnswered(void* done, int status, int, ares_addrinfo* info) {
    const std::unique_ptr<AddressesDone> owner(static_cast<AddressesDone*>(done));
    const std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo*)> held(info, ares_freeaddrinfo);
    if (status != ARES_SUCCESS || info == nullptr) return (*owner)(fail(ares_strerror(status)));
    (*owner)(addressesOf(*info));
  }

  // Takes questions over while there is room for them.
  void askMore() {
    while (questions_.size() < kInFlight) {
      std::pair<unsigned, IpAddress> next;
      {
        const std::lock_guard lock(mutex_);
        if (asked_.empty()) return;
        next = asked_.front();
        asked_.pop_front();
      }
      auto& question = questions_[next.second];
      if (question != nullptr) {
        question->shards.push_back(next.first);
        continue;
      }
      question = std::make_unique<Question>(Question{*this, next.second, {next.first}});
      // May answer from inside the call.
      ares_query(channel_, reverseName(next.second).c_str(), kInternet, kPtr, answered, question.get());
    }
  }

  // Until a server answers, a question grows too old, or a new question comes.
  void wait() {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const int wanted = ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM);
    std::array<pollfd, ARES_GETSOCK_MAXNUM + 1> polled{};
    nfds_t count = 0;
    polled[count++] = {wake_, POLLIN, 0};
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      const bool reads = ARES_GETSOCK_READABLE(wanted, i), writes = ARES_GETSOCK_WRITABLE(wanted, i);
      if (!reads && !writes) continue;
      polled[count++] = {sockets[i], static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), 0};
    }
    timeval buffer{};
    const timeval* limit = ares_timeout(channel_, nullptr, &buffer);
    const int ms = limit == nullptr ? -1 : static_cast<int>(limit->tv_sec * 1000 + limit->tv_usec / 1000 + 1);
    (void)::poll(polled.data(), count, ms);
    if (polled[0].revents != 0) {
      std::uint64_t times;
      [[maybe_unused]] const auto n = ::read(wake_, &times, sizeof times);
    }
    for (nfds_t i = 1; i < count; ++i) {
      const bool reads = (polled[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
      const bool writes = (polled[i].revents & POLLOUT) != 0;
      if (reads || writes) {
        ares_process_fd(channel_, reads ? polled[i].fd : ARES_SOCKET_BAD, writes ? polled[i].fd : ARES_SOCKET_BAD);
      }
    }
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what grew too old
  }

  static void answered(void* question, int status, int, unsigned char* message, int size) {
    static_cast<Question*>(question)->worker.take(*static_cast<Question*>(question), status,
                                                  Bytes(message, static_cast<std::size_t>(std::max(size, 0))));
  }

  void take(const Question& question, int status, Bytes message) {
    const IpAddress address = question.address;
    DnsAnswer answer{address, {}, kFailed};
    if (status == ARES_SUCCESS) answer = readPtrAnswer(address, message);
    if (status == ARES_ENOTFOUND || status == ARES_ENODATA) answer.lifetime = kNone;
    for (const unsigned shard : question.shards) answers_[shard].push_back(answer);
    questions_.erase(address);
  }

  ares_channel channel_;
  Deliver deliver_;
  int wake_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::deque<std::pair<unsigned, IpAddress>> asked_;         // under the mutex
  std::deque<std::pair<std::string, AddressesDone>> hosts_;  // under the mutex
  // of the thread
  std::map<IpAddress, std::unique_ptr<Question>> questions_;
  std::map<unsigned, std::vector<DnsAnswer>> answers_;
  std::thread thread_;
};

Expected<std::unique_ptr<DnsResolver>> DnsResolver::open(const std::string& servers, Deliver deliver) {
  constexpr int kTimeoutMs = 2'000, kTries = 2;
  const auto problem = [](int status) {
    return fail("name servers cannot be asked: " + std::string(ares_strerror(status)), "dns.servers");
  };
  if (const int status = ares_library_init(ARES_LIB_INIT_ALL); status != ARES_SUCCESS) return problem(status);
  ares_options options{};
  char lookups[] = "fb";  // hosts have their file; for PTR records, which are asked for as such, it is not looked at
  options.timeout = kTimeoutMs;
  options.tries = kTries;
  options.lookups = lookups;
  ares_channel channel = nullptr;
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS;
  if (const int status = ares_init_options(&channel, &options, mask); status != ARES_SUCCESS) return problem(status);
  if (!servers.empty()) {
    if (const int status = ares_set_servers_ports_csv(channel, servers.c_str()); status != ARES_SUCCESS) {
      ares_destroy(channel);
      return problem(status);
    }
  }
  std::vector<std::string> used;
  ares_addr_node* list = nullptr;
  if (ares_get_servers(channel, &list) == ARES_SUCCESS) {
    for (const ares_addr_node* node = list; node != nullptr; node = node->next) {
      const auto* octets = reinterpret_cast<const std::uint8_t*>(&node->addr);
      used.push_back((node->family == AF_INET ? IpAddress::v4(octets) : IpAddress::v6(octets)).text());
    }
    ares_free_data(list);
  }
  return std::unique_ptr<DnsResolver>(
      new DnsResolver(std::make_unique<Worker>(channel, std::move(deliver)), std::move(used)));
}

DnsResolver::DnsResolver(std::unique_ptr<Worker> worker, std::vector<std::string> servers)
    : worker_(std::move(worker)), servers_(std::move(servers)) {}

DnsResolver::~DnsResolver() {
  worker_.reset();
  ares_library_cleanup();
}

void DnsResolver::ask(unsigned shard, const std::vector<IpAddress>& addresses) {
  worker_->ask(shard, addresses);
}

void DnsResolver::addresses(const std::string& host, AddressesDone done) {
  worker_->addresses(host, std::move(done));
}

}  // namespace weir::enrich
