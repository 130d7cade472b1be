#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"

namespace weir::sim {

using Mac = std::array<std::uint8_t, 6>;

struct PortSpec {
  std::uint32_t ifIndex = 0;
  std::string name;
  std::uint64_t bitsPerSecond = 0;
  std::uint32_t samplingRate = 0;  ///< 1 in N
  Mac mac{};
};

struct SwitchSpec {
  std::string name;
  IpAddress agent;
  std::vector<PortSpec> ports;
};

struct HostSpec {
  std::string name;
  IpAddress ip4, ip6;
  Mac mac{};
  std::size_t leaf = 0;  ///< index of its switch
  std::size_t port = 0;  ///< index of the port there
  std::uint32_t vlan = 0;
};

struct LinkSpec {
  std::size_t switch1 = 0, port1 = 0, switch2 = 0, port2 = 0;
};

/// One switch on a packet's way.
struct Hop {
  std::size_t node = 0;  ///< index of the switch
  std::size_t inPort = 0, outPort = 0;
};
struct Path {
  std::array<Hop, 3> hops{};
  std::size_t size = 0;
};

/// A routed leaf-and-spine fabric: every leaf is linked to every spine, hosts hang on the leaves.
///
///       spine1      spine2        10.0.0.11, 10.0.0.12      ports swp1 to swp4: 100G to leaf1 to leaf4
///      / |  | \    / |  | \       .
///    leaf1 leaf2 leaf3 leaf4      10.0.0.1 to 10.0.0.4      ports swp1 to swp4: 10G to hosts, swp49, swp50: 100G up
///     h1..4 h5..8 h9..12 h13..16  10.1.L.1 to 10.1.L.4 and fd00:0:0:L::1 to ::4 on leaf L
struct FabricTopology {
  std::vector<SwitchSpec> switches;  ///< leaves, then spines
  std::vector<HostSpec> hosts;
  std::vector<LinkSpec> links;

  [[nodiscard]] static FabricTopology leafAndSpine();
  /// The way of a flow between two hosts; `flowHash` picks the spine (ECMP: all packets of a flow go one way).
  [[nodiscard]] Path path(std::size_t source, std::size_t destination, std::uint64_t flowHash) const;
  /// The topology as `PUT /topology/json` takes it: switches and the links between them.
  [[nodiscard]] std::string json() const;
};

inline constexpr std::size_t kLeaves = 4;
inline constexpr std::size_t kSpines = 2;
inline constexpr std::size_t kHostsPerLeaf = 4;

}  // namespace weir::sim
