#include "query/place_names.h"

#include "query/port_view.h"
#include "query/source_view.h"

namespace weir::query {

void PlaceNames::writeMembers(JsonWriter& json) const {
  if (!node.empty()) json.member("node", node);
  if (!port.empty()) json.member("port", port);
  if (!link.empty()) json.member("link", link);
}

PlaceNames placeNamesOf(const SourceView& view, const model::Topology& topology) {
  const PortView port(view);
  model::PortNames known = port.names();
  if (!port.isPort()) known.ifIndex = 0;  // the index of a host or container is no ifIndex
  PlaceNames names;
  names.node = topology.nodeAt(known);
  if (names.node.empty()) names.node = known.hostName;
  if (!port.isPort()) return names;
  names.port = known.ifName.empty() ? topology.portNameAt(known) : known.ifName;
  if (const auto* link = topology.linkAt(known)) names.link = link->name;
  return names;
}

}  // namespace weir::query
