#include "sim/fabric_simulation.h"

#include "sim/frame.h"

namespace weir::sim {

namespace {

constexpr Nanos kTick = kSecond / static_cast<Nanos>(kTicksPerSecond);
/// Counters are sent this often; each data source at its own moment, so that they do not come in bursts.
constexpr std::uint64_t kPollTicks = 10 * kTicksPerSecond;
constexpr std::uint32_t kHostSubAgent = 100000;  // where agents on hosts usually live

constexpr std::uint64_t pollPhase(std::uint64_t source) {
  return source * 37 % kPollTicks;
}

}  // namespace

FabricSimulation::FabricSimulation(std::uint64_t seed)
    : fabric_(FabricTopology::leafAndSpine()), random_(seed), traffic_(fabric_, random_.next()) {
  for (const SwitchSpec& spec : fabric_.switches) {
    Switch& node = switches_.emplace_back(Switch{SimulatedAgent(spec.agent, 0), {}});
    for (const PortSpec& port : spec.ports)
      node.ports.emplace_back().skip = random_.between(1, 2 * port.samplingRate - 1);
  }
  for (const HostSpec& spec : fabric_.hosts) hosts_.push_back({SimulatedAgent(spec.ip4, kHostSubAgent), {}, {}, 0});
}

void FabricSimulation::advance(Nanos now, const DatagramSink& sink) {
  if (!begin_) begin_ = now;
  while (*begin_ + static_cast<Nanos>(tick_ + 1) * kTick <= now) {
    ++tick_;
    step(sink);
  }
}

void FabricSimulation::step(const DatagramSink& sink) {
  traffic_.step(tick_, [&](const Flow& flow, std::uint64_t packets) { carry(flow, packets, sink); });
  pollPorts(sink);
  pollHosts(sink);
  for (Switch& node : switches_) node.agent.flush(nowMs(), sink);
  for (Host& host : hosts_) host.agent.flush(nowMs(), sink);
}

void FabricSimulation::carry(const Flow& flow, std::uint64_t packets, const DatagramSink& sink) {
  hosts_[flow.source].out.add(packets, flow.frameLength);
  hosts_[flow.destination].in.add(packets, flow.frameLength);
  for (std::size_t i = 0; i < flow.path.size; ++i) {
    const Hop& hop = flow.path.hops[i];
    switches_[hop.node].ports[hop.outPort].out.add(packets, flow.frameLength);
    Port& in = switches_[hop.node].ports[hop.inPort];
    in.in.add(packets, flow.frameLength);
    // Random skips with the sampling rate as their mean (sFlow version 5, section 3.1).
    std::uint64_t left = packets;
    for (; in.skip <= left;
         in.skip = random_.between(1, 2 * fabric_.switches[hop.node].ports[hop.inPort].samplingRate - 1)) {
      left -= in.skip;
      in.pool += in.skip;
      sampleFlow(flow, i, flow.sent + packets - left - 1, sink);
    }
    in.skip -= left;
    in.pool += left;
  }
}

void FabricSimulation::sampleFlow(const Flow& flow, std::size_t hop, std::uint64_t packet, const DatagramSink& sink) {
  const Hop& here = flow.path.hops[hop];
  const SwitchSpec& spec = fabric_.switches[here.node];
  Switch& node = switches_[here.node];
  Port& port = node.ports[here.inPort];

  wire::Sample sample;
  sample.kind = wire::SampleKind::flow;
  sample.sequence = ++port.flowSequence;
  sample.source = {0, spec.ports[here.inPort].ifIndex};
  sample.samplingRate = spec.ports[here.inPort].samplingRate;
  sample.samplePool = static_cast<std::uint32_t>(port.pool);
  sample.input = {0, spec.ports[here.inPort].ifIndex};
  sample.output = {0, spec.ports[here.outPort].ifIndex};

  // Ports between switches are routed and have no VLAN.
  wire::extended_switch vlans;
  if (hop == 0) vlans.src_vlan = fabric_.hosts[flow.source].vlan;
  if (hop + 1 == flow.path.size) vlans.dst_vlan = fabric_.hosts[flow.destination].vlan;

  FrameBuffer buffer;
  const std::size_t size = buildFrame(fabric_, flow, hop, packet, buffer);
  const auto fill = [&](wire::DatagramWriter& writer) {
    writer.add(wire::SampledHeader{1, flow.frameLength, 4, Bytes(buffer).first(size)});
    writer.add(vlans);
  };
  node.agent.add(nowMs(), sample, fill, sink);
}

void FabricSimulation::pollPorts(const DatagramSink& sink) {
  std::uint64_t source = 0;
  for (std::size_t node = 0; node < switches_.size(); ++node)
    for (std::size_t port = 0; port < switches_[node].ports.size(); ++port)
      if (tick_ % kPollTicks == pollPhase(source++)) pollPort(node, port, sink);
}

void FabricSimulation::pollPort(std::size_t node, std::size_t index, const DatagramSink& sink) {
  const PortSpec& spec = fabric_.switches[node].ports[index];
  Port& port = switches_[node].ports[index];
  wire::if_counters counters;
  counters.ifIndex = spec.ifIndex;
  counters.ifType = 6;  // ethernetCsmacd
  counters.ifSpeed = spec.bitsPerSecond;
  counters.ifDirection = 1;  // full duplex
  counters.ifStatus = 3;     // up, administratively and in fact
  counters.ifInOctets = port.in.octets;
  counters.ifInUcastPkts = static_cast<std::uint32_t>(port.in.packets);
  counters.ifOutOctets = port.out.octets;
  counters.ifOutUcastPkts = static_cast<std::uint32_t>(port.out.packets);
  wire::port_name name;
  name.name = spec.name;

  wire::Sample sample;
  sample.kind = wire::SampleKind::counters;
  sample.sequence = ++port.counterSequence;
  sample.source = {0, spec.ifIndex};
  const auto fill = [&](wire::DatagramWriter& writer) {
    writer.add(counters);
    writer.add(name);
  };
  switches_[node].agent.add(nowMs(), sample, fill, sink);
}

void FabricSimulation::pollHosts(const DatagramSink& sink) {
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    if (tick_ % kPollTicks == pollPhase(1000 + i)) pollHost(i, sink);
}

void FabricSimulation::pollHost(std::size_t index, const DatagramSink& sink) {
  const HostSpec& spec = fabric_.hosts[index];
  Host& host = hosts_[index];
  const HostLoad load{index, nowMs(), host.in, host.out};
  wire::Sample sample;
  sample.kind = wire::SampleKind::counters;
  sample.sequence = ++host.counterSequence;
  sample.source = {2, 1};
  const auto fill = [&](wire::DatagramWriter& writer) { addHostCounters(writer, spec, load); };
  host.agent.add(nowMs(), sample, fill, sink);
}

}  // namespace weir::sim
