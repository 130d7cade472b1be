#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_host/host_identity.h"

namespace weir::agent {

/// Services, containers and pods, found by walking the cgroup tree: no daemon has to be asked, and what it would say is
/// read from where it comes from.

/// What makes a cgroup folder an entity of its own.
enum class EntityKind : std::uint8_t {
  service,    ///< NAME.service below system.slice (systemd)
  container,  ///< a container of Docker, Podman, containerd or CRI-O outside of Kubernetes
  pod,        ///< a pod of Kubernetes
};

/// One of them. Identified by kind and id for as long as it lives.
struct Entity {
  EntityKind kind = EntityKind::service;
  std::string id;                      ///< unit name, container id or pod uid
  std::string name;                    ///< what people call it; the id, shortened, where nobody can tell
  std::string folder;                  ///< of its cgroup, from the root of the hierarchy: "/system.slice/ssh.service"
  std::vector<std::uint64_t> cgroups;  ///< inodes of that folder and those below it
  std::uint64_t process = 0;           ///< one of its processes
};

/// Counters of an entity; nothing where the kernel keeps none for it.
struct EntityCounters {
  std::uint64_t cpuMs = 0;
  std::uint32_t processors = 0;
  std::uint64_t memory = 0;     ///< octets in use
  std::uint64_t maxMemory = 0;  ///< its limit; the host's memory where it has none
  std::uint64_t readRequests = 0, readBytes = 0, writeRequests = 0, writeBytes = 0;
  struct Net {
    std::uint64_t bytesIn = 0, packetsIn = 0, errorsIn = 0, dropsIn = 0;
    std::uint64_t bytesOut = 0, packetsOut = 0, errorsOut = 0, dropsOut = 0;
  };
  std::optional<Net> net;  ///< of its network namespace, where that is not the host's
};

inline constexpr std::size_t kMaxEntities = 4096;
inline constexpr std::size_t kShortId = 12;  ///< digits of a container id that people see
[[nodiscard]] bool isContainerId(std::string_view text);

/// The cgroup hierarchies below `root` ("" for the system): version 2, version 1, or both side by side.
class CgroupTree {
 public:
  explicit CgroupTree(std::string root);

  struct Wanted {
    bool services = false, containers = false, pods = false;
  };
  /// Those with at least one process, at most kMaxEntities.
  [[nodiscard]] std::vector<Entity> find(const Wanted& wanted) const;
  [[nodiscard]] EntityCounters read(const Entity& entity) const;

 private:
  void walk(const std::string& folder, const Wanted& wanted, std::vector<Entity>& out, int depth) const;
  [[nodiscard]] std::optional<Entity> entityAt(const std::string& folder, const Wanted& wanted) const;
  [[nodiscard]] std::string nameOf(EntityKind kind, const std::string& id) const;
  [[nodiscard]] std::uint64_t anyProcess(const std::string& folder, int depth) const;
  void collectInodes(const std::string& folder, std::vector<std::uint64_t>& out, int depth) const;
  void readVersion2(const std::string& folder, EntityCounters& out) const;
  void readVersion1(const std::string& folder, EntityCounters& out) const;
  [[nodiscard]] std::optional<EntityCounters::Net> readNet(std::uint64_t process) const;

  std::string root_;
  std::string names_;     // the hierarchy that has the names: that of version 2, or systemd's of version 1
  std::string version2_;  // empty: has no controllers
  std::string version1_;  // folder of the controllers of version 1
};

}  // namespace weir::agent
