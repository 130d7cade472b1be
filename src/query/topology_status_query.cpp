#include "query/topology_status_query.h"

#include <algorithm>
#include <iterator>

#include "model/host_locations.h"
#include "query/link_end.h"
#include "query/port_view.h"

namespace weir::query {

bool TopologyStatusQuery::visit(ShardView& shard, Partial& partial) const {
  const bool finished =
      shard.eachHost([&](const model::HostLocation& host) { partial.hosts.insert({host.ip4, host.ip6}); });
  return finished && shard.eachSource([&](const SourceView& source) { visit(source, partial); });
}

void TopologyStatusQuery::visit(const SourceView& source, Partial& partial) const {
  if (!source.customSource.empty()) return;
  const PortView port(source);
  const model::PortNames names = port.names();
  if (const std::string_view node = topology_->nodeAt(names); !node.empty()) partial.nodes.emplace(node);
  if (!topology_->hasAgent(names.agent, names.hostName)) partial.agents.insert(source.agent);
  const auto end = linkEndAt(source, *topology_);
  if (!end) return;
  partial.ends.emplace(end->link->name, static_cast<std::uint8_t>(end->end));
  if (end->down) partial.linksDown.insert(end->link->name);
}

void TopologyStatusQuery::merge(Partial& into, Partial&& from) {
  into.nodes.merge(from.nodes);
  into.agents.merge(from.agents);
  into.hosts.merge(from.hosts);
  into.ends.merge(from.ends);
  into.linksDown.merge(from.linksDown);
}

Outcome<TopologyStatusResult> TopologyStatusQuery::finish(Partial&& partial) const {
  TopologyStatusResult result;
  const std::vector<std::string> nodes = topology_->nodeNames();
  result.nodes = nodes.size();
  result.links = topology_->links().size();
  std::ranges::set_difference(nodes, partial.nodes, std::back_inserter(result.unmonitoredNodes));
  for (const model::Topology::Link& link : topology_->links()) {
    const auto ends = partial.ends.count({link.name, 0}) + partial.ends.count({link.name, 1});
    if (ends == 0) result.unmonitoredLinks.push_back(link.name);
    if (ends == 1) result.linksWithOneEnd.push_back(link.name);
    if (partial.linksDown.contains(link.name)) result.linksDown.push_back(link.name);
  }
  std::ranges::set_difference(partial.agents, partial.hosts, std::back_inserter(result.unknownAgents));
  result.hostAgents = partial.agents.size() - result.unknownAgents.size();
  return result;
}

void TopologyStatusResult::writeJson(JsonWriter& json) const {
  const auto writeNames = [&](const char* member, const std::vector<std::string>& names) {
    json.key(member).beginArray();
    for (const std::string& name : names) json.string(name);
    json.endArray();
  };
  json.beginObject().member("nodes", nodes).member("links", links);
  writeNames("unmonitoredNodes", unmonitoredNodes);
  writeNames("unmonitoredLinks", unmonitoredLinks);
  writeNames("linksWithOneEnd", linksWithOneEnd);
  writeNames("linksDown", linksDown);
  json.member("hostAgents", hostAgents).key("unknownAgents").beginArray();
  for (const AgentId& agent : unknownAgents) json.string(agent.text());
  json.endArray().endObject();
}

}  // namespace weir::query
