#include "agent/address_election.h"

#include <algorithm>

namespace weir::agent {

namespace {

/// One more than the highest class: what a preference adds.
constexpr std::uint32_t kClassRange = 16;

std::uint32_t classOfV4(const IpAddress& address, const Link& link) {
  const std::uint8_t a = address.octets[0], b = address.octets[1];
  if (a >= 240) return 1;
  if (a >= 224) return 0;  // multicast, never
  if (link.isLoopback()) return 4;
  if (a == 169 && b == 254) return 5;
  if (link.kind == "vlan") return 8;
  if (a == 10 || (a == 172 && (b & 0xF0) == 16) || (a == 192 && b == 168)) return 11;
  return 12;
}

std::uint32_t classOfV6(const IpAddress& address, const Link& link) {
  const std::uint8_t a = address.octets[0], b = address.octets[1];
  if (a == 0xFF) return 0;
  if (link.isLoopback()) return 3;
  if (a == 0xFE && (b & 0xC0) == 0x80) return 6;
  if (link.kind == "vlan") return 7;
  if ((a & 0xFE) == 0xFC) return 9;
  return 10;
}

std::uint32_t rankOf(const IpAddress& address, const Link& link, const AgentSettings& settings) {
  std::uint32_t rank = address.family == IpAddress::Family::v4 ? classOfV4(address, link) : classOfV6(address, link);
  if (rank == 0) return 0;
  if (!settings.agentDevice.empty() && (link.name == settings.agentDevice || link.alias == settings.agentDevice))
    rank += kClassRange;
  // The first entry raises most; the last that matches counts, so that a narrower one behind a wider one wins.
  const auto& cidrs = settings.agentCidrs;
  for (std::size_t i = cidrs.size(); i-- > 0;) {
    if (!cidrs[i].holds(address)) continue;
    if (cidrs[i].excluded) return 0;
    return rank + kClassRange * 2 * static_cast<std::uint32_t>(cidrs.size() - i);
  }
  return rank;
}

}  // namespace

std::vector<AddressCandidate> rankAgentAddresses(const Network& network, const AgentSettings& settings) {
  std::vector<AddressCandidate> out;
  for (const auto& a : network.addresses) {
    const Link* link = network.byIndex(a.index);
    if (link == nullptr || !link->isUp() || !a.usable) continue;
    const std::uint32_t rank = rankOf(a.address, *link, settings);
    if (rank != 0) out.push_back({a.address, link->name, a.index, a.automatic, rank});
  }
  std::stable_sort(out.begin(), out.end(), [](const AddressCandidate& a, const AddressCandidate& b) {
    if (a.rank != b.rank) return a.rank > b.rank;
    if (a.automatic != b.automatic) return b.automatic;
    return a.ifIndex < b.ifIndex;
  });
  return out;
}

}  // namespace weir::agent
