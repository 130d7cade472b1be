#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "agent_config/settings.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "netlink/socket.h"

namespace weir::agent {

/// A collector whose address is known.
struct CollectorTarget {
  CollectorSettings settings;  ///< as configured or as DNS gave it
  IpAddress address;
  friend bool operator==(const CollectorTarget&, const CollectorTarget&) = default;
};

/// One socket a collector; each datagram goes to all. A collector that cannot be sent to is counted, logged once a
/// minute and tried again with the next datagram; it never stops the others or the agent. Thread: one.
class CollectorSockets {
 public:
  /// Sends to these from now on. Sockets of targets that stay are kept.
  void setTargets(const std::vector<CollectorTarget>& targets);
  [[nodiscard]] bool empty() const { return collectors_.empty(); }
  [[nodiscard]] std::vector<CollectorTarget> targets() const;
  void send(Bytes datagram, Nanos now);

  struct Status {
    std::string name;
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;
  };
  [[nodiscard]] std::vector<Status> status() const;

 private:
  struct Collector {
    CollectorTarget target;
    netlink::Descriptor socket;
    sockaddr_storage address{};
    socklen_t addressSize = 0;
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;
    Nanos retryAt = 0;     // no socket: when to make one again
    Nanos complainAt = 0;  // when to log a failure again
    std::uint64_t unreported = 0;
  };
  static void complain(Collector& collector, Nanos now, const std::string& what);
  static bool open(Collector& collector, Nanos now);
  std::vector<Collector> collectors_;
};

/// A UDP socket for that family, opened in a network namespace of /var/run/netns if named, that sends through `device`
/// if named.
[[nodiscard]] Expected<netlink::Descriptor> openSender(int family, const std::string& device,
                                                       const std::string& networkName);

}  // namespace weir::agent
