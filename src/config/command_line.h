#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/properties.h"

namespace weir::config {

/// Of a replay: how many events of a threshold, or records of a flow, there are to be.
struct Expectation {
  std::string name;
  std::optional<std::uint64_t> count;  ///< empty: at least one
  friend bool operator==(const Expectation&, const Expectation&) = default;
};

/// What was asked for on the command line.
struct CommandLine {
  enum class Command : std::uint8_t { run, check, decode, replay, help, version };

  Command command = Command::run;
  Command topic = Command::run;             ///< help: what of; decode, replay or, for all there is, run
  std::vector<Assignment> properties;       ///< -Dname=value, in order
  bool demo = false;                        ///< run: with the built-in simulated fabric
  std::string file;                         ///< decode: capture or "-"; replay: capture; empty: none
  std::optional<std::uint16_t> listenPort;  ///< decode: live from this UDP port instead of a file
  std::string defineFile;                   ///< replay: --define; may be empty
  bool dump = false;                        ///< replay: print the final metric store
  std::vector<Expectation> expected;        ///< replay: --expect, then --expect-none
  bool strict = false;                      ///< replay: hints and warnings are failures
};

/// Reads argv. Errors say what is wrong with which argument. Nothing is printed, no file is opened.
[[nodiscard]] Expected<CommandLine> parseCommandLine(int argc, const char* const* argv);

/// What `weir --help` prints; of decode and replay, what `weir decode --help` and `weir replay --help` print.
[[nodiscard]] std::string helpText(CommandLine::Command topic = CommandLine::Command::run);

}  // namespace weir::config
