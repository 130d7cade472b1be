#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "base/agent_id.h"
#include "base/time.h"

namespace weir::model {

/// A host, and the port of the edge at which it was last heard to send.
struct HostLocation {
  std::uint64_t mac = 0;  ///< the address in the low 48 bits
  AgentId agent;
  std::uint32_t ifIndex = 0;
  std::uint16_t vlan = 0;  ///< 0: untagged
  IpAddress ip4, ip6;      ///< family none: unknown, or it sends for several (a router)
  Nanos seen = 0;
};

/// Where hosts are, learned from packets that enter at the edge: the source MAC address says
/// who, ARP which IPv4 address it has, and packets whose source address never changes the same. Bounded by kMaxHosts:
/// further ones are not learned until others were silent for kLifetime. Thread: its owner's.
class HostLocations {
 public:
  static constexpr std::size_t kMaxHosts = 65'536;
  static constexpr Nanos kLifetime = 600 * kSecond;

  struct Heard {
    std::uint64_t mac = 0;
    AgentId agent;
    std::uint32_t ifIndex = 0;
    std::uint16_t vlan = 0;
    IpAddress address;  ///< family none: the packet has none
    bool told = false;  ///< by ARP: the host says that the address is its own
  };
  /// False: there are too many.
  bool note(const Heard& heard, Nanos now);
  /// Forgets those that were silent for kLifetime. Costs a look at each.
  void expire(Nanos now);
  void clear();

  /// In no order that means anything; changes with note() and expire().
  [[nodiscard]] std::size_t size() const { return hosts_.size(); }
  [[nodiscard]] const HostLocation& at(std::size_t i) const { return hosts_[i].location; }

 private:
  struct Host {
    HostLocation location;
    bool told = false, several4 = false, several6 = false;
  };
  void noteAddress(Host& host, const Heard& heard);

  std::vector<Host> hosts_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> places_;  // by MAC address
};

}  // namespace weir::model
