#include "engine/answer_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace weir::engine {

namespace {

/// The limit of the control group of this process, where it has one (Linux, cgroup version 2, memory.max). In a
/// container its group is the root of what is mounted.
std::size_t groupLimit() {
  std::string line, group;
  for (std::ifstream groups("/proc/self/cgroup"); std::getline(groups, line);) {
    if (line.starts_with("0::")) group = line.substr(3);
  }
  std::size_t limit = SIZE_MAX;
  for (const std::string& folder : {group, std::string()}) {
    std::ifstream file("/sys/fs/cgroup" + folder + "/memory.max");
    std::size_t octets = 0;
    if (file >> octets) limit = std::min(limit, octets);  // "max" is no number
  }
  return limit;
}

std::size_t addressLimit() {
  rlimit addresses{};
  const bool known = getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY;
  return known ? static_cast<std::size_t>(addresses.rlim_cur) : SIZE_MAX;
}

}  // namespace

std::size_t AnswerMemory::affordable() {
  const auto pages = static_cast<std::size_t>(std::max(sysconf(_SC_PHYS_PAGES), 1L));
  const std::size_t machine = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return std::min(kMost, std::min({machine, groupLimit(), addressLimit()}) / 4);
}

}  // namespace weir::engine
