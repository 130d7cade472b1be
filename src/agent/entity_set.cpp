#include "agent/entity_set.h"

#include <algorithm>

#include "agent_host/host_counters.h"
#include "base/hash.h"

namespace weir::agent {

namespace {

constexpr std::uint32_t kFirstIndex = 100'000, kIndexes = 50'000;

std::string keyOf(const Entity& entity) {
  return std::to_string(static_cast<int>(entity.kind)) + entity.id;
}

std::uint32_t low(std::uint64_t counter) {
  return static_cast<std::uint32_t>(counter);
}

}  // namespace

void EntitySet::apply(const AgentSettings& settings, const HostIdentity& host, Nanos now) {
  host_ = host;
  wanted_ = {settings.systemd.has_value(), settings.docker || settings.containerd, settings.k8s.has_value()};
  markServices_ = settings.systemd && settings.systemd->markTraffic;
  markContainers_ =
      (settings.docker && settings.docker->markTraffic) || (settings.containerd && settings.containerd->markTraffic);
  markPods_ = settings.k8s && settings.k8s->markTraffic;
  entersNetworks_ = entersContainers(settings);
  const bool newInterval = seconds_ != settings.polling.fallback;
  seconds_ = settings.polling.fallback;
  if (newInterval)
    for (const auto& [key, known] : entities_)
      poller_.setSource(
          {kLogicalEntity, known.index}, seconds_,
          [this, key](wire::DatagramWriter& writer) { fill(entities_.at(key), writer); }, now);
  (void)refresh(now);
}

bool EntitySet::refresh(Nanos now) {
  const bool looks = wanted_.services || wanted_.containers || wanted_.pods || machines_ != nullptr;
  if (!looks) poller_.setDomains(std::nullopt);
  if (!looks && entities_.empty()) return false;
  bool came = false;
  std::map<std::string, Known> before;
  before.swap(entities_);
  sockets_.clear();
  auto found = tree_.find(wanted_);
  const auto machines = machines_ == nullptr ? std::vector<Entity>() : machines_->list();
  found.insert(found.end(), machines.begin(), machines.end());
  for (const auto& entity : found) {
    const auto known = before.find(keyOf(entity));
    if (known == before.end()) {
      add(entity, now);
      came |= entity.kind == EntityKind::container;
      continue;
    }
    known->second.entity = entity;
    remember(known->second);
    entities_.insert(before.extract(known));
  }
  for (const auto& [key, gone] : before) {
    poller_.removeSource({kLogicalEntity, gone.index});
    indexes_.erase(gone.index);
  }
  // On a hypervisor the domains are its virtual machines, whatever else it runs.
  if (looks) poller_.setDomains(static_cast<std::uint32_t>(machines_ == nullptr ? entities_.size() : machines.size()));
  updateNetworks();
  return came;
}

void EntitySet::updateNetworks() {
  std::vector<ContainerNetworks::Container> containers;
  if (entersNetworks_)
    for (const auto& [key, known] : entities_)
      if (known.entity.process != 0 && known.entity.kind != EntityKind::service)
        containers.push_back({known.entity.process, isMarked(known.entity.kind) ? known.index : 0});
  networks_.update(containers);
}

void EntitySet::add(const Entity& entity, Nanos now) {
  Known known{entity, uuidOf(entity), 0};
  known.index = freeIndex(known.uuid);
  const std::string key = keyOf(entity);
  indexes_[known.index] = key;
  remember(known);
  poller_.setSource(
      {kLogicalEntity, known.index}, seconds_,
      [this, key](wire::DatagramWriter& writer) { fill(entities_.at(key), writer); }, now);
  entities_.emplace(key, std::move(known));
}

void EntitySet::remember(const Known& known) {
  if (!isMarked(known.entity.kind)) return;
  for (const std::uint64_t cgroup : known.entity.cgroups) sockets_[cgroup] = known.index;
}

bool EntitySet::isMarked(EntityKind kind) const {
  switch (kind) {
    case EntityKind::service:
      return markServices_;
    case EntityKind::container:
      return markContainers_;
    case EntityKind::pod:
      return markPods_;
    case EntityKind::machine:
      break;
  }
  return false;
}

wire::DataSource EntitySet::bySocket(std::uint64_t cgroup) const {
  const auto found = sockets_.find(cgroup);
  if (found == sockets_.end()) return {};
  return {kLogicalEntity, found->second};
}

/// Containers: the first half of their id, as in hsflowd; pods and machines: their own; services: made of the
/// host's.
Uuid EntitySet::uuidOf(const Entity& entity) const {
  if (entity.kind == EntityKind::service) return hashedUuid(host_.uuid, entity.id);
  Uuid out{};
  std::size_t digits = 0;
  for (const char c : entity.id) {
    if (c == '-' || digits == 32) continue;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    out[digits / 2] = static_cast<std::uint8_t>(out[digits / 2] << 4 | value);
    ++digits;
  }
  return out;
}

std::uint32_t EntitySet::freeIndex(const Uuid& uuid) const {
  auto at = static_cast<std::uint32_t>(hashBytes(uuid.data(), uuid.size()) % kIndexes);
  while (indexes_.contains(kFirstIndex + at)) at = (at + 1) % kIndexes;  // there are fewer entities than indexes
  return kFirstIndex + at;
}

const std::string& EntitySet::nameOf(const Entity& entity) const {
  const auto named = entity.kind == EntityKind::container ? names_.find(entity.id) : names_.end();
  return named == names_.end() ? entity.name : named->second;
}

void EntitySet::fill(const Known& known, wire::DatagramWriter& writer) const {
  HostIdentity identity = host_;
  identity.hostname = nameOf(known.entity).substr(0, 64);
  identity.uuid = known.uuid;
  writer.add(hostDescription(identity));
  writer.add(wire::host_parent{kHostSource.cls, kHostSource.index});
  EntityCounters c;
  if (known.entity.kind != EntityKind::machine) {
    c = tree_.read(known.entity);
  } else if (const auto counters = machines_ == nullptr ? std::nullopt : machines_->read(known.entity.id)) {
    c = *counters;
  } else {
    return;  // it has ended since the last look: there is nothing to tell but its name
  }
  writer.add(wire::virt_cpu{c.state, low(c.cpuMs), c.processors});
  writer.add(wire::virt_memory{c.memory, c.maxMemory});
  wire::virt_disk_io disk;
  disk.capacity = c.diskCapacity;
  disk.allocation = c.diskAllocation;
  disk.physical = c.diskCapacity - std::min(c.diskCapacity, c.diskAllocation);  // "available" in its text
  disk.errs = low(c.diskErrors);
  disk.rd_req = low(c.readRequests);
  disk.rd_bytes = c.readBytes;
  disk.wr_req = low(c.writeRequests);
  disk.wr_bytes = c.writeBytes;
  writer.add(disk);
  if (!c.adapters.empty()) addAdapters(writer, c.adapters);
  if (!c.net) return;
  wire::virt_net_io net;
  net.bytes_in = c.net->bytesIn;
  net.pkts_in = low(c.net->packetsIn);
  net.errs_in = low(c.net->errorsIn);
  net.drops_in = low(c.net->dropsIn);
  net.bytes_out = c.net->bytesOut;
  net.pkts_out = low(c.net->packetsOut);
  net.errs_out = low(c.net->errorsOut);
  net.drops_out = low(c.net->dropsOut);
  writer.add(net);
}

}  // namespace weir::agent
