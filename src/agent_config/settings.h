#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent_config/values.h"

namespace weir::agent {

/// What /etc/hsflowd.conf says (docs/agent-settings.md): plain values with their defaults. A block that is not there is
/// an empty optional. Names of settings are those of the file.

struct CollectorSettings {
  std::string host;  ///< address or name
  std::uint16_t port = 6343;
  std::string device;   ///< output device, empty: by the routing table
  std::string network;  ///< a name under /var/run/netns to open the socket in; empty: our own
  friend bool operator==(const CollectorSettings&, const CollectorSettings&) = default;
};

/// One pcap { } block.
struct TapSettings {
  std::optional<std::string> device;
  std::optional<std::string> pattern;  ///< POSIX extended regular expression over device names
  std::optional<SpeedRange> speed;
  std::optional<std::uint32_t> sampling;
  bool promiscuous = false;
  bool dynamic = false;  ///< the host's ends of containers' veths too
};

/// `sampling…`: one packet in N (docs/agent-rules.md, "Rate of a port"). 0 turns sampling off.
struct RateSettings {
  std::uint32_t fallback = 400;
  std::map<std::string, std::uint32_t> byName;  ///< what follows `sampling.`, in lower case: speeds and applications
  std::optional<std::uint64_t> bitsPerSecondRatio;
};

/// `polling…`: seconds between counter samples, 0 turns them off.
struct PollingSettings {
  std::uint32_t fallback = 30;
  std::map<std::string, std::uint32_t> byName;  ///< what follows `polling.`, in lower case
};

struct TcpSettings {
  bool tunnel = false;
  bool udp = false;  ///< ask for sockets of UDP too, whose cgroup says whom a packet belongs to
};

struct PsampleSettings {
  std::uint32_t group = 1;
  bool ingress = true;
  bool egress = false;
};

struct NflogSettings {
  std::uint32_t group = 0;  ///< 0: not given
  double probability = 1;   ///< with which the firewall rule picks packets
};

struct DropmonSettings {
  bool start = true;
  std::uint32_t limit = 100;    ///< notifications a second
  std::uint32_t max = 100'000;  ///< drops a second above which the feed is cut …
  std::uint32_t maxTrip = 2;    ///< … after so many seconds in a row
  bool software = true;
  bool hardware = true;
  bool reason = true;
  std::optional<std::string> hide;  ///< pattern of reasons or functions that are not reported
};

struct JsonSettings {
  std::uint16_t port = 0;  ///< UDP port on loopback, 0: none
  std::string fifo;
};

/// systemd { }, docker { }, containerd { }, k8s { }: what they have in common here.
struct EntitySettings {
  std::optional<std::uint32_t> refreshSeconds;
  bool markTraffic = false;
  bool hostname = false;  ///< call containers by their host name (docker)
};

struct DnsSdSettings {
  std::string domain;       ///< appended to _sflow._udp, begins with a dot; empty: the resolver's search list
  bool priorities = false;  ///< honour SRV priority and weight, with fail-over (weir)
};

struct AgentSettings {
  RateSettings sampling;
  PollingSettings polling;
  std::uint32_t headerBytes = 128;
  std::uint32_t datagramBytes = 1400;
  std::string agentIp;      ///< address or name, empty: elected
  std::string agentDevice;  ///< preferred device
  std::vector<Cidr> agentCidrs;
  std::uint32_t subAgent = 100'000;
  std::optional<std::array<std::uint8_t, 16>> uuid;
  std::uint32_t refreshAdaptors = 180;  ///< seconds between full looks at the interfaces

  std::vector<CollectorSettings> collectors;
  std::vector<TapSettings> taps;
  std::optional<DnsSdSettings> dnsSd;
  std::optional<TcpSettings> tcp;
  std::optional<PsampleSettings> psample;
  std::optional<NflogSettings> nflog;
  std::optional<DropmonSettings> dropmon;
  std::optional<JsonSettings> json;
  std::optional<EntitySettings> systemd;
  std::optional<EntitySettings> docker;
  std::optional<EntitySettings> containerd;
  std::optional<EntitySettings> k8s;
  bool kvm = false;
  bool nvml = false;
};

/// Whether anything wants to look into the network namespaces of containers: at their connections, or at their
/// addresses to mark packets.
[[nodiscard]] inline bool entersContainers(const AgentSettings& s) {
  for (const auto* block : {&s.docker, &s.containerd, &s.k8s})
    if (*block && (s.tcp || (*block)->markTraffic)) return true;
  return false;
}

}  // namespace weir::agent
