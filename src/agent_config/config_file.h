#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "agent_config/settings.h"
#include "agent_config/tokens.h"
#include "base/error.h"

namespace weir::agent {

inline constexpr std::size_t kMaxConfigSize = 1 << 20;

/// A configuration as read: settings that hold what could be understood, and everything that is wrong with it.
struct ConfigFile {
  AgentSettings settings;
  std::vector<Problem> problems;  ///< in the order of the file
  [[nodiscard]] bool usable() const;
};

/// Reads a configuration in the grammar of hsflowd.conf (docs/agent-settings.md). All problems are found in one go.
[[nodiscard]] ConfigFile parseConfig(std::string_view text);
/// The same from a file of at most kMaxConfigSize octets. Error: it cannot be read.
[[nodiscard]] Expected<ConfigFile> readConfig(const std::string& path);

/// "/etc/hsflowd.conf:4: ...": the line of a log whose level says how bad it is.
[[nodiscard]] std::string problemText(const std::string& path, const Problem& problem);

}  // namespace weir::agent
