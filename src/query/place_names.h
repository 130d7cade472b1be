#pragma once
#include <compare>
#include <string>

#include "base/json_writer.h"

namespace weir::model {
class Topology;
}

namespace weir::query {

struct SourceView;

/// What a data source is called; empty: nothing says it.
struct PlaceNames {
  std::string node;  ///< of the topology, else the host name of the agent
  std::string port;  ///< the port's ifName, else its name in the topology; of ports only
  std::string link;  ///< of the topology, that ends at the port

  [[nodiscard]] bool empty() const { return node.empty() && port.empty() && link.empty(); }
  /// Members node, port and link of the object that is open, those that are known.
  void writeMembers(JsonWriter& json) const;
  static auto fields(auto& self, auto&& all) { return all(self.node, self.port, self.link); }
  friend auto operator<=>(const PlaceNames&, const PlaceNames&) = default;
};

[[nodiscard]] PlaceNames placeNamesOf(const SourceView& view, const model::Topology& topology);

}  // namespace weir::query
