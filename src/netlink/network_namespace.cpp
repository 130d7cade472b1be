#include "netlink/network_namespace.h"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "netlink/socket.h"

namespace weir::netlink {

Expected<> insideNetwork(const std::string& path, const std::function<Expected<>()>& work) {
  const Descriptor there(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!there) return fail(path + ": " + std::strerror(errno));
  Expected<> out;
  std::thread visitor([&] {
    if (::setns(there.get(), CLONE_NEWNET) != 0) {
      out = fail("entering the network namespace " + path + ": " + std::strerror(errno));
    } else {
      out = work();
    }
  });
  visitor.join();
  return out;
}

}  // namespace weir::netlink
