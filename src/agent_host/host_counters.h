#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent_host/entity.h"
#include "agent_host/network.h"
#include "wire/writer.h"

namespace weir::agent {

/// Counters of the host, read below `root`: "" for the system's own /proc and /sys, a folder of fixtures in tests.
/// Counters are the kernel's totals since boot. A file that is not there leaves its counters out (the whole record) or
/// unknown.

[[nodiscard]] std::optional<wire::host_cpu> hostCpu(const std::string& root);
[[nodiscard]] std::optional<wire::host_memory> hostMemory(const std::string& root);

/// Octets of a file system.
struct DiskSpace {
  std::uint64_t total = 0;
  std::uint64_t free = 0;
};
/// Tells the space of the file system mounted at a path; nothing if it cannot.
using SpaceReader = std::function<std::optional<DiskSpace>(const std::string& mountPoint)>;
/// statvfs(3).
[[nodiscard]] std::optional<DiskSpace> spaceOf(const std::string& mountPoint);

/// File systems on local devices that are mounted read-write, each device once; transfers of whole disks, so that
/// partitions, volumes of device mapper or md, and loop devices are not counted twice.
[[nodiscard]] wire::host_disk_io hostDiskIo(const std::string& root, const SpaceReader& space);

/// Sum over interfaces that are up, without those whose packets another one counts too: loopback, VLANs, bonds,
/// bridges and what stands behind a bridge as a veth.
[[nodiscard]] wire::host_net_io hostNetIo(const Network& network);

/// The MIB-II groups (0:2007 to 0:2010) of proc/net/snmp, each column found by its name; columns that this kernel lacks
/// are all ones.
void addMibGroups(wire::DatagramWriter& writer, const std::string& root);

/// Adapters (0:2001), at most kMaxAdapters.
inline constexpr std::size_t kMaxAdapters = 32;
void addAdapters(wire::DatagramWriter& writer, std::span<const Adapter> adapters);
/// Those of the host: up, with a MAC, no veth.
[[nodiscard]] std::vector<Adapter> hostAdapters(const Network& network);

}  // namespace weir::agent
