#include "engine/flow_explanation.h"

#include "flow/explain.h"

namespace weir::engine {

namespace {

constexpr std::string_view kClockStands =
    "The engine's clock stood still meanwhile: the capture is at its end, so there is no traffic to show.";
constexpr std::string_view kNothing = "No sample that arrived meanwhile is counted by this definition.";

}  // namespace

void FlowExplanation::writeJson(JsonWriter& json) const {
  json.beginObject();
  compiled->definition().writeJson(json.key("definition"));
  flow::explain(*compiled, json);
  json.key("hints").beginArray();
  for (const std::string& hint : hints) json.string(hint);
  json.endArray();
  json.key("example").beginObject().member("seconds", seconds);
  flows.writeJson(json.key("flows"));
  json.member("total", flows.total).member("leftOut", flows.leftOut());
  if (flows.flows.empty()) json.member("note", seconds > 0 ? kNothing : kClockStands);
  json.endObject().endObject();
}

}  // namespace weir::engine
