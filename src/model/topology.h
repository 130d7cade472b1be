#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/agent_id.h"
#include "base/error.h"

namespace weir::model {

/// A port as an agent describes it: its number, and the names that counters gave (empty where none did).
struct PortNames {
  AgentId agent;
  std::uint32_t ifIndex = 0;
  std::string_view hostName;  ///< of the agent
  std::string_view ifName;
  std::string_view dpid, ofPort;  ///< of OpenFlow port records
};

/// Nodes, their ports, and the links between them (docs/rest.md, "Topology"). Immutable: a PUT makes a new one. Thread:
/// any.
///
/// A node that names its agent has that agent's ports: by `ifindex`, else by `dpid` and `ofport`, else by the ifName
/// that equals the port's name. A node without agent is the agent whose host name equals its name: so links alone are
/// enough where agents send their names.
class Topology {
 public:
  struct End {
    std::string node, port;
  };
  struct Link {
    std::string name;
    End ends[2];
  };

  /// An error names the member, for instance `links.l1.port2`. Unknown members are kept for json(). `{}` is the
  /// topology without nodes and links; members of which none is `links` or `nodes` are an error.
  [[nodiscard]] static Expected<std::shared_ptr<const Topology>> fromJson(const boost::json::value& body);

  /// As it was put; `{}` where nothing was.
  [[nodiscard]] const std::string& json() const { return json_; }
  [[nodiscard]] const std::vector<Link>& links() const { return links_; }  ///< in order of name
  [[nodiscard]] bool empty() const { return nodes_.empty() && links_.empty(); }
  /// Of nodes and of the ends of links, in order.
  [[nodiscard]] std::vector<std::string> nodeNames() const;

  /// Whether the agent, which has this host name, is a node.
  [[nodiscard]] bool hasAgent(const AgentId& agent, std::string_view hostName) const;
  /// The agent that a node names; none where there is no such node, or it names none.
  [[nodiscard]] AgentId agentOfNode(std::string_view node) const;
  /// The link that ends at a port, or nullptr.
  [[nodiscard]] const Link* linkAt(const PortNames& port) const;
  /// The node that a port belongs to; empty where there is none, or several and nothing says which.
  [[nodiscard]] std::string_view nodeAt(const PortNames& port) const;
  /// The topology's own name of a port; empty where it has none.
  [[nodiscard]] std::string_view portNameAt(const PortNames& port) const;

 private:
  struct Port {
    std::optional<std::uint32_t> ifIndex;
    std::string dpid, ofPort;
  };
  struct Node {
    AgentId agent;  // family none: it names none
    std::string dpid;
    std::map<std::string, Port, std::less<>> ports;
  };
  /// How ends of links and ports are found, in this order.
  template <class T>
  struct Finder {
    std::map<std::pair<AgentId, std::uint32_t>, T> byIndex;
    std::map<std::pair<std::string, std::string>, T> byOpenFlow;  // dpid, ofport
    std::map<std::pair<AgentId, std::string>, T> byName;          // agent, ifName
    std::map<std::pair<std::string, std::string>, T> learned;     // host name, ifName
    [[nodiscard]] const T* find(const PortNames& port) const;
  };

  Expected<void> readNode(std::string name, const boost::json::value& body);
  Expected<void> readLink(std::string name, const boost::json::value& body);
  void index();
  template <class T>
  void place(Finder<T>& finder, const End& end, T value) const;

  std::string json_ = "{}";
  std::map<std::string, Node, std::less<>> nodes_;
  std::vector<Link> links_;
  std::map<AgentId, std::vector<std::string>> nodesOfAgent_;
  std::set<std::string, std::less<>> learnedNodes_;  // those without an agent
  Finder<std::size_t> linkEnds_;                     // index into links_
  Finder<End> ports_;
};

}  // namespace weir::model
