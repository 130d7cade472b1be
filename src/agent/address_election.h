#pragma once
#include <string>
#include <vector>

#include "agent_config/settings.h"
#include "agent_host/network.h"

namespace weir::agent {

/// An address that may name the agent, with the reasons for its place.
struct AddressCandidate {
  IpAddress address;
  std::string device;
  std::uint32_t ifIndex = 0;
  bool automatic = false;
  std::uint32_t rank = 0;  ///< higher wins
};

/// The addresses that may name the agent, best first (docs/agent-rules.md, "Agent address"): of interfaces that are up,
/// by class of address, raised by `agent=device` and `agent.cidr`. Empty: there is none.
[[nodiscard]] std::vector<AddressCandidate> rankAgentAddresses(const Network& network, const AgentSettings& settings);

}  // namespace weir::agent
