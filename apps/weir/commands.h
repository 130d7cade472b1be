#pragma once
#include "config/command_line.h"
#include "config/properties.h"

/// What the subcommands of `weir` do. Each answers the exit status; standard output holds results only, the log goes to
/// standard error.
namespace weir::app {

/// The engine: ingest, REST, status page; until SIGTERM or SIGINT.
int runEngine(const config::CommandLine& line, const config::Properties& properties);
/// `weir replay`: a capture at full speed, without a port; prints events, flow records and, with --dump, metrics.
int runReplay(const config::CommandLine& line, const config::Properties& properties);
/// `weir decode`: a line of JSON for each datagram of a capture or, live, of a port.
int runDecode(const config::CommandLine& line);
/// `--check`: says what is wrong with the configuration. A property that looks misspelt counts as wrong; one without
/// effect is a warning only.
int runCheck(const config::CommandLine& line, const config::Properties& properties);

/// "major.minor-build", as /version answers.
inline constexpr char kVersion[] = WEIR_VERSION;

}  // namespace weir::app
