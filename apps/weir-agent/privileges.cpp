#include "privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "agent/docker_names.h"

namespace weir::app {

namespace {

std::unexpected<Error> systemError(const char* what) {
  return fail(std::string(what) + ": " + std::strerror(errno));
}

using agent::AgentSettings;

/// A capability, and what of the configuration needs it.
struct Need {
  cap_value_t capability;
  const char* name;
  const char* what;  ///< null: every agent
  bool (*applies)(const AgentSettings&);
};

bool always(const AgentSettings&) {
  return true;
}
bool sendsElsewhere(const AgentSettings& s) {
  return std::any_of(s.collectors.begin(), s.collectors.end(), [](const auto& c) { return !c.network.empty(); });
}
bool watchesDrops(const AgentSettings& s) {
  return s.dropmon.has_value();
}

constexpr char kContainers[] = "looking into the networks of containers (tcp { } or markTraffic)";
constexpr Need kNeeds[] = {
    {CAP_NET_RAW, "CAP_NET_RAW", nullptr, always},
    {CAP_NET_ADMIN, "CAP_NET_ADMIN", nullptr, always},
    {CAP_BPF, "CAP_BPF", nullptr, always},
    {CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", nullptr, always},
    {CAP_PERFMON, "CAP_PERFMON", "dropmon { }", watchesDrops},
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "collector { namespace= }", sendsElsewhere},
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN", kContainers, agent::entersContainers},
    {CAP_SYS_PTRACE, "CAP_SYS_PTRACE", kContainers, agent::entersContainers},
};

bool isPermitted(cap_value_t capability) {
  const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> now(cap_get_proc(), cap_free);
  cap_flag_value_t set = CAP_CLEAR;
  return cap_get_flag(now.get(), capability, CAP_PERMITTED, &set) == 0 && set == CAP_SET;
}

/// Those that this process does not have in the first place, as in a container, cannot be kept.
std::vector<cap_value_t> capabilitiesToKeep(const AgentSettings& settings) {
  std::vector<cap_value_t> out;
  for (const auto& need : kNeeds)
    if (need.applies(settings) && isPermitted(need.capability)) out.push_back(need.capability);
  return out;
}

/// Whom Docker answers: the group of its socket; while there is none yet, that which its package makes.
std::vector<gid_t> groupsToKeep(const AgentSettings& settings) {
  if (!settings.docker) return {};
  struct stat socket{};
  if (::stat(agent::kDockerSocket, &socket) == 0) return {socket.st_gid};
  if (const group* docker = ::getgrnam("docker"); docker != nullptr) return {docker->gr_gid};
  return {};
}

}  // namespace

Expected<> dropPrivileges(const agent::AgentSettings& settings) {
  if (::geteuid() != 0) return {};
  const passwd* nobody = ::getpwnam("nobody");
  if (nobody == nullptr) return fail("there is no user nobody");
  const auto keep = capabilitiesToKeep(settings);
  const auto groups = groupsToKeep(settings);
  if (cap_setgroups(nobody->pw_gid, groups.size(), groups.data()) != 0) return systemError("dropping groups");
  if (cap_setuid(nobody->pw_uid) != 0) return systemError("switching to user nobody");  // keeps what is permitted
  const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> wanted(cap_init(), cap_free);
  const int count = static_cast<int>(keep.size());
  if (cap_set_flag(wanted.get(), CAP_PERMITTED, count, keep.data(), CAP_SET) != 0 ||
      cap_set_flag(wanted.get(), CAP_EFFECTIVE, count, keep.data(), CAP_SET) != 0 || cap_set_proc(wanted.get()) != 0)
    return systemError("giving up capabilities");
  // No program that we might start gets anything back.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return systemError("no new privileges");
  return {};
}

std::vector<std::string> missingPrivileges(const AgentSettings& settings) {
  std::vector<std::string> out;
  for (const auto& need : kNeeds)
    if (need.what != nullptr && need.applies(settings) && !isPermitted(need.capability))
      out.push_back(std::string(need.what) + " needs " + need.name);
  return out;
}

}  // namespace weir::app
