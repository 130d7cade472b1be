#include "netlink/network_namespace.h"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "netlink/socket.h"

namespace weir::netlink {

Expected<> insideNetwork(const std::string& path, const std::function<Expected<>()>& work) {
  const Descriptor there(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!there) return fail(path + ": " + std::strerror(errno));
  Expected<> out;
  std::thread visitor;
  const auto visit = [&] {
    if (::setns(there.get(), CLONE_NEWNET) != 0) {
      out = fail("entering the network namespace " + path + ": " + std::strerror(errno));
    } else {
      out = work();
    }
  };
  try {
    visitor = std::thread(visit);
  } catch (const std::system_error& e) {  // TasksMax, a limit of the user
    return fail(std::string("no thread to enter ") + path + ": " + e.code().message());
  }
  visitor.join();
  return out;
}

}  // namespace weir::netlink
