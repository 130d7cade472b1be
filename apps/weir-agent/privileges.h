#pragma once
#include <string>
#include <vector>

#include "agent_config/settings.h"
#include "base/error.h"

namespace weir::app {

/// Drops what is not needed once everything is open: switches to user nobody with the few capabilities that devices
/// which appear later need (CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF), and CAP_DAC_READ_SEARCH, to read again a
/// configuration that only root may read, and the names of containers; CAP_PERFMON for dropmon { }, CAP_SYS_ADMIN for
/// collectors in other network namespaces, that and CAP_SYS_PTRACE to look into those of containers; for docker { } the
/// group that may speak to Docker. Other threads (libvirt's) become user nobody, too, and keep nothing. Without root
/// there is nothing to drop.
[[nodiscard]] Expected<> dropPrivileges(const agent::AgentSettings& settings);

/// What these settings need and this process has not got: "dropmon { } needs CAP_PERFMON". What was given up at the
/// start does not come back.
[[nodiscard]] std::vector<std::string> missingPrivileges(const agent::AgentSettings& settings);

}  // namespace weir::app
