#include "agent_config/agent_command_line.h"

#include <CLI/CLI.hpp>

#include "agent_config/values.h"

namespace weir::agent {

namespace {

constexpr const char* kHelp =
    "weir-agent: sends sFlow about this host: packet samples, counters, drops\n"
    "\n"
    "  weir-agent [options]           run; the log goes to standard error\n"
    "  weir-agent --check [-f FILE]   report mistakes in the configuration and what each interface would do, then "
    "exit\n"
    "\n"
    "  -f FILE    configuration (/etc/hsflowd.conf)\n"
    "  -o FILE    file for the settings in force, for other programs (/etc/hsflowd.auto)\n"
    "  -p FILE    write the process id\n"
    "  -u UUID    UUID of this host\n"
    "  -m ID      machine id, used for the UUID if the firmware has none (systemd's %m)\n"
    "  -P         keep all privileges\n"
    "  -D FILE    write the log to a file; SIGHUP reopens it\n"
    "  -d         accepted: the program always stays in the foreground\n"
    "  -v, -h     version, this help\n"
    "\n"
    "SIGHUP reads the configuration again without losing sequence numbers; SIGUSR1 logs the counters of the agent.\n"
    "-l, -c, -F, -L and -M of hsflowd are accepted and have no effect.\n";

}  // namespace

Expected<AgentCommandLine> parseAgentCommandLine(int argc, const char* const* argv) {
  AgentCommandLine out;
  bool check = false, version = false, help = false;
  std::vector<std::pair<std::string, std::string>> accepted{{"-l", ""}, {"-c", ""}, {"-F", ""}, {"-L", ""}, {"-M", ""}};
  CLI::App app("", "weir-agent");
  app.set_help_flag();
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  unsigned foreground = 0;
  app.add_flag("-d", foreground);
  app.add_flag("-v,-V,--version", version);
  app.add_flag("-h,-?,--help", help);
  app.add_flag("-P", out.keepPrivileges);
  app.add_flag("--check", check);
  app.add_option("-f", out.configPath);
  app.add_option("-o", out.autoPath);
  app.add_option("-p", out.pidPath);
  app.add_option("-D", out.logPath);
  app.add_option("-u", out.uuid);
  app.add_option("-m", out.machineId);
  for (auto& [name, value] : accepted) app.add_option(name, value);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    const auto left = app.remaining(true);
    return fail((left.empty() ? std::string("argument") : left.front()) + ": unknown; see weir-agent -h");
  } catch (const CLI::ParseError& error) {
    return fail(error.what());
  }
  if (!out.uuid.empty() && !parseUuid(out.uuid)) return fail("-u " + out.uuid + ": expected a UUID of 32 hex digits");
  for (const auto& [name, value] : accepted)
    if (!value.empty()) out.ignored.push_back(name);
  using Command = AgentCommandLine::Command;
  out.command = help ? Command::help : version ? Command::version : check ? Command::check : Command::run;
  return out;
}

std::string agentHelpText() {
  return kHelp;
}

}  // namespace weir::agent
