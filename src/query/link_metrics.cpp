#include "query/link_metrics.h"

namespace weir::query {

void LinkMetrics::writeJson(JsonWriter& json) const {
  json.beginArray();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const LinkEndsResult::End& end = link.ends.at(i);
    json.beginObject().member("node", end.node).member("port", end.port);
    if (end.at) json.member("agent", end.at->agent.text()).member("ifindex", std::to_string(end.at->ifIndex));
    metrics.at(i).writeJson(json.key("metrics"));
    json.endObject();
  }
  json.endArray();
}

}  // namespace weir::query
