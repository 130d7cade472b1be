#pragma once
#include <cstdint>
#include <string>

#include "agent_config/settings.h"

namespace weir::agent {

/// What sub-agents of other programs read from /etc/hsflowd.auto (docs/agent-rules.md).
struct AutoFile {
  std::uint32_t revision = 0;
  std::string hostname;
  std::string agentAddress;  ///< the one in force, as text
  std::string agentDevice;   ///< its device, if known
  bool elected = true;       ///< not given by the configuration
  bool sending = true;       ///< false while there is no collector or no agent address
};

/// The text of the file: revision lines first and last, so that a torn read can be noticed. Collectors must be
/// addresses; those that are names not resolved yet are left out.
[[nodiscard]] std::string autoFileText(const AutoFile& file, const AgentSettings& settings);

}  // namespace weir::agent
