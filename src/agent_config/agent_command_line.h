#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace weir::agent {

/// The command line of hsflowd (`hsflowd -h`), and --check.
struct AgentCommandLine {
  enum class Command : std::uint8_t { run, check, version, help };
  Command command = Command::run;
  std::string configPath = "/etc/hsflowd.conf";
  std::string autoPath = "/etc/hsflowd.auto";
  std::string pidPath;    ///< empty: none is written
  std::string logPath;    ///< empty: standard error
  std::string uuid;       ///< empty: found out
  std::string machineId;  ///< empty: /etc/machine-id
  bool keepPrivileges = false;
  std::vector<std::string> ignored;  ///< options that have no meaning here, for a warning
};

/// argc and argv of main(). Error: what is wrong with which option.
[[nodiscard]] Expected<AgentCommandLine> parseAgentCommandLine(int argc, const char* const* argv);
[[nodiscard]] std::string agentHelpText();

}  // namespace weir::agent
