#include "agent/counter_poller.h"

#include "agent_host/bonds.h"
#include "agent_host/host_counters.h"
#include "agent_host/interface_counters.h"

namespace weir::agent {

namespace {
constexpr std::uint32_t kLinux = 2;
constexpr Nanos kOpticsEvery = 300 * kSecond;  // each reading goes through the module's slow bus
}  // namespace

wire::host_descr hostDescription(const HostIdentity& identity) {
  wire::host_descr out;
  out.hostname = identity.hostname;
  out.uuid = identity.uuid;
  out.machine_type = identity.machineType;
  out.os_name = kLinux;
  out.os_release = identity.osRelease;
  return out;
}

CounterPoller::CounterPoller(SampleSender& sender, SequenceBook& book, NetworkSource& source, std::string root,
                             std::uint64_t seed)
    : sender_(sender), book_(book), source_(source), root_(std::move(root)), schedule_(seed) {}

void CounterPoller::setNetwork(const Network& network, const std::function<bool(const Link&)>& polled,
                               std::uint32_t seconds, Nanos now) {
  network_ = network;
  schedule_.set(kHostSource, seconds, now);
  std::map<std::uint32_t, Link> next;
  for (const auto& link : network.links)
    if (polled(link)) next.emplace(link.index, link);
  for (const auto& [index, link] : polled_)
    if (!next.contains(index)) {
      schedule_.remove({0, index});
      book_.retire({0, index});
      opticsDue_.erase(index);
    }
  for (const auto& [index, link] : next) {
    const auto before = polled_.find(index);
    if (before != polled_.end() && !before->second.sameAs(link)) book_.forget({0, index});
    schedule_.set({0, index}, seconds, now);
  }
  polled_ = std::move(next);
}

void CounterPoller::setSource(const wire::DataSource& source, std::uint32_t seconds, Fill fill, Nanos now) {
  others_[source] = std::move(fill);
  schedule_.set(source, seconds, now);
}

void CounterPoller::removeSource(const wire::DataSource& source) {
  others_.erase(source);
  schedule_.remove(source);
  book_.retire(source);
}

void CounterPoller::poll(Nanos now) {
  due_.clear();
  schedule_.due(now, [&](const wire::DataSource& source) { due_.push_back(source); });
  if (due_.empty()) return;
  source_.refreshCounters(network_);
  for (const auto& source : due_) {
    if (source == kHostSource) {
      pollHost(now);
    } else if (source.cls == 0) {
      pollInterface(source.index, now);
    } else if (const auto other = others_.find(source); other != others_.end()) {
      send(source, now, other->second);
    }
  }
  sender_.flush();
}

template <class Write>
void CounterPoller::send(const wire::DataSource& source, Nanos now, Write&& write) {
  if (!sender_.isSending()) {
    (void)sender_.add(now, {}, [](auto&) {});  // counted as suppressed; keeps no number
    return;
  }
  wire::Sample sample;
  sample.kind = wire::SampleKind::counters;
  sample.expanded = true;
  sample.source = source;
  sample.sequence = ++book_.of(source).counters;
  (void)sender_.add(now, sample, write);
}

void CounterPoller::pollHost(Nanos now) {
  // Read once, as the writer may have to be filled twice.
  const auto cpu = hostCpu(root_);
  const auto memory = hostMemory(root_);
  const auto disk = hostDiskIo(root_, spaceOf);
  const auto adapters = hostAdapters(network_);
  send(kHostSource, now, [&](wire::DatagramWriter& writer) {
    writer.add(hostDescription(identity_));
    writer.add(hostNetIo(network_));
    if (cpu) writer.add(*cpu);
    if (memory) writer.add(*memory);
    writer.add(disk);
    addMibGroups(writer, root_);
    addAdapters(writer, adapters);
    if (domains_ && cpu && memory)
      writer.add(wire::virt_node{cpu->cpu_speed, cpu->cpu_num, memory->mem_total, memory->mem_free, *domains_});
    if (hostExtra_) hostExtra_(writer);
  });
}

void CounterPoller::pollInterface(std::uint32_t index, Nanos now) {
  const Link* link = network_.byIndex(index);
  if (link == nullptr) return;
  std::optional<Optics> optics;
  if (link->kind.empty() && now >= opticsDue_[index]) {
    opticsDue_[index] = now + kOpticsEvery;
    optics = source_.readOptics(*link);
  }
  const Link* bond = network_.byIndex(link->master);
  std::map<std::string, BondMember> members;
  if (bond != nullptr && bond->kind == "bond") members = readBonds(root_);
  const auto member = members.find(link->name);
  send({0, index}, now, [&](wire::DatagramWriter& writer) {
    addInterfaceCounters(writer, *link);
    if (member != members.end()) writer.add(lagPortStats(member->second, bond->index));
    if (optics) addOptics(writer, index, *optics);
  });
}

}  // namespace weir::agent
