#include "agent_config/setting_table.h"

#include <algorithm>

#include "base/edit_distance.h"

namespace weir::agent {

namespace {

using enum SettingType;
using enum SettingStatus;

void nothing(AgentSettings&, const SettingValue&) {}
void enterNothing(AgentSettings&) {}

/// Makes a block exist. A block that stands twice, or of which an older spelling outside has set something, is one.
template <auto Member>
auto& ensure(AgentSettings& settings) {
  auto& block = settings.*Member;
  if (!block) block.emplace();
  return *block;
}
template <auto Member>
void enterOnce(AgentSettings& settings) {
  (void)ensure<Member>(settings);
}

// Settings with an older spelling, outside of their block or inside.
void setDomain(AgentSettings& s, const SettingValue& v) { ensure<&AgentSettings::dnsSd>(s).domain = v.text; }
void setNflogGroup(AgentSettings& s, const SettingValue& v) { ensure<&AgentSettings::nflog>(s).group = v.u32(); }
void setNflogProbability(AgentSettings& s, const SettingValue& v) {
  ensure<&AgentSettings::nflog>(s).probability = v.real;
}
void setJsonPort(AgentSettings& s, const SettingValue& v) {
  ensure<&AgentSettings::json>(s).port = static_cast<std::uint16_t>(v.number);
}
void setJsonFifo(AgentSettings& s, const SettingValue& v) { ensure<&AgentSettings::json>(s).fifo = v.text; }

constexpr BlockInfo kBlocks[] = {
    {"collector", "", works, "a destination; may be repeated, each collector gets everything",
     [](AgentSettings& s) { s.collectors.emplace_back(); }},
    {"dns-sd", "", works, "collectors from DNS SRV records of _sflow._udp, settings from its TXT record",
     enterOnce<&AgentSettings::dnsSd>},
    {"pcap", "", works, "packet sampling on devices; may be repeated, the first block that matches a device applies",
     [](AgentSettings& s) { s.taps.emplace_back(); }},
    {"epcap", "", works, "the same as pcap", [](AgentSettings& s) { s.taps.emplace_back(); }},
    {"tcp", "", works, "round-trip time and losses of the connection with each TCP sample",
     enterOnce<&AgentSettings::tcp>},
    {"psample", "", works, "packet samples from the kernel's psample group (switches, tc)",
     enterOnce<&AgentSettings::psample>},
    {"nflog", "", works, "packet samples from netfilter's NFLOG target", enterOnce<&AgentSettings::nflog>},
    {"dropmon", "", works, "notifications of dropped packets, with the reason",
     enterOnce<&AgentSettings::dropmon>},
    {"json", "", works, "metrics and application samples from other programs",
     enterOnce<&AgentSettings::json>},
    {"systemd", "", works, "counters of each service", enterOnce<&AgentSettings::systemd>},
    {"docker", "", works, "counters of each container", enterOnce<&AgentSettings::docker>},
    {"containerd", "", works, "counters of each container", enterOnce<&AgentSettings::containerd>},
    {"k8s", "", works, "counters of each pod", enterOnce<&AgentSettings::k8s>},
    {"ulog", "", absent, "ULOG, which kernels no longer have; use nflog", enterNothing},
    {"kvm", "", works, "virtual machines of libvirt, if it is installed", [](AgentSettings& s) { s.kvm = true; }},
    {"xen", "", absent, "virtual machines of Xen", enterNothing},
    {"nlroute", "", ignored, "interface aliases from netlink; always read", enterNothing},
    {"dent", "", absent, "switch ports of DENT", enterNothing},
    {"cumulus", "", absent, "switch ports of Cumulus Linux", enterNothing},
    {"opx", "", absent, "switch ports of OpenSwitch", enterNothing},
    {"os10", "", absent, "switch ports of OS10", enterNothing},
    {"port", "opx", absent, "one port", enterNothing},
    {"port", "os10", absent, "one port", enterNothing},
    {"sonic", "", absent, "switch ports of SONiC", enterNothing},
    {"vpp", "", absent, "interfaces of VPP", enterNothing},
    {"dbus", "", absent, "the agent's own counters on D-Bus", enterNothing},
    {"ovs", "", absent, "sFlow settings of Open vSwitch bridges", enterNothing},
    {"nvml", "", works, "NVIDIA GPUs, if their driver is installed", [](AgentSettings& s) { s.nvml = true; }},
    {"eapi", "", absent, "settings from Arista EOS", enterNothing},
};

constexpr std::int64_t kMaxRate = 10'000'000;
constexpr std::int64_t kMaxU32 = 4'294'967'295;
constexpr std::int64_t kMaxGroup = 65'535;  // netfilter has 16 bits for it
constexpr std::int64_t kMaxRatio = 1'000'000'000'000'000'000;

// clang-format off
constexpr SettingInfo kSettings[] = {
    {"", "sampling", integer, 0, kMaxRate, "400", works, "one packet in N if no other rule gives a rate; 0: no sampling",
     [](AgentSettings& s, const SettingValue& v) { s.sampling.fallback = v.u32(); }},
    {"", "sampling.bps_ratio", integer, 0, kMaxRatio, "1000000", works, "N = speed of the port / this; 0: N = sampling at any speed",
     [](AgentSettings& s, const SettingValue& v) { s.sampling.bitsPerSecondRatio = v.number; }},
    {"", "sampling.", integer, 0, kMaxRate, "", works, "N for ports of a speed (sampling.10G) or for an application (sampling.app.NAME, sampling.http)",
     [](AgentSettings& s, const SettingValue& v) { s.sampling.byName[v.suffix] = v.u32(); }},
    {"", "polling", integer, 0, 300, "30", works, "seconds between counter samples; 0: none",
     [](AgentSettings& s, const SettingValue& v) { s.polling.fallback = v.u32(); }},
    {"", "polling.", integer, 0, 300, "", works, "the same for an application",
     [](AgentSettings& s, const SettingValue& v) { s.polling.byName[v.suffix] = v.u32(); }},
    {"", "headerBytes", integer, 0, 256, "128", works, "octets of each sampled packet",
     [](AgentSettings& s, const SettingValue& v) { s.headerBytes = v.u32(); }},
    {"", "datagramBytes", integer, 200, 8192, "1400", works, "largest sFlow datagram, octets of UDP payload",
     [](AgentSettings& s, const SettingValue& v) { s.datagramBytes = v.u32(); }},
    {"", "agentIP", host, 0, 0, "(elected)", works, "address that names this agent",
     [](AgentSettings& s, const SettingValue& v) { s.agentIp = v.text; }},
    {"", "agent", device, 0, 0, "", works, "prefer the addresses of this device",
     [](AgentSettings& s, const SettingValue& v) { s.agentDevice = v.text; }},
    {"", "agent.cidr", cidr, 0, 0, "", works, "prefer addresses in this network, the first listed most; !CIDR: never these",
     [](AgentSettings& s, const SettingValue& v) { s.agentCidrs.push_back(v.cidr); }},
    {"", "subAgentId", integer, 0, 199'999, "100000", works, "distinguishes agents with the same address",
     [](AgentSettings& s, const SettingValue& v) { s.subAgent = v.u32(); }},
    {"", "uuid", uuid, 0, 0, "(firmware, machine-id)", works, "UUID of this host",
     [](AgentSettings& s, const SettingValue& v) { s.uuid = v.uuid; }},
    {"", "refreshAdaptors", integer, 60, 3600, "180", works, "seconds between full reads of the interfaces; changes are noticed at once",
     [](AgentSettings& s, const SettingValue& v) { s.refreshAdaptors = v.u32(); }},
    {"", "checkAdaptors", integer, 1, 3600, "10", ignored, "the kernel announces changes", nothing},
    {"", "modules", path, 0, 0, "", ignored, "weir-agent is one program", nothing},
    {"", "refreshVMs", integer, 60, 3600, "60", ignored, "services and containers are searched at each poll", nothing},
    {"", "forgetVMs", integer, 60, kMaxU32, "180", ignored, "entities that are gone are removed at once", nothing},
    {"", "loopback", onOff, 0, 0, "", ignored, "obsolete", nothing},
    {"", "samplingDirection", text, 0, 0, "", ignored, "obsolete", nothing},
    {"", "DNSSD", onOff, 0, 0, "off", deprecated, "dns-sd { }",
     [](AgentSettings& s, const SettingValue& v) { if (v.on && !s.dnsSd) s.dnsSd.emplace(); if (!v.on) s.dnsSd.reset(); }},
    {"", "DNSSD_domain", text, 0, 0, "", deprecated, "dns-sd { domain= }", setDomain},
    {"", "counterPollingInterval", integer, 0, 300, "30", deprecated, "polling",
     [](AgentSettings& s, const SettingValue& v) { s.polling.fallback = v.u32(); }},
    {"", "packetSamplingRate", integer, 0, kMaxRate, "400", deprecated, "sampling",
     [](AgentSettings& s, const SettingValue& v) { s.sampling.fallback = v.u32(); }},
    {"", "ulogGroup", integer, 1, 32, "", absent, "ulog { group= }", nothing},
    {"", "ulogProbability", probability, 0, 0, "", absent, "ulog { probability= }", nothing},
    {"", "nflogGroup", integer, 1, kMaxGroup, "", deprecated, "nflog { group= }", setNflogGroup},
    {"", "nflogProbability", probability, 0, 0, "", deprecated, "nflog { probability= }", setNflogProbability},
    {"", "jsonPort", integer, 1025, 65'535, "", deprecated, "json { UDPport= }", setJsonPort},
    {"", "jsonFIFO", path, 0, 0, "", deprecated, "json { FIFO= }", setJsonFifo},
    {"", "xen.dsk", onOff, 0, 0, "", absent, "xen { dsk= }", nothing},
    {"", "xen.update.dominfo", onOff, 0, 0, "", absent, "xen { update.dominfo= }", nothing},

    {"collector", "ip", host, 0, 0, "", works, "address or name; required",
     [](AgentSettings& s, const SettingValue& v) { s.collectors.back().host = v.text; }},
    {"collector", "udpport", integer, 1, 65'535, "6343", works, "UDP port",
     [](AgentSettings& s, const SettingValue& v) { s.collectors.back().port = static_cast<std::uint16_t>(v.number); }},
    {"collector", "dev", device, 0, 0, "", works, "device to send through",
     [](AgentSettings& s, const SettingValue& v) { s.collectors.back().device = v.text; }},
    {"collector", "namespace", text, 0, 0, "", works, "network namespace (a name under /var/run/netns) to send from",
     [](AgentSettings& s, const SettingValue& v) { s.collectors.back().network = v.text; }},

    {"dns-sd", "domain", text, 0, 0, "", works, "suffix of _sflow._udp, begins with a dot; without it the resolver's search list applies", setDomain},
    {"dns-sd", "DNSSD_domain", text, 0, 0, "", deprecated, "domain", setDomain},
    {"dns-sd", "priorities", onOff, 0, 0, "off", works, "send to one collector, chosen by SRV priority and weight, or the next one if it does not resolve (weir); off: send to all",
     [](AgentSettings& s, const SettingValue& v) { s.dnsSd->priorities = v.on; }},

    {"pcap", "dev", device, 0, 0, "", works, "name of the device; a named device of any kind is sampled",
     [](AgentSettings& s, const SettingValue& v) { s.taps.back().device = v.text; }},
    {"pcap", "dev.pattern", pattern, 0, 0, "", works, "devices whose names match",
     [](AgentSettings& s, const SettingValue& v) { s.taps.back().pattern = v.text; }},
    {"pcap", "speed", speeds, 0, 0, "", works, "devices of these speeds: 1G-1T, 10G-, 1G",
     [](AgentSettings& s, const SettingValue& v) { s.taps.back().speed = v.speeds; }},
    {"pcap", "sampling", integer, 0, kMaxRate, "", works, "one packet in N on these devices, at any speed",
     [](AgentSettings& s, const SettingValue& v) { s.taps.back().sampling = v.u32(); }},
    {"pcap", "promisc", onOff, 0, 0, "off", works, "put the device into promiscuous mode",
     [](AgentSettings& s, const SettingValue& v) { s.taps.back().promiscuous = v.on; }},
    {"pcap", "vport", onOff, 0, 0, "", ignored, "the kernel tells whether the device is a bridge", nothing},
    {"pcap", "dynamic", onOff, 0, 0, "off", works, "also sample the host's ends of the veths of containers and pods, if they match",
     [](AgentSettings& s, const SettingValue& v) { s.taps.back().dynamic = v.on; }},

    {"tcp", "tunnel", onOff, 0, 0, "off", works, "find the connection inside IPIP and VXLAN",
     [](AgentSettings& s, const SettingValue& v) { s.tcp->tunnel = v.on; }},
    {"tcp", "udp", onOff, 0, 0, "off", works, "also look up UDP sockets, for markTraffic",
     [](AgentSettings& s, const SettingValue& v) { s.tcp->udp = v.on; }},
    {"tcp", "dump", onOff, 0, 0, "off", ignored, "connections are looked up one by one", nothing},

    {"psample", "group", integer, 1, 32, "1", works, "psample group of packets received; group + 1 of packets sent",
     [](AgentSettings& s, const SettingValue& v) { s.psample->group = v.u32(); }},
    {"psample", "ingress", onOff, 0, 0, "on", works, "sample received packets",
     [](AgentSettings& s, const SettingValue& v) { s.psample->ingress = v.on; }},
    {"psample", "egress", onOff, 0, 0, "off", works, "sample sent packets",
     [](AgentSettings& s, const SettingValue& v) { s.psample->egress = v.on; }},

    {"nflog", "group", integer, 1, kMaxGroup, "", works, "number of the NFLOG group", setNflogGroup},
    {"nflog", "nflogGroup", integer, 1, kMaxGroup, "", deprecated, "group", setNflogGroup},
    {"nflog", "probability", probability, 0, 0, "1", works, "share of packets that the firewall rule logs; N = 1 / this", setNflogProbability},
    {"nflog", "nflogProbability", probability, 0, 0, "", deprecated, "probability", setNflogProbability},

    {"ulog", "group", integer, 1, 32, "", absent, "", nothing},
    {"ulog", "probability", probability, 0, 0, "", absent, "", nothing},
    {"ulog", "ulogGroup", integer, 1, 32, "", absent, "", nothing},
    {"ulog", "ulogProbability", probability, 0, 0, "", absent, "", nothing},

    {"dropmon", "start", onOff, 0, 0, "on", works, "start the kernel's feed; off: use a feed that another program starts",
     [](AgentSettings& s, const SettingValue& v) { s.dropmon->start = v.on; }},
    {"dropmon", "force", onOff, 0, 0, "on", ignored, "a feed that already runs is reconfigured only when start is on", nothing},
    {"dropmon", "limit", integer, 1, 10'000, "100", works, "notifications per second; further drops are counted only",
     [](AgentSettings& s, const SettingValue& v) { s.dropmon->limit = v.u32(); }},
    {"dropmon", "max", integer, 1, kMaxU32, "100000", works, "drops per second above which the feed is closed for 60 s",
     [](AgentSettings& s, const SettingValue& v) { s.dropmon->max = v.u32(); }},
    {"dropmon", "max_trip", integer, 1, kMaxU32, "2", works, "consecutive seconds above max until the feed is closed",
     [](AgentSettings& s, const SettingValue& v) { s.dropmon->maxTrip = v.u32(); }},
    {"dropmon", "sw", onOff, 0, 0, "on", works, "drops of the kernel",
     [](AgentSettings& s, const SettingValue& v) { s.dropmon->software = v.on; }},
    {"dropmon", "hw", onOff, 0, 0, "on", works, "drops of hardware",
     [](AgentSettings& s, const SettingValue& v) { s.dropmon->hardware = v.on; }},
    {"dropmon", "rn", onOff, 0, 0, "on", works, "attach the kernel's name of the reason",
     [](AgentSettings& s, const SettingValue& v) { s.dropmon->reason = v.on; }},
    {"dropmon", "hide", pattern, 0, 0, "", works, "reasons and functions that are not reported",
     [](AgentSettings& s, const SettingValue& v) { s.dropmon->hide = v.text; }},
    {"dropmon", "hw_unknown", onOff, 0, 0, "off", ignored, "unknown hardware traps are reported with reason unknown", nothing},
    {"dropmon", "sw_passive", onOff, 0, 0, "off", ignored, "start=off", nothing},
    {"dropmon", "hw_passive", onOff, 0, 0, "off", ignored, "start=off", nothing},
    {"dropmon", "group", integer, 0, kMaxU32, "", ignored, "obsolete", nothing},
    {"dropmon", "hw_function", onOff, 0, 0, "", ignored, "obsolete", nothing},

    {"json", "UDPport", integer, 0, 65'535, "0", works, "UDP port on 127.0.0.1 and ::1; by convention 36343; 0: none", setJsonPort},
    {"json", "jsonPort", integer, 0, 65'535, "", deprecated, "UDPport", setJsonPort},
    {"json", "FIFO", path, 0, 0, "", works, "named pipe to read, one object per line", setJsonFifo},
    {"json", "jsonFIFO", path, 0, 0, "", deprecated, "FIFO", setJsonFifo},

    {"systemd", "refreshVMs", integer, 10, 3600, "60", ignored, "services are searched at each poll", nothing},
    {"systemd", "dropPriv", onOff, 0, 0, "off", ignored, "privileges are always dropped", nothing},
    {"systemd", "markTraffic", onOff, 0, 0, "off", works, "add the service to each TCP sample",
     [](AgentSettings& s, const SettingValue& v) { s.systemd->markTraffic = v.on; }},
    {"systemd", "cgroup_procs", text, 0, 0, "", ignored, "the layout of cgroups is detected", nothing},
    {"systemd", "cgroup_acct", text, 0, 0, "", ignored, "the layout of cgroups is detected", nothing},

    {"docker", "refreshVMs", integer, 60, 3600, "60", works, "seconds between updates of the names of containers; new containers are found within 10 s",
     [](AgentSettings& s, const SettingValue& v) { s.docker->refreshSeconds = v.u32(); }},
    {"docker", "forgetVMs", integer, 60, kMaxU32, "180", ignored, "entities that are gone are removed at once", nothing},
    {"docker", "hostname", onOff, 0, 0, "off", works, "name containers by their host name",
     [](AgentSettings& s, const SettingValue& v) { s.docker->hostname = v.on; }},
    {"docker", "markTraffic", onOff, 0, 0, "off", works, "add the container to each sample",
     [](AgentSettings& s, const SettingValue& v) { s.docker->markTraffic = v.on; }},

    {"containerd", "forgetVMs", integer, 60, kMaxU32, "180", ignored, "entities that are gone are removed at once", nothing},
    {"containerd", "hostname", onOff, 0, 0, "off", absent, "name containers by their host name", nothing},
    {"containerd", "markTraffic", onOff, 0, 0, "off", works, "add the container to each sample",
     [](AgentSettings& s, const SettingValue& v) { s.containerd->markTraffic = v.on; }},

    {"k8s", "markTraffic", onOff, 0, 0, "off", works, "add the pod to each sample",
     [](AgentSettings& s, const SettingValue& v) { s.k8s->markTraffic = v.on; }},
    {"k8s", "eof", onOff, 0, 0, "off", ignored, "there is no helper program", nothing},
    {"k8s", "setIfAlias", onOff, 0, 0, "on", absent, "name ports after pods", nothing},
    {"k8s", "setIfName", onOff, 0, 0, "on", absent, "name ports after pods", nothing},
    {"k8s", "unixsock", path, 0, 0, "", ignored, "pods are found by their cgroups", nothing},

    {"kvm", "refreshVMs", integer, 60, 3600, "60", ignored, "virtual machines are searched at each poll", nothing},
    {"kvm", "forgetVMs", integer, 60, kMaxU32, "180", ignored, "entities that are gone are removed at once", nothing},
    {"xen", "update.dominfo", onOff, 0, 0, "off", absent, "", nothing},
    {"xen", "xen.update.dominfo", onOff, 0, 0, "", absent, "", nothing},
    {"xen", "dsk", onOff, 0, 0, "on", absent, "", nothing},
    {"xen", "xen.dsk", onOff, 0, 0, "", absent, "", nothing},
    {"xen", "vbd", path, 0, 0, "", absent, "", nothing},
    {"xen", "switchport", pattern, 0, 0, "", absent, "", nothing},
    {"xen", "refreshVMs", integer, 60, 3600, "60", absent, "", nothing},
    {"xen", "forgetVMs", integer, 60, kMaxU32, "180", absent, "", nothing},
    {"nlroute", "limit", integer, 0, 500, "50", ignored, "", nothing},
    {"nlroute", "link", onOff, 0, 0, "on", ignored, "", nothing},
    {"nlroute", "addr", onOff, 0, 0, "on", ignored, "", nothing},
    {"nlroute", "setIfAlias", onOff, 0, 0, "on", ignored, "", nothing},
    {"dent", "switchport", pattern, 0, 0, "", absent, "", nothing},
    {"dent", "sw", onOff, 0, 0, "off", absent, "", nothing},
    {"cumulus", "switchport", pattern, 0, 0, "^swp[0-9s]+$", absent, "", nothing},
    {"opx", "switchport", pattern, 0, 0, "^e[0-9]+-[0-9]+-[0-9]+$", absent, "", nothing},
    {"opx", "UDPport", integer, 0, 65'535, "20001", absent, "", nothing},
    {"os10", "switchport", pattern, 0, 0, "^e[0-9]+-[0-9]+-[0-9]+$", absent, "", nothing},
    {"os10", "UDPport", integer, 0, 65'535, "20001", absent, "", nothing},
    {"port", "dev", device, 0, 0, "", absent, "", nothing},
    {"sonic", "switchport", pattern, 0, 0, "", absent, "", nothing},
    {"sonic", "unixsock", onOff, 0, 0, "on", absent, "", nothing},
    {"sonic", "dbconfig", path, 0, 0, "", absent, "", nothing},
    {"sonic", "waitReady", integer, 0, kMaxU32, "180", absent, "", nothing},
    {"sonic", "suppressOther", onOff, 0, 0, "on", absent, "", nothing},
    {"sonic", "setIfAlias", onOff, 0, 0, "", absent, "", nothing},
    {"sonic", "setIfName", onOff, 0, 0, "", absent, "", nothing},
    {"vpp", "ifOffset", integer, 0, kMaxU32, "1000000000", absent, "", nothing},
    {"vpp", "osIndex", onOff, 0, 0, "on", absent, "", nothing},
};
// clang-format on

bool same(std::string_view a, std::string_view b) {
  return lowerCase(a) == lowerCase(b);
}

/// epcap has the settings of pcap.
std::string_view tableName(std::string_view block) {
  return same(block, "epcap") ? "pcap" : block;
}

std::string_view statusText(SettingStatus status) {
  switch (status) {
    case works:
      return "works";
    case ignored:
      return "accepted, not needed";
    case deprecated:
      return "works, older spelling";
    case absent:
      return "no effect, a warning says so";
  }
  return "";
}

}  // namespace

std::span<const SettingInfo> settingTable() {
  return kSettings;
}

std::span<const BlockInfo> blockTable() {
  return kBlocks;
}

const SettingInfo* findSetting(std::string_view block, std::string_view name) {
  const std::string_view table = tableName(block);
  const std::string wanted = lowerCase(name);
  const SettingInfo* byPrefix = nullptr;
  for (const auto& s : kSettings) {
    if (!same(s.block, table)) continue;
    const std::string known = lowerCase(s.name);
    if (known == wanted) return &s;
    if (known.ends_with('.') && wanted.size() > known.size() && wanted.starts_with(known)) byPrefix = &s;
  }
  return byPrefix;
}

const BlockInfo* findBlock(std::string_view parent, std::string_view name) {
  for (const auto& b : kBlocks)
    if (same(b.parent, parent) && same(b.name, name)) return &b;
  return nullptr;
}

std::string nearestWord(std::string_view block, std::string_view name) {
  const std::string wanted = lowerCase(name.substr(0, kMaxTokenLength));
  std::string_view best;
  std::size_t least = wanted.size() / 2 + 1;  // half of it may be wrong
  const auto look = [&](std::string_view known) {
    const std::size_t distance = editDistance(wanted, lowerCase(known));
    if (distance >= least) return;
    least = distance;
    best = known;
  };
  for (const auto& s : kSettings)
    if (same(s.block, tableName(block))) look(s.name);
  for (const auto& b : kBlocks)
    if (same(b.parent, block)) look(b.name);
  return std::string(best);
}

std::string expectation(const SettingInfo& info) {
  switch (info.type) {
    case integer:
      return "a number from " + std::to_string(info.least) + " to " + std::to_string(info.most);
    case probability:
      return "a number from 0 to 1";
    case onOff:
      return "on or off";
    case speeds:
      return "a speed or a range of speeds: 10G, 1G-1T, 1G-";
    case text:
      return "text";
    case device:
      return "a device name";
    case path:
      return "a path";
    case pattern:
      return "a POSIX extended regular expression";
    case SettingType::host:
      return "an address or a host name";
    case SettingType::cidr:
      return "a network: 10.0.0.0/8, 2001:db8::/32, !172.17.0.0/16";
    case SettingType::uuid:
      return "a UUID";
  }
  return "";
}

bool readValue(const SettingInfo& info, std::string_view text, SettingValue& out) {
  out.text = text;
  if (info.name.ends_with('.')) out.suffix.clear();
  const auto take = [](const auto& parsed, auto& member) {
    if (parsed) member = *parsed;
    return parsed.has_value();
  };
  switch (info.type) {
    case integer:
      return take(parseInteger(text), out.number) && out.number >= static_cast<std::uint64_t>(info.least) &&
             out.number <= static_cast<std::uint64_t>(info.most);
    case probability:
      return take(parseProbability(text), out.real);
    case onOff:
      return take(parseOnOff(text), out.on);
    case speeds:
      return take(parseSpeedRange(text), out.speeds);
    case pattern:
      return !patternProblem(out.text);
    case SettingType::cidr:
      return take(parseCidr(text), out.cidr);
    case SettingType::uuid:
      return take(parseUuid(text), out.uuid);
    case SettingType::text:
      return true;
    case device:
    case path:
    case SettingType::host:
      return !text.empty();
  }
  return false;
}

std::string settingReference() {
  std::string out =
      "# Settings of weir-agent\n\n"
      "<!-- Made by settingReference() from src/agent_config/setting_table.cpp; a test compares. Do not edit. -->\n\n"
      "All settings are in one block `sFlow { ... }` of `/etc/hsflowd.conf`. Blanks, line ends, `=` and `;` separate "
      "words.\n"
      "`#` starts a comment. Upper and lower case are equal. Numbers may end in K, M or G (thousands), speeds also in "
      "T "
      "or P.\n"
      "`weir-agent --check` reports mistakes with file and line, and what each interface would do.\n";
  out += "\n## Blocks\n\n| block | what it does | status |\n|---|---|---|\n";
  for (const auto& b : kBlocks)
    if (b.parent.empty())
      out += "| `" + std::string(b.name) + "` | " + std::string(b.meaning) + " | " + std::string(statusText(b.status)) +
             " |\n";
  std::string_view block = "-";
  for (const auto& s : kSettings) {
    if (s.meaning.empty()) continue;  // of a block that has no effect
    if (s.block != block) {
      block = s.block;
      out += block.empty() ? "\n## Top level\n" : "\n## " + std::string(block) + " { }\n";
      out += "\n| setting | default | value | meaning | status |\n|---|---|---|---|---|\n";
    }
    out += "| `" + std::string(s.name) + (s.name.ends_with('.') ? "<name>" : "") + "` | " + std::string(s.defaultText) +
           " | " + expectation(s) + " | " + std::string(s.meaning) + " | " + std::string(statusText(s.status)) + " |\n";
  }
  return out;
}

}  // namespace weir::agent
