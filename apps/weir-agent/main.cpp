#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>

#include "agent/agent.h"
#include "agent_config/agent_command_line.h"
#include "agent_config/config_file.h"
#include "base/log.h"
#include "privileges.h"
#include "service_manager.h"

namespace {

using namespace weir;
using namespace weir::agent;

/// Logs what is wrong with the configuration. False: it cannot be used.
bool report(const std::string& path, const Expected<ConfigFile>& file) {
  if (!file) {
    log::error(file.error().text());
    return false;
  }
  for (const auto& problem : file->problems)
    if (problem.severity == Problem::Severity::error) {
      log::error(problemText(path, problem));
    } else {
      log::warning(problemText(path, problem));
    }
  return file->usable();
}

int check(const AgentCommandLine& line) {
  const auto file = readConfig(line.configPath);
  if (!report(line.configPath, file)) return 1;
  auto kernel = KernelNetwork::open();
  const auto network = kernel ? kernel->read() : std::unexpected(kernel.error());
  if (!network) {
    log::error("cannot read the network interfaces: " + network.error().text());
    return 1;
  }
  std::fputs(describePlan(*network, file->settings).c_str(), stdout);
  return 0;
}

/// Standard error, which the log goes to, becomes the file.
Expected<> logTo(const std::string& path) {
  if (path.empty()) return {};
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return fail("cannot write the log: " + std::string(std::strerror(errno)), path);
  ::dup2(fd, STDERR_FILENO);
  ::close(fd);
  return {};
}

/// A pid file that an earlier run has left is replaced.
Expected<> writePid(const std::string& path) {
  if (path.empty()) return {};
  std::ofstream out(path);
  out << ::getpid() << '\n';
  if (!out.flush()) return fail("cannot write the process id: " + std::string(std::strerror(errno)), path);
  return {};
}

/// Taps, files of counters and two sockets in the network of each container: more than the usual 1,024.
void allowDescriptors() {
  constexpr rlim_t kWanted = 8'192;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kWanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, kWanted);
  (void)::setrlimit(RLIMIT_NOFILE, &limit);  // a failure shows when a descriptor cannot be opened
}

int run(const AgentCommandLine& line) {
  allowDescriptors();
  if (const auto opened = logTo(line.logPath); !opened) {
    log::error(opened.error().text());
    return 1;
  }
  const auto file = readConfig(line.configPath);
  if (!report(line.configPath, file)) return 1;
  for (const auto& option : line.ignored) log::warning(option + " has no effect");
  log::info(std::string("Starting weir-agent ") + WEIR_VERSION);
  auto agent = Agent::make(line, file->settings);
  if (!agent) {
    log::error(agent.error().text());
    return 1;
  }
  if (const auto written = writePid(line.pidPath); !written) log::warning(written.error().text());
  if (!line.keepPrivileges)
    if (const auto dropped = app::dropPrivileges(file->settings); !dropped) {
      log::error(dropped.error().text() + "; -P keeps all privileges");
      return 1;
    }
  app::notifyServiceManager("READY=1");
  (*agent)->run(
      [&] {
        if (const auto opened = logTo(line.logPath); !opened)
          log::warning(opened.error().text() + "; the old one stays in use");
      },
      [](const AgentSettings& settings) {
        for (const auto& need : app::missingPrivileges(settings))
          log::warning(need + ", which was dropped at the start; restart weir-agent");
      });
  app::notifyServiceManager("STOPPING=1");
  log::info("Stopping");
  if (!line.pidPath.empty()) ::unlink(line.pidPath.c_str());
  return 0;
}

int runCommand(int argc, char** argv) {
  const auto line = parseAgentCommandLine(argc, argv);
  if (!line) {
    log::error(line.error().text());
    return 2;
  }
  using Command = AgentCommandLine::Command;
  switch (line->command) {
    case Command::help:
      std::fputs(agentHelpText().c_str(), stdout);
      return 0;
    case Command::version:
      std::printf("weir-agent %s\n", WEIR_VERSION);
      return 0;
    case Command::check:
      return check(*line);
    case Command::run:
      return run(*line);
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return runCommand(argc, argv);
  } catch (const std::exception& e) {
    weir::log::error(std::string("cannot go on: ") + e.what());
    return 1;
  }
}
