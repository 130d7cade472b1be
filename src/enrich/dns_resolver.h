#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/host_addresses.h"
#include "enrich/dns_names.h"

namespace weir::enrich {

/// Asks name servers for the names of addresses (PTR records, RFC 1035 3.5, RFC 3596 2.5), by c-ares on a thread of its
/// own. Each address is asked once at a time, however many shards want it. Also the other way round, for the few hosts
/// that users name.
///
/// Bounded: kInFlight questions under way, kWaiting more; what is beyond is dropped, and the shard asks again.
class DnsResolver {
 public:
  static constexpr std::size_t kInFlight = 128;
  static constexpr std::size_t kWaiting = 16'384;
  /// How long an answer holds: what the record says between these two; kNone for addresses without a name, kFailed
  /// where no server answered.
  static constexpr Nanos kLeast = 60 * kSecond, kMost = 24 * 3600 * kSecond;
  static constexpr Nanos kNone = 600 * kSecond, kFailed = 60 * kSecond;

  /// Called on the resolver's thread.
  using Deliver = std::function<void(unsigned shard, std::vector<DnsAnswer> answers)>;

  /// `servers`: addresses, comma separated, each with `:port` if need be; empty: those of the system.
  [[nodiscard]] static Expected<std::unique_ptr<DnsResolver>> open(const std::string& servers, Deliver deliver);
  /// Ends the thread; nothing is delivered afterwards.
  ~DnsResolver();
  DnsResolver(const DnsResolver&) = delete;
  DnsResolver& operator=(const DnsResolver&) = delete;

  /// Thread: any; does not wait for an answer.
  void ask(unsigned shard, const std::vector<IpAddress>& addresses);
  using AddressesDone = std::function<void(Expected<HostAddresses>)>;
  /// The addresses of a host, from /etc/hosts or a server; an error: no server answered. `done` is
  /// called on the resolver's thread; not at all where the resolver ends before the question was put. Thread: any.
  void addresses(const std::string& host, AddressesDone done);

  /// The servers in use, as text.
  [[nodiscard]] const std::vector<std::string>& servers() const { return servers_; }

 private:
  class Worker;
  DnsResolver(std::unique_ptr<Worker> worker, std::vector<std::string> servers);

  std::unique_ptr<Worker> worker_;
  std::vector<std::string> servers_;
};

/// `4.3.2.1.in-addr.arpa`, or 32 digits and `ip6.arpa`.
[[nodiscard]] std::string reverseName(const IpAddress& address);

/// The first PTR record of an answer from the network: name with trailing dot, empty where there is none; lifetime as
/// DnsResolver says. Reads anything.
[[nodiscard]] DnsAnswer readPtrAnswer(const IpAddress& address, Bytes message);

}  // namespace weir::enrich
