#include "event/threshold.h"

#include <boost/json/value.hpp>

#include "json/read.h"

namespace weir::event {

namespace {

Expected<void> readFilter(const boost::json::value& value, Threshold& t) {
  const auto* object = value.if_object();
  if (object == nullptr) return fail("expected an object of metric names and lists of accepted values", "filter");
  for (const auto& [name, accepted] : *object) {
    std::vector<std::string> texts;
    if (const auto* list = accepted.if_array()) {
      for (const auto& item : *list) {
        auto text = json::readString(item, "filter." + std::string(name));
        if (!text) return std::unexpected(text.error());
        texts.push_back(std::move(*text));
      }
    } else {
      auto text = json::readString(accepted, "filter." + std::string(name));
      if (!text) return std::unexpected(text.error());
      texts.push_back(std::move(*text));
    }
    if (texts.empty()) return fail("expected at least one accepted value", "filter." + std::string(name));
    t.filter.emplace_back(std::string(name), std::move(texts));
  }
  return {};
}

}  // namespace

Expected<Threshold> Threshold::fromJson(const boost::json::value& body) {
  const auto* object = body.if_object();
  if (object == nullptr) return fail("expected an object with metric and value");
  const auto member = [&](std::string_view name) -> const boost::json::value* {
    const auto* v = object->if_contains(name);
    return v == nullptr || v->is_null() ? nullptr : v;
  };
  Threshold t;
  const auto* metric = member("metric");
  if (metric == nullptr) return fail("required: the name of a metric or flow", "metric");
  auto name = json::readString(*metric, "metric");
  if (!name) return std::unexpected(name.error());
  if (name->empty()) return fail("expected the name of a metric or flow", "metric");
  t.metric = std::move(*name);
  const auto* value = member("value");
  if (value == nullptr) return fail("required: the limit, a number in the unit of the metric", "value");
  auto limit = json::readNumber(*value, "value");
  if (!limit) return std::unexpected(limit.error());
  t.value = *limit;
  if (const auto* v = member("byFlow")) {
    auto byFlow = json::readBool(*v, "byFlow");
    if (!byFlow) return std::unexpected(byFlow.error());
    t.byFlow = *byFlow;
  }
  if (const auto* v = member("timeout")) {
    auto timeout = json::readNumber(*v, "timeout");
    if (!timeout) return std::unexpected(timeout.error());
    if (*timeout < 0) return fail("expected seconds, 0 or more", "timeout");
    t.timeout = *timeout;
  }
  if (const auto* v = member("filter")) {
    if (auto ok = readFilter(*v, t); !ok) return std::unexpected(ok.error());
  }
  return t;
}

void Threshold::writeJson(JsonWriter& json) const {
  json.beginObject();
  json.member("metric", metric).member("value", value).member("byFlow", byFlow).member("timeout", timeout);
  if (!filter.empty()) {
    json.key("filter").beginObject();
    for (const auto& [name, accepted] : filter) {
      json.key(name).beginArray();
      for (const auto& text : accepted) json.string(text);
      json.endArray();
    }
    json.endObject();
  }
  json.endObject();
}

}  // namespace weir::event
