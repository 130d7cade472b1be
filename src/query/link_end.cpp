#include "query/link_end.h"

#include "query/port_view.h"

namespace weir::query {

std::optional<LinkEnd> linkEndAt(const SourceView& source, const model::Topology& topology) {
  const PortView port(source);
  if (!port.isPort()) return {};
  const model::PortNames names = port.names();
  const model::Topology::Link* link = topology.linkAt(names);
  if (link == nullptr) return {};
  const auto& second = link->ends[1];
  LinkEnd found{link, 0, {names.agent, names.ifIndex}};
  if (second.node == topology.nodeAt(names) && second.port == topology.portNameAt(names)) found.end = 1;
  static const model::MetricId kStatus = model::metricTable().find("ifoperstatus");
  model::MetricValue status;
  found.down =
      source.counters != nullptr && source.counters->value(kStatus, status) && status.isText && status.text() == "down";
  return found;
}

}  // namespace weir::query
