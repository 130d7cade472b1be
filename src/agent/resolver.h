#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/dns_answer.h"
#include "agent/event_loop.h"
#include "base/address.h"
#include "base/error.h"

struct ares_channeldata;

namespace weir::agent {

/// Names to addresses and DNS records, without waiting, by the system's resolver settings (c-ares; /etc/hosts and
/// /etc/resolv.conf, read anew for each batch of questions). Answers of up to 4096 octets by UDP, larger ones by TCP.
/// Thread: that of the loop. Callbacks are not called after the resolver is gone.
class Resolver {
 public:
  struct Addresses {
    std::vector<IpAddress> list;  ///< IPv4 first
    std::uint32_t ttl = 0;        ///< seconds
  };
  using AddressesDone = std::function<void(Expected<Addresses>)>;
  using RecordsDone = std::function<void(Expected<DnsAnswer>)>;

  explicit Resolver(EventLoop& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void addresses(const std::string& name, AddressesDone done);
  /// type: 33 SRV, 16 TXT. search: complete the name by the resolver's search list. A name that does not exist, or has
  /// no such record, gives an empty answer; an error: no server answered.
  void records(const std::string& name, bool search, int type, RecordsDone done);

 private:
  [[nodiscard]] bool open(Error& error);
  void startTimer();
  void socketState(int fd, bool readable, bool writable);

  EventLoop& loop_;
  ares_channeldata* channel_ = nullptr;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::size_t pending_ = 0;
  EventLoop::TimerId timer_ = 0;
};

}  // namespace weir::agent
