#include "privileges.h"

#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace weir::app {

namespace {

std::unexpected<Error> systemError(const char* what) {
  return fail(std::string(what) + ": " + std::strerror(errno));
}

std::vector<cap_value_t> neededCapabilities(const agent::AgentSettings& settings) {
  std::vector<cap_value_t> out{CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF, CAP_DAC_READ_SEARCH};
  if (settings.dropmon) out.push_back(CAP_PERFMON);
  const auto elsewhere = [](const auto& collector) { return !collector.network.empty(); };
  if (std::any_of(settings.collectors.begin(), settings.collectors.end(), elsewhere)) out.push_back(CAP_SYS_ADMIN);
  // Those that this process does not have in the first place, as in a container, cannot be kept.
  std::erase_if(out, [](cap_value_t capability) {
    const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> now(cap_get_proc(), cap_free);
    cap_flag_value_t set = CAP_CLEAR;
    return cap_get_flag(now.get(), capability, CAP_PERMITTED, &set) != 0 || set == CAP_CLEAR;
  });
  return out;
}

}  // namespace

Expected<> dropPrivileges(const agent::AgentSettings& settings) {
  if (::geteuid() != 0) return {};
  const passwd* nobody = ::getpwnam("nobody");
  if (nobody == nullptr) return fail("there is no user nobody");
  const auto keep = neededCapabilities(settings);
  if (cap_setgroups(nobody->pw_gid, 0, nullptr) != 0) return systemError("giving up groups");
  if (cap_setuid(nobody->pw_uid) != 0) return systemError("becoming nobody");  // keeps what is permitted
  const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> wanted(cap_init(), cap_free);
  const int count = static_cast<int>(keep.size());
  if (cap_set_flag(wanted.get(), CAP_PERMITTED, count, keep.data(), CAP_SET) != 0 ||
      cap_set_flag(wanted.get(), CAP_EFFECTIVE, count, keep.data(), CAP_SET) != 0 || cap_set_proc(wanted.get()) != 0)
    return systemError("giving up capabilities");
  // No program that we might start gets anything back.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return systemError("no new privileges");
  return {};
}

}  // namespace weir::app
