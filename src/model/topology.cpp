#include "model/topology.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <limits>

#include "json/read.h"

namespace weir::model {

namespace {

using boost::json::object;
using boost::json::value;

const value* member(const object& body, std::string_view name) {
  const value* found = body.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

Expected<std::string> readText(const object& body, std::string_view name, const std::string& path, bool required) {
  const value* found = member(body, name);
  const std::string attribute = path + "." + std::string(name);
  if (found == nullptr) {
    if (required) return fail("required: a name", attribute);
    return std::string();
  }
  auto text = json::readString(*found, attribute);
  if (text && required && text->empty()) return fail("expected a name", attribute);
  return text;
}

Expected<std::optional<std::uint32_t>> readIndex(const object& body, const std::string& path) {
  const value* found = member(body, "ifindex");
  if (found == nullptr) return std::optional<std::uint32_t>();
  const std::string attribute = path + ".ifindex";
  auto text = json::readString(*found, attribute);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return std::optional<std::uint32_t>();
  const auto number = json::parseInteger(*text, attribute);
  if (!number) return std::unexpected(number.error());
  if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) {
    return fail("expected an ifIndex from 0 to 4294967295", attribute);
  }
  return static_cast<std::uint32_t>(*number);
}

/// Calls read(name, body, path) for the members of `section`, which may be missing.
template <class Read>
Expected<void> eachMember(const object& body, const std::string& section, Read&& read) {
  const value* found = member(body, section);
  if (found == nullptr) return {};
  const object* members = found->if_object();
  if (members == nullptr) return fail("expected an object", section);
  for (const auto& [name, each] : *members) {
    const std::string path = section + "." + std::string(name);
    if (!each.is_object()) return fail("expected an object", path);
    if (auto done = read(std::string(name), each); !done) return done;
  }
  return {};
}

}  // namespace

Expected<std::shared_ptr<const Topology>> Topology::fromJson(const value& body) {
  const object* members = body.if_object();
  if (members == nullptr) return fail("expected an object with links and nodes");
  if (!members->empty() && member(*members, "links") == nullptr && member(*members, "nodes") == nullptr) {
    return fail("expected links or nodes, and found neither; {} clears the topology");
  }
  auto topology = std::make_shared<Topology>();
  object told = *members;
  for (const char* name : {"links", "nodes"}) {
    if (member(told, name) == nullptr) told.erase(name);  // null
  }
  topology->json_ = boost::json::serialize(told);
  auto done = eachMember(*members, "nodes", [&](std::string name, const value& node) {
    return topology->readNode(std::move(name), node);
  });
  if (!done) return std::unexpected(done.error());
  done = eachMember(*members, "links",
                    [&](std::string name, const value& link) { return topology->readLink(std::move(name), link); });
  if (!done) return std::unexpected(done.error());
  topology->index();
  return std::shared_ptr<const Topology>(std::move(topology));
}

Expected<void> Topology::readNode(std::string name, const value& body) {
  const std::string path = "nodes." + name;
  const object& members = body.get_object();
  Node node;
  auto agent = readText(members, "agent", path, false);
  if (!agent) return std::unexpected(agent.error());
  if (!agent->empty()) {
    const auto address = AgentId::parse(*agent);
    if (!address) return fail("expected the address of an sFlow agent, not \"" + *agent + "\"", path + ".agent");
    node.agent = *address;
  }
  auto dpid = readText(members, "dpid", path, false);
  if (!dpid) return std::unexpected(dpid.error());
  node.dpid = std::move(*dpid);
  if (const value* ports = member(members, "ports")) {
    if (!ports->is_object()) return fail("expected an object", path + ".ports");
    for (const auto& [portName, each] : ports->get_object()) {
      const std::string portPath = path + ".ports." + std::string(portName);
      if (!each.is_object()) return fail("expected an object", portPath);
      Port port;
      auto index = readIndex(each.get_object(), portPath);
      if (!index) return std::unexpected(index.error());
      auto ofPort = readText(each.get_object(), "ofport", portPath, false);
      if (!ofPort) return std::unexpected(ofPort.error());
      auto portDpid = readText(each.get_object(), "dpid", portPath, false);
      if (!portDpid) return std::unexpected(portDpid.error());
      port.ifIndex = *index;
      port.ofPort = std::move(*ofPort);
      port.dpid = portDpid->empty() ? node.dpid : std::move(*portDpid);
      node.ports.emplace(std::string(portName), std::move(port));
    }
  }
  nodes_.insert_or_assign(std::move(name), std::move(node));
  return {};
}

Expected<void> Topology::readLink(std::string name, const value& body) {
  const std::string path = "links." + name;
  Link link;
  link.name = std::move(name);
  static constexpr const char* kMembers[2][2] = {{"node1", "port1"}, {"node2", "port2"}};
  for (int i = 0; i < 2; ++i) {
    auto node = readText(body.get_object(), kMembers[i][0], path, true);
    if (!node) return std::unexpected(node.error());
    auto port = readText(body.get_object(), kMembers[i][1], path, true);
    if (!port) return std::unexpected(port.error());
    link.ends[i] = {std::move(*node), std::move(*port)};
  }
  links_.push_back(std::move(link));
  return {};
}

template <class T>
void Topology::place(Finder<T>& finder, const End& end, T value) const {
  const auto node = nodes_.find(end.node);
  const Port* port = nullptr;
  if (node != nodes_.end()) {
    if (const auto at = node->second.ports.find(end.port); at != node->second.ports.end()) port = &at->second;
  }
  if (port != nullptr && !port->dpid.empty() && !port->ofPort.empty()) {
    finder.byOpenFlow.emplace(std::pair(port->dpid, port->ofPort), value);
  }
  if (node == nodes_.end() || node->second.agent == AgentId()) {
    finder.learned.emplace(std::pair(end.node, end.port), std::move(value));
  } else if (port != nullptr && port->ifIndex) {
    finder.byIndex.emplace(std::pair(node->second.agent, *port->ifIndex), std::move(value));
  } else {
    finder.byName.emplace(std::pair(node->second.agent, end.port), std::move(value));
  }
}

void Topology::index() {
  std::sort(links_.begin(), links_.end(), [](const Link& a, const Link& b) { return a.name < b.name; });
  for (const auto& [name, node] : nodes_) {
    if (node.agent == AgentId()) {
      learnedNodes_.insert(name);
    } else {
      nodesOfAgent_[node.agent].push_back(name);
    }
    for (const auto& [portName, port] : node.ports) place(ports_, {name, portName}, End{name, portName});
  }
  for (std::size_t i = 0; i < links_.size(); ++i) {
    for (const End& end : links_[i].ends) {
      place(linkEnds_, end, i);
      place(ports_, end, End{end});
      if (!nodes_.contains(end.node)) learnedNodes_.insert(end.node);
    }
  }
}

template <class T>
const T* Topology::Finder<T>::find(const PortNames& port) const {
  if (const auto at = byIndex.find({port.agent, port.ifIndex}); at != byIndex.end()) return &at->second;
  if (!port.dpid.empty() && !byOpenFlow.empty()) {
    const auto at = byOpenFlow.find({std::string(port.dpid), std::string(port.ofPort)});
    if (at != byOpenFlow.end()) return &at->second;
  }
  if (port.ifName.empty()) return nullptr;
  if (const auto at = byName.find({port.agent, std::string(port.ifName)}); at != byName.end()) return &at->second;
  if (port.hostName.empty() || learned.empty()) return nullptr;
  const auto at = learned.find({std::string(port.hostName), std::string(port.ifName)});
  return at == learned.end() ? nullptr : &at->second;
}

bool Topology::hasAgent(const AgentId& agent, std::string_view hostName) const {
  return nodesOfAgent_.contains(agent) || (!hostName.empty() && learnedNodes_.contains(hostName));
}

std::vector<std::string> Topology::nodeNames() const {
  std::set<std::string> names(learnedNodes_.begin(), learnedNodes_.end());
  for (const auto& [name, node] : nodes_) names.insert(name);
  return {names.begin(), names.end()};
}

AgentId Topology::agentOfNode(std::string_view node) const {
  const auto at = nodes_.find(node);
  return at == nodes_.end() ? AgentId() : at->second.agent;
}

const Topology::Link* Topology::linkAt(const PortNames& port) const {
  const std::size_t* at = linkEnds_.find(port);
  return at == nullptr ? nullptr : &links_[*at];
}

std::string_view Topology::nodeAt(const PortNames& port) const {
  if (const End* end = ports_.find(port)) return end->node;
  if (const auto at = nodesOfAgent_.find(port.agent); at != nodesOfAgent_.end()) {
    return at->second.size() == 1 ? std::string_view(at->second.front()) : std::string_view();
  }
  const auto at = learnedNodes_.find(port.hostName);
  return at == learnedNodes_.end() ? std::string_view() : std::string_view(*at);
}

std::string_view Topology::portNameAt(const PortNames& port) const {
  const End* end = ports_.find(port);
  return end == nullptr ? std::string_view() : std::string_view(end->port);
}

}  // namespace weir::model
