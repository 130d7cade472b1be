#include "sim/fabric_topology.h"

#include "base/json_writer.h"

namespace weir::sim {

namespace {

constexpr std::uint64_t kAccessSpeed = 10'000'000'000;
constexpr std::uint64_t kFabricSpeed = 100'000'000'000;
constexpr std::uint32_t kAccessSamplingRate = 1000;
constexpr std::uint32_t kFabricSamplingRate = 2000;

std::string numbered(const char* prefix, std::size_t number) {
  return std::string(prefix).append(std::to_string(number));
}

IpAddress ip4(unsigned a, unsigned b, unsigned c, unsigned d) {
  const std::uint8_t octets[] = {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b),
                                 static_cast<std::uint8_t>(c), static_cast<std::uint8_t>(d)};
  return IpAddress::v4(octets);
}

IpAddress ip6(std::size_t subnet, std::size_t host) {
  std::uint8_t octets[16] = {0xFD};
  octets[7] = static_cast<std::uint8_t>(subnet);
  octets[15] = static_cast<std::uint8_t>(host);
  return IpAddress::v6(octets);
}

// Locally administered: kind 1 switch, 2 host.
Mac mac(unsigned kind, std::size_t node, std::size_t port) {
  return {0x02, static_cast<std::uint8_t>(kind), 0,
          0,    static_cast<std::uint8_t>(node), static_cast<std::uint8_t>(port)};
}

PortSpec port(std::size_t node, std::uint32_t ifIndex, bool fabric) {
  return {ifIndex, numbered("swp", ifIndex), fabric ? kFabricSpeed : kAccessSpeed,
          fabric ? kFabricSamplingRate : kAccessSamplingRate, mac(1, node + 1, ifIndex)};
}

SwitchSpec leaf(std::size_t node) {
  SwitchSpec spec{numbered("leaf", node + 1), ip4(10, 0, 0, static_cast<unsigned>(node) + 1), {}};
  for (std::uint32_t i = 1; i <= kHostsPerLeaf; ++i) spec.ports.push_back(port(node, i, false));
  for (std::uint32_t i = 0; i < kSpines; ++i) spec.ports.push_back(port(node, 49 + i, true));
  return spec;
}

SwitchSpec spine(std::size_t index) {
  SwitchSpec spec{numbered("spine", index + 1), ip4(10, 0, 0, static_cast<unsigned>(index) + 11), {}};
  for (std::uint32_t i = 1; i <= kLeaves; ++i) spec.ports.push_back(port(kLeaves + index, i, true));
  return spec;
}

HostSpec host(std::size_t node, std::size_t slot) {
  return {numbered("h", node * kHostsPerLeaf + slot + 1),
          ip4(10, 1, static_cast<unsigned>(node) + 1, static_cast<unsigned>(slot) + 1),
          ip6(node + 1, slot + 1),
          mac(2, node + 1, slot + 1),
          node,
          slot,
          static_cast<std::uint32_t>(10 + node)};
}

}  // namespace

FabricTopology FabricTopology::leafAndSpine() {
  FabricTopology fabric;
  for (std::size_t i = 0; i < kLeaves; ++i) fabric.switches.push_back(leaf(i));
  for (std::size_t i = 0; i < kSpines; ++i) fabric.switches.push_back(spine(i));
  for (std::size_t i = 0; i < kLeaves; ++i)
    for (std::size_t slot = 0; slot < kHostsPerLeaf; ++slot) fabric.hosts.push_back(host(i, slot));
  for (std::size_t i = 0; i < kLeaves; ++i)
    for (std::size_t s = 0; s < kSpines; ++s) fabric.links.push_back({i, kHostsPerLeaf + s, kLeaves + s, i});
  return fabric;
}

Path FabricTopology::path(std::size_t source, std::size_t destination, std::uint64_t flowHash) const {
  const HostSpec& from = hosts[source];
  const HostSpec& to = hosts[destination];
  if (from.leaf == to.leaf) return {{Hop{from.leaf, from.port, to.port}}, 1};
  const std::size_t s = flowHash % kSpines;
  const std::size_t uplink = kHostsPerLeaf + s;
  return {{Hop{from.leaf, from.port, uplink}, Hop{kLeaves + s, from.leaf, to.leaf}, Hop{to.leaf, uplink, to.port}}, 3};
}

std::string FabricTopology::json() const {
  std::string out;
  JsonWriter w(out);
  w.beginObject().key("nodes").beginObject();
  for (const SwitchSpec& node : switches) {
    w.key(node.name).beginObject().member("agent", node.agent.text()).key("ports").beginObject();
    for (const PortSpec& p : node.ports)
      w.key(p.name).beginObject().member("ifindex", std::to_string(p.ifIndex)).endObject();
    w.endObject().endObject();
  }
  w.endObject().key("links").beginObject();
  for (const LinkSpec& link : links) {
    const SwitchSpec& a = switches[link.switch1];
    const SwitchSpec& b = switches[link.switch2];
    w.key(a.name + "-" + b.name).beginObject();
    w.member("node1", a.name).member("port1", a.ports[link.port1].name);
    w.member("node2", b.name).member("port2", b.ports[link.port2].name).endObject();
  }
  w.endObject().endObject();
  return out;
}

}  // namespace weir::sim
