#pragma once
#include <linux/if_link.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_host/optics.h"
#include "base/address.h"
#include "base/error.h"
#include "netlink/message.h"
#include "netlink/socket.h"

namespace weir::agent {

/// One network interface as the kernel describes it (rtnetlink, ethtool).
struct Link {
  std::uint32_t index = 0;
  std::string name;
  std::string alias;  ///< ifAlias, set by the administrator
  std::string kind;   ///< "veth", "bridge", "vlan", "bond" and so on; empty for hardware
  std::array<std::uint8_t, 6> mac{};
  std::uint32_t flags = 0;         ///< IFF_UP and so on (linux/if.h)
  std::uint16_t hardwareType = 0;  ///< ARPHRD_ETHER and so on
  std::uint8_t operState = 0;      ///< RFC 2863: 6 up, 2 down, 0 unknown
  std::uint32_t master = 0;        ///< ifIndex of the bridge or bond it belongs to
  std::uint32_t promiscuity = 0;
  bool endsElsewhere = false;  ///< its other end is in another network namespace: a container's, of a veth
  std::uint64_t speed = 0;     ///< bits per second, 0 unknown
  std::uint32_t duplex = 0;    ///< ifDirection: 1 full, 2 half, 0 unknown
  rtnl_link_stats64 stats{};

  [[nodiscard]] bool isUp() const;
  [[nodiscard]] bool isLoopback() const;
  [[nodiscard]] bool isOperational() const;
  [[nodiscard]] bool hasMac() const { return mac != std::array<std::uint8_t, 6>{}; }
  [[nodiscard]] bool isEthernet() const;
  /// Whether it is the same interface as before, and not another that took its index.
  [[nodiscard]] bool sameAs(const Link& other) const {
    return index == other.index && name == other.name && mac == other.mac;
  }
};

/// An address of an interface.
struct LinkAddress {
  std::uint32_t index = 0;
  IpAddress address;
  bool automatic = false;  ///< made by stateless address configuration
  bool usable = true;      ///< not tentative and not a duplicate
};

struct Network {
  std::vector<Link> links;  ///< by index
  std::vector<LinkAddress> addresses;
  [[nodiscard]] const Link* byIndex(std::uint32_t index) const;
  [[nodiscard]] const Link* byName(std::string_view name) const;
  [[nodiscard]] bool isLocal(const IpAddress& address) const;
};

/// Where the agent learns of interfaces; a test has its own.
class NetworkSource {
 public:
  virtual ~NetworkSource() = default;
  /// Everything: interfaces with speeds, counters and addresses.
  [[nodiscard]] virtual Expected<Network> read() = 0;
  /// New counters for the interfaces in `network`; those that are gone keep theirs.
  virtual void refreshCounters(Network& network) = 0;
  /// What the optical module of an interface tells; takes milliseconds. Nothing where there is none.
  [[nodiscard]] virtual std::optional<Optics> readOptics(const Link&) { return std::nullopt; }
};

/// The kernel's. Thread: one.
class KernelNetwork : public NetworkSource {
 public:
  [[nodiscard]] static Expected<KernelNetwork> open();
  [[nodiscard]] Expected<Network> read() override;
  void refreshCounters(Network& network) override;
  [[nodiscard]] std::optional<Optics> readOptics(const Link& link) override;

 private:
  KernelNetwork(netlink::Socket socket, netlink::Descriptor ethtool)
      : socket_(std::move(socket)), ethtool_(std::move(ethtool)) {}
  netlink::Socket socket_;
  netlink::Descriptor ethtool_;
  bool complained_ = false;
};

/// Reads RTM_NEWLINK and RTM_NEWADDR messages; nothing where they are of another kind or too short.
[[nodiscard]] std::optional<Link> parseLink(const netlink::Message& message);
[[nodiscard]] std::optional<LinkAddress> parseAddress(const netlink::Message& message);

}  // namespace weir::agent
