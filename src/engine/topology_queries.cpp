// Questions about the topology: where hosts are, what its links carry, and how far telemetry covers it.
#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "engine/engine_impl.h"
#include "engine/source_reader.h"
#include "flow/form.h"
#include "query/port_view.h"
#include "query/record.h"

namespace weir::engine {

namespace {

// --- hosts

/// A MAC address or an IP address, as people write them.
struct HostName {
  std::optional<std::uint64_t> mac;
  IpAddress address;

  [[nodiscard]] bool isOf(const model::HostLocation& host) const {
    if (mac) return host.mac == *mac;
    if (address.family == IpAddress::Family::none) return true;
    return host.ip4 == address || host.ip6 == address;
  }
};

Expected<HostName> hostName(std::string_view text) {
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

constexpr std::size_t kHostsAtOnce = 1'024;  // looked at in one step of a question

struct FoundHost {
  model::HostLocation host;
  std::string node, port;
};
struct FoundHosts {
  std::vector<FoundHost> hosts;
  std::size_t left = SIZE_MAX;  // of the shard's, not looked at yet
};

std::string macText(std::uint64_t mac) {
  std::array<std::uint8_t, 6> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(mac >> (40 - 8 * i));
  std::string text;
  appendMac(text, octets.data());
  return text;
}

FoundHost withNames(const model::HostLocation& host, const Shard& shard, const model::Topology& topology) {
  FoundHost found{host, {}, {}};
  const AgentState* agent = shard.findAgent(host.agent);
  if (agent == nullptr) return found;
  const auto source = agent->sources.find(wire::DataSource{0, host.ifIndex}.key());
  query::SourceView view = viewOf(*agent, source == agent->sources.end() ? nullptr : source->second);
  view.source = {0, host.ifIndex};
  const query::PortView port(view);
  const model::PortNames names = port.names();
  found.node = topology.nodeAt(names);
  found.port = names.ifName.empty() ? std::string(topology.portNameAt(names)) : std::string(names.ifName);
  return found;
}

/// Each host once, where it was heard last; in the order of MAC addresses.
std::string hostsJson(std::vector<FoundHosts>&& parts, Nanos now, std::size_t most) {
  std::vector<FoundHost> all;
  for (auto& part : parts) std::ranges::move(part.hosts, std::back_inserter(all));
  std::ranges::sort(all, [](const FoundHost& a, const FoundHost& b) {
    return std::tuple(a.host.mac, -a.host.seen, a.host.agent) < std::tuple(b.host.mac, -b.host.seen, b.host.agent);
  });
  const auto [gone, end] = std::ranges::unique(all, {}, [](const FoundHost& f) { return f.host.mac; });
  all.erase(gone, end);
  std::string out;
  JsonWriter json(out);
  json.beginArray();
  for (std::size_t i = 0; i < std::min(most, all.size()); ++i) {
    const auto& [host, node, port] = all[i];
    json.beginObject().member("mac", macText(host.mac));
    if (!node.empty()) json.member("node", node);
    if (!port.empty()) json.member("port", port);
    json.member("agent", host.agent.text()).member("ifindex", std::to_string(host.ifIndex));
    if (host.vlan != 0) json.member("vlan", std::to_string(host.vlan));
    if (host.ip4.family != IpAddress::Family::none) json.member("ipaddress", host.ip4.text());
    if (host.ip6.family != IpAddress::Family::none) json.member("ip6address", host.ip6.text());
    json.member("lastUpdate", query::ageMs(now, host.seen)).endObject();
  }
  json.endArray();
  return out;
}

// --- links

/// A port that is an end of a link.
struct FoundEnd {
  std::size_t link = 0, end = 0;  // of Topology::links()
  IpAddress agent;
  std::uint32_t ifIndex = 0;
  bool down = false;
};

/// The end of a link that a port is, if any.
std::optional<FoundEnd> endAt(const query::SourceView& view, const model::Topology& topology) {
  const query::PortView port(view);
  if (!port.isPort()) return {};
  const model::PortNames names = port.names();
  const auto* link = topology.linkAt(names);
  if (link == nullptr) return {};
  const std::string_view node = topology.nodeAt(names), name = topology.portNameAt(names);
  FoundEnd found;
  found.link = static_cast<std::size_t>(link - topology.links().data());
  found.end = link->ends[1].node == node && link->ends[1].port == name ? 1 : 0;
  found.agent = names.agent;
  found.ifIndex = names.ifIndex;
  static const model::MetricId kStatus = model::metricTable().find("ifoperstatus");
  model::MetricValue status;
  found.down =
      view.counters != nullptr && view.counters->value(kStatus, status) && status.isText && status.text() == "down";
  return found;
}

/// `a,sum:b` of the port 3: `3.a,sum:3.b`.
std::string metricsOfPort(std::string_view metrics, std::uint32_t ifIndex) {
  std::string out;
  while (true) {
    const std::size_t end = std::min(metrics.find_first_of(",;"), metrics.size());
    const std::string_view item = metrics.substr(0, end);
    const std::size_t colon = item.rfind(':');
    const std::size_t name = colon == std::string_view::npos ? 0 : colon + 1;
    out.append(item.substr(0, name)).append(std::to_string(ifIndex)).append(".").append(item.substr(name));
    if (end == metrics.size()) return out;
    out += ',';
    metrics.remove_prefix(end + 1);
  }
}

/// The records of the answer to that, under the names that were asked for.
std::string withoutPort(std::string records, std::uint32_t ifIndex) {
  constexpr std::string_view kMember = "\"metricName\":\"";
  const std::string port = std::to_string(ifIndex) + ".";
  for (std::size_t at = records.find(kMember); at != std::string::npos; at = records.find(kMember, at)) {
    at += kMember.size();
    const std::size_t end = records.find('"', at);
    const std::size_t colon = records.rfind(':', end);
    const std::size_t name = colon == std::string::npos || colon < at ? at : colon + 1;
    if (records.compare(name, port.size(), port) == 0) records.erase(name, port.size());
  }
  return records;
}

/// What both ends of a link answer, one after the other.
struct LinkAnswer {
  model::Topology::Link link;
  std::array<std::optional<FoundEnd>, 2> ends;
  std::array<std::string, 2> metrics;  // JSON arrays

  [[nodiscard]] std::string json() const {
    std::string out;
    JsonWriter json(out);
    json.beginArray();
    for (std::size_t i = 0; i < 2; ++i) {
      json.beginObject().member("node", link.ends[i].node).member("port", link.ends[i].port);
      if (ends[i]) json.member("agent", ends[i]->agent.text()).member("ifindex", std::to_string(ends[i]->ifIndex));
      json.key("metrics").raw(ends[i] ? metrics[i] : "[]");
      json.endObject();
    }
    json.endArray();
    return out;
  }
};

// --- coverage

struct Coverage {
  std::set<std::string> nodes;        // that telemetry comes from
  std::set<IpAddress> unknownAgents;  // that are no node
  std::set<IpAddress> hosts;          // addresses heard at the edge: agents there are servers
  std::size_t hostsLeft = SIZE_MAX;   // of the shard's, as in FoundHosts
  std::vector<FoundEnd> ends;
};

void writeNames(JsonWriter& json, const char* member, const std::vector<std::string>& names) {
  json.key(member).beginArray();
  for (const std::string& name : names) json.string(name);
  json.endArray();
}

std::string coverageJson(std::vector<Coverage>&& parts, const model::Topology& topology) {
  Coverage all;
  for (Coverage& part : parts) {
    all.nodes.merge(part.nodes);
    all.unknownAgents.merge(part.unknownAgents);
    all.hosts.merge(part.hosts);
    std::ranges::move(part.ends, std::back_inserter(all.ends));
  }
  std::vector<std::array<bool, 2>> seen(topology.links().size(), {false, false});
  std::vector<bool> down(topology.links().size(), false);
  for (const FoundEnd& end : all.ends) {
    seen[end.link][end.end] = true;
    if (end.down) down[end.link] = true;
  }
  std::vector<std::string> unmonitoredNodes, unmonitoredLinks, halfMonitored, linksDown;
  const std::vector<std::string> nodes = topology.nodeNames();
  std::ranges::set_difference(nodes, all.nodes, std::back_inserter(unmonitoredNodes));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const std::string& name = topology.links()[i].name;
    if (!seen[i][0] && !seen[i][1]) {
      unmonitoredLinks.push_back(name);
    } else if (!seen[i][0] || !seen[i][1]) {
      halfMonitored.push_back(name);
    }
    if (down[i]) linksDown.push_back(name);
  }
  std::string out;
  JsonWriter json(out);
  json.beginObject().member("nodes", static_cast<std::uint64_t>(nodes.size()));
  json.member("links", static_cast<std::uint64_t>(seen.size()));
  writeNames(json, "unmonitoredNodes", unmonitoredNodes);
  writeNames(json, "unmonitoredLinks", unmonitoredLinks);
  writeNames(json, "linksWithOneEnd", halfMonitored);
  writeNames(json, "linksDown", linksDown);
  std::vector<std::string> unknownAgents;
  for (const IpAddress& agent : all.unknownAgents) {
    if (!all.hosts.contains(agent)) unknownAgents.push_back(agent.text());
  }
  json.member("hostAgents", static_cast<std::uint64_t>(all.unknownAgents.size() - unknownAgents.size()));
  writeNames(json, "unknownAgents", unknownAgents);
  json.endObject();
  return out;
}

}  // namespace

void EngineImpl::hostLocations(HostsRequest request, AnswerCallback done) {
  const auto name = hostName(request.host);
  if (!name) return done(Answer::invalid(name.error()));
  const auto topology = store_.snapshot()->topology;
  auto selector = query::AgentSelector::parse(request.agents, topology);
  if (!selector) return done(Answer::invalid(selector.error()));
  ask<FoundHosts>(
      [name = *name, topology, selector = std::move(*selector)](Shard& shard, FoundHosts& part, Cursor&) {
        const model::HostLocations& hosts = shard.hosts();
        // From the end: when hosts are forgotten meanwhile, it is the last ones that move to other places.
        part.left = std::min(part.left, hosts.size());
        for (std::size_t i = std::min(kHostsAtOnce, part.left); i != 0; --i) {
          const model::HostLocation& host = hosts.at(--part.left);
          const AgentState* agent = name.isOf(host) ? shard.findAgent(host.agent) : nullptr;
          if (agent == nullptr || !selector.matches(viewOf(*agent, nullptr))) continue;
          part.hosts.push_back(withNames(host, shard, *topology));
        }
        return part.left == 0;
      },
      [asked = now(), most = request.maxHosts](std::vector<FoundHosts>&& parts) {
        return Answer::text(hostsJson(std::move(parts), asked, most));
      },
      std::move(done));
}

void EngineImpl::linkMetric(const std::string& link, std::string metrics, AnswerCallback done) {
  const auto topology = store_.snapshot()->topology;
  const auto at = std::ranges::find(topology->links(), link, &model::Topology::Link::name);
  if (at == topology->links().end()) return done(Answer::notFound("there is no link \"" + link + "\" in the topology"));
  const auto answer = std::make_shared<LinkAnswer>();
  answer->link = *at;
  const auto index = static_cast<std::size_t>(at - topology->links().begin());
  // First which ports they are, then what is asked of each.
  auto askEnds = [this, answer, metrics, done = std::move(done)](Answer found) mutable {
    if (found.status != Answer::Status::ok) return done(std::move(found));
    askEnd(0, answer, std::move(metrics), std::move(done));
  };
  ask<std::vector<FoundEnd>>(
      [topology, index](Shard& shard, std::vector<FoundEnd>& part, Cursor& cursor) {
        return visitEachSource(shard, cursor, [&](const AgentState& agent, const DataSourceState* source, const auto*) {
          if (source == nullptr) return;
          const auto end = endAt(viewOf(agent, source), *topology);
          if (end && end->link == index) part.push_back(*end);
        });
      },
      [answer](std::vector<std::vector<FoundEnd>>&& parts) {
        for (const auto& part : parts) {
          for (const FoundEnd& end : part) {
            auto& known = answer->ends.at(end.end);
            if (!known || std::tie(end.agent, end.ifIndex) < std::tie(known->agent, known->ifIndex)) known = end;
          }
        }
        return Answer::text({});
      },
      std::move(askEnds));
}

void EngineImpl::askEnd(std::size_t end, std::shared_ptr<void> state, std::string metrics, AnswerCallback done) {
  const auto answer = std::static_pointer_cast<LinkAnswer>(state);
  while (end < 2 && !answer->ends.at(end)) ++end;
  if (end == 2) return done(Answer::text(answer->json()));
  const FoundEnd& port = *answer->ends.at(end);
  metric(port.agent.text(), metricsOfPort(metrics, port.ifIndex), {},
         [this, end, answer, metrics, done = std::move(done)](Answer got) mutable {
           if (got.status != Answer::Status::ok) return done(std::move(got));
           answer->metrics.at(end) = withoutPort(std::move(got.json), answer->ends.at(end)->ifIndex);
           askEnd(end + 1, answer, std::move(metrics), std::move(done));
         });
}

void EngineImpl::topologyStatus(AnswerCallback done) {
  const auto topology = store_.snapshot()->topology;
  ask<Coverage>(
      [topology](Shard& shard, Coverage& part, Cursor& cursor) {
        const model::HostLocations& hosts = shard.hosts();
        part.hostsLeft = std::min(part.hostsLeft, hosts.size());
        if (part.hostsLeft != 0) {
          for (std::size_t i = std::min(kHostsAtOnce, part.hostsLeft); i != 0; --i) {
            const model::HostLocation& host = hosts.at(--part.hostsLeft);
            part.hosts.insert({host.ip4, host.ip6});
          }
          return false;
        }
        return visitEachSource(shard, cursor, [&](const AgentState& agent, const DataSourceState* source, const auto*) {
          if (source == nullptr) return;
          const query::SourceView view = viewOf(agent, source);
          const query::PortView port(view);
          const model::PortNames names = port.names();
          if (const std::string_view node = topology->nodeAt(names); !node.empty()) part.nodes.emplace(node);
          if (!topology->hasAgent(names.agent, names.hostName)) part.unknownAgents.insert(agent.address);
          if (const auto end = endAt(view, *topology)) part.ends.push_back(*end);
        });
      },
      [topology](std::vector<Coverage>&& parts) { return Answer::text(coverageJson(std::move(parts), *topology)); },
      std::move(done));
}

}  // namespace weir::engine
