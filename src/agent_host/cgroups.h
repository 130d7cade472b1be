#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_host/entity.h"

namespace weir::agent {

/// Services, containers and pods, found by walking the cgroup tree: no daemon has to be asked, and what it would say is
/// read from where it comes from.

inline constexpr std::size_t kShortId = 12;  ///< digits of a container id in names
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
  [[nodiscard]] std::optional<NetCounters> readNet(std::uint64_t process) const;

  std::string root_;
  std::string names_;     // the hierarchy that has the names: that of version 2, or systemd's of version 1
  std::string version2_;  // empty: has no controllers
  std::string version1_;  // folder of the controllers of version 1
};

}  // namespace weir::agent
