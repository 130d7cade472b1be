#include "query/metric_question.h"

namespace weir::query {

namespace {

void writeSummary(const MetricResult::Summary& summary, Nanos asked, JsonWriter& json) {
  json.beginObject();
  const ChosenValue* chosen = summary.chosen ? &*summary.chosen : nullptr;
  if (chosen != nullptr) {
    json.member("agent", chosen->key.agent.text());
    json.member("dataSource", sourceText(chosen->key));
    json.member("lastUpdate", ageMs(asked, chosen->updated));
  }
  if (summary.count != 0) {
    json.member("lastUpdateMax", ageMs(asked, summary.oldest));
    json.member("lastUpdateMin", ageMs(asked, summary.newest));
  }
  json.member("metricN", summary.count);
  json.member("metricName", summary.name);
  if (chosen != nullptr) {
    std::visit([&](const auto& value) { json.member("metricValue", value); }, chosen->value);
    if (!chosen->topKeys.empty()) {
      std::string keys;
      appendTopKeys(keys, chosen->topKeys, asked);
      json.key("topKeys").raw(keys);
    }
  }
  if (summary.number) json.member("metricValue", *summary.number);
  if (summary.quartiles) {
    const MetricResult::Quartiles& quartiles = *summary.quartiles;
    json.key("quartiles").beginObject();
    json.member("max", quartiles.max).member("med", quartiles.med).member("min", quartiles.min);
    json.member("q1", quartiles.q1).member("q3", quartiles.q3).endObject();
  }
  json.endObject();
}

}  // namespace

void MetricResult::writeJson(JsonWriter& json) const {
  json.beginArray();
  for (const Summary& summary : summaries) writeSummary(summary, asked, json);
  json.endArray();
}

}  // namespace weir::query
