#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::agent {

enum class EntityKind : std::uint8_t {
  service,    ///< NAME.service below system.slice (systemd)
  container,  ///< a container of Docker, Podman, containerd or CRI-O outside of Kubernetes
  pod,        ///< a pod of Kubernetes
  machine,    ///< a virtual machine
};

/// What the host runs and counts apart. Identified by kind and id for as long as it lives.
struct Entity {
  EntityKind kind = EntityKind::service;
  std::string id;    ///< unit name, container id, uid of the pod or UUID of the machine
  std::string name;  ///< its name; the shortened id if the name is unknown
  // Of all but machines:
  std::string folder;                  ///< of its cgroup, from the root of the hierarchy: "/system.slice/ssh.service"
  std::vector<std::uint64_t> cgroups;  ///< inodes of that folder and those below it
  std::uint64_t process = 0;           ///< one of its processes
};

/// A network adapter (host_adapters, 0:2001).
struct Adapter {
  std::uint32_t ifIndex = 0;  ///< of the host's device that it is, or that is behind it; 0 unknown
  std::array<std::uint8_t, 6> mac{};
};

/// Sums over the devices of a network.
struct NetCounters {
  std::uint64_t bytesIn = 0, packetsIn = 0, errorsIn = 0, dropsIn = 0;
  std::uint64_t bytesOut = 0, packetsOut = 0, errorsOut = 0, dropsOut = 0;
};

/// Counters of an entity; nothing where they are not kept.
struct EntityCounters {
  std::uint32_t state = 1;  ///< virt_cpu (0:2101): 1 running
  std::uint64_t cpuMs = 0;
  std::uint32_t processors = 0;
  std::uint64_t memory = 0;     ///< octets in use
  std::uint64_t maxMemory = 0;  ///< its limit; the host's memory where it has none
  std::uint64_t diskCapacity = 0, diskAllocation = 0;
  std::uint64_t readRequests = 0, readBytes = 0, writeRequests = 0, writeBytes = 0, diskErrors = 0;
  std::optional<NetCounters> net;  ///< of its own network, where it has one
  std::vector<Adapter> adapters;
};

inline constexpr std::size_t kMaxEntities = 4096;

}  // namespace weir::agent
