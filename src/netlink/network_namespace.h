#pragma once
#include <functional>
#include <string>

#include "base/error.h"

namespace weir::netlink {

/// Runs `work` in the network namespace that a file stands for (/var/run/netns/NAME, /proc/PID/ns/net), and returns
/// when it is done: sockets that it opens belong to that namespace for good. It runs on a thread of its own that ends
/// there, so that no thread can ever stay behind in the wrong network. Needs CAP_SYS_ADMIN, and for the file of
/// another's process CAP_SYS_PTRACE. Error: the namespace could not be entered, or what `work` gives.
[[nodiscard]] Expected<> insideNetwork(const std::string& path, const std::function<Expected<>()>& work);

}  // namespace weir::netlink
