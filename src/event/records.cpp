#include "event/records.h"

namespace weir::event {

namespace {
void writeValues(JsonWriter& json, const std::vector<double>& values) {
  if (values.empty()) return;
  json.key("values").beginArray();
  for (double v : values) json.number(v);
  json.endArray();
}
}  // namespace

void Event::write(JsonWriter& json) const {
  json.beginObject();
  json.member("agent", agent).member("dataSource", dataSource).member("eventID", id);
  if (flowKey) json.member("flowKey", *flowKey);
  if (!link.empty()) json.member("link", link);
  json.member("metric", metric);
  if (!node.empty()) json.member("node", node);
  if (!port.empty()) json.member("port", port);
  json.member("threshold", threshold).member("thresholdID", thresholdId);
  json.member("timestamp", time / kMillisecond).member("value", value);
  writeValues(json, values);
  json.endObject();
}

void FlowRecord::write(JsonWriter& json) const {
  json.beginObject();
  json.member("agent", agent).member("dataSource", dataSource).member("end", end / kMillisecond);
  json.member("flowID", id).member("flowKeys", flowKeys).member("name", flowName);
  json.member("start", start / kMillisecond).member("value", value);
  writeValues(json, values);
  json.endObject();
}

}  // namespace weir::event
