#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/agent_id.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "query/question.h"

namespace weir::query {

class HostLocationsQuery;

/// A host, and the port at the edge of the topology where it was last heard to send.
struct FoundHost {
  std::uint64_t mac = 0;  ///< the address in the low 48 bits
  AgentId agent;
  std::uint32_t ifIndex = 0;
  std::uint16_t vlan = 0;  ///< 0: untagged
  IpAddress ip4, ip6;      ///< family none: unknown
  Nanos seen = 0;
  std::string node, port;  ///< names of the topology, or the port's ifName; empty where there is none
  static auto fields(auto& self, auto&& all) {
    return all(self.mac, self.agent, self.ifIndex, self.vlan, self.ip4, self.ip6, self.seen, self.node, self.port);
  }
};

struct HostLocationsResult {
  Nanos asked = 0;
  std::vector<FoundHost> hosts;  ///< by MAC address

  void writeJson(JsonWriter& json) const;
};

/// GET /topology/hosts/json: where hosts are.
struct HostLocationsQuestion {
  using Query = HostLocationsQuery;
  using Result = HostLocationsResult;
  static constexpr std::string_view kName = "hostLocations";
  std::string host = {};  ///< a MAC, IPv4 or IPv6 address; empty: all
  std::string agents = "ALL";
  std::size_t maxHosts = SIZE_MAX;
};

}  // namespace weir::query
