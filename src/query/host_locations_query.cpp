#include "query/host_locations_query.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

#include "model/host_locations.h"
#include "query/port_view.h"

namespace weir::query {

namespace {

std::string macText(std::uint64_t mac) {
  std::array<std::uint8_t, 6> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(mac >> (40 - 8 * i));
  std::string text;
  appendMac(text, octets.data());
  return text;
}

}  // namespace

Expected<HostLocationsQuery::HostName> HostLocationsQuery::HostName::parse(std::string_view text) {
  HostName name;
  if (text.empty()) return name;
  if (const auto address = IpAddress::parse(text)) {
    name.address = *address;
    return name;
  }
  std::uint64_t mac = 0;
  unsigned digits = 0;
  for (const char c : text) {
    if (c == ':' || c == '-' || c == '.') continue;
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return fail("expected a MAC, IPv4 or IPv6 address", "host");
    mac = mac << 4 | static_cast<unsigned>(digit);
    ++digits;
  }
  if (digits != 12) return fail("expected a MAC, IPv4 or IPv6 address", "host");
  name.mac = mac;
  return name;
}

bool HostLocationsQuery::HostName::isOf(const model::HostLocation& host) const {
  if (mac) return host.mac == *mac;
  if (address.family == IpAddress::Family::none) return true;
  return host.ip4 == address || host.ip6 == address;
}

Outcome<HostLocationsQuery> HostLocationsQuery::prepare(const HostLocationsQuestion& question, const Context& context) {
  const auto name = HostName::parse(question.host);
  if (!name) return invalid(name.error());
  auto selector = AgentSelector::parse(question.agents, context.topology);
  if (!selector) return invalid(std::move(selector.error()));
  return HostLocationsQuery(*name, std::move(*selector), question.maxHosts, context);
}

bool HostLocationsQuery::visit(ShardView& shard, Partial& partial) const {
  return shard.eachHost([&](const model::HostLocation& host) {
    if (!name_.isOf(host) || !shard.hasAgent(host.agent) || !selector_.matches(shard.agent(host.agent))) return;
    partial.push_back(withNames(host, shard));
  });
}

FoundHost HostLocationsQuery::withNames(const model::HostLocation& host, const ShardView& shard) const {
  FoundHost found{host.mac, host.agent, host.ifIndex, host.vlan, host.ip4, host.ip6, host.seen, {}, {}};
  const SourceView source = shard.source(host.agent, {0, host.ifIndex});
  const PortView port(source);
  const model::PortNames names = port.names();
  found.node = topology_->nodeAt(names);
  found.port = names.ifName.empty() ? topology_->portNameAt(names) : names.ifName;
  return found;
}

void HostLocationsQuery::merge(Partial& into, Partial&& from) {
  std::ranges::move(from, std::back_inserter(into));
}

Outcome<HostLocationsResult> HostLocationsQuery::finish(Partial&& partial) const {
  std::ranges::sort(partial, [](const FoundHost& a, const FoundHost& b) {
    return std::tuple(a.mac, -a.seen, a.agent) < std::tuple(b.mac, -b.seen, b.agent);
  });
  const auto again = std::ranges::unique(partial, {}, &FoundHost::mac);
  partial.erase(again.begin(), again.end());
  if (partial.size() > most_) partial.resize(most_);
  return HostLocationsResult{asked_, std::move(partial)};
}

void HostLocationsResult::writeJson(JsonWriter& json) const {
  json.beginArray();
  for (const FoundHost& host : hosts) {
    json.beginObject().member("mac", macText(host.mac));
    if (!host.node.empty()) json.member("node", host.node);
    if (!host.port.empty()) json.member("port", host.port);
    json.member("agent", host.agent.text()).member("ifindex", std::to_string(host.ifIndex));
    if (host.vlan != 0) json.member("vlan", std::to_string(host.vlan));
    if (host.ip4.family != IpAddress::Family::none) json.member("ipaddress", host.ip4.text());
    if (host.ip6.family != IpAddress::Family::none) {
      std::string asKey;
      appendIp6(asKey, host.ip6.octets.data());
      json.member("ip6address", asKey);
    }
    json.member("lastUpdate", ageMs(asked, host.seen)).endObject();
  }
  json.endArray();
}

}  // namespace weir::query
