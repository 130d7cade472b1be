#pragma once
#include <map>
#include <string>
#include <unordered_map>

#include "agent/counter_poller.h"
#include "agent_config/settings.h"
#include "agent_host/cgroups.h"
#include "agent_host/container_networks.h"
#include "agent_host/virtual_machines.h"

namespace weir::agent {

/// Services, containers, pods and virtual machines as data sources 3:100000 and up (docs/agent-rules.md). An
/// entity's index follows from its UUID, so that it is the same after a restart. Thread: one.
class EntitySet {
 public:
  /// root: of /proc, /sys and the rest; "" for the system.
  EntitySet(CounterPoller& poller, const std::string& root) : poller_(poller), tree_(root), networks_(root) {}

  void apply(const AgentSettings& settings, const HostIdentity& host, Nanos now);
  /// Where virtual machines are looked for, from the next apply() or refresh() on; null: nowhere.
  void setMachines(const VirtualMachines* machines) { machines_ = machines; }
  /// Looks for what has come and gone. Whether a container has come.
  bool refresh(Nanos now);
  /// What containers are called, by their ids; those that are not here keep the name that their files tell.
  void setContainerNames(const std::map<std::string, std::string>& names) { names_ = names; }
  /// The data source of a socket's cgroup if its kind is to be marked; index 0: none. Nothing is allocated.
  [[nodiscard]] wire::DataSource bySocket(std::uint64_t cgroup) const;
  /// Whose an address in another network namespace is; null: no container's or pod's. Nothing is allocated.
  [[nodiscard]] const ContainerNetworks::Owner* byAddress(const IpAddress& address) const {
    return networks_.find(address);
  }
  [[nodiscard]] std::size_t size() const { return entities_.size(); }

 private:
  struct Known {
    Entity entity;
    Uuid uuid{};
    std::uint32_t index = 0;
  };
  [[nodiscard]] Uuid uuidOf(const Entity& entity) const;
  [[nodiscard]] std::uint32_t freeIndex(const Uuid& uuid) const;
  [[nodiscard]] bool isMarked(EntityKind kind) const;
  void add(const Entity& entity, Nanos now);
  void remember(const Known& known);
  void updateNetworks();
  [[nodiscard]] const std::string& nameOf(const Entity& entity) const;
  void fill(const Known& known, wire::DatagramWriter& writer) const;

  CounterPoller& poller_;
  CgroupTree tree_;
  const VirtualMachines* machines_ = nullptr;
  ContainerNetworks networks_;
  HostIdentity host_;
  CgroupTree::Wanted wanted_;
  bool entersNetworks_ = false;
  bool markServices_ = false, markContainers_ = false, markPods_ = false;
  std::uint32_t seconds_ = 0;
  std::map<std::string, std::string> names_;
  std::map<std::string, Known> entities_;  // by kind and id
  std::map<std::uint32_t, std::string> indexes_;
  std::unordered_map<std::uint64_t, std::uint32_t> sockets_;
};

}  // namespace weir::agent
