#include "query/flow_locations_query.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace weir::query {

Outcome<FlowLocationsQuery> FlowLocationsQuery::prepare(const FlowLocationsQuestion& question, const Context& context) {
  auto definition = context.flow(question.name);
  if (definition == nullptr) return notFound("there is no flow \"" + question.name + "\"");
  auto selector = AgentSelector::parse(question.agents, context.topology);
  if (!selector) return invalid(std::move(selector.error()));
  return FlowLocationsQuery(std::move(definition), std::move(*selector), question.key);
}

bool FlowLocationsQuery::visit(ShardView& shard, Partial& partial) const {
  const bool ofFabric = definition_->definition().scope == flow::CacheScope::edge;
  std::vector<FlowAtSource> flows;
  return shard.eachSource([&](const SourceView& source) {
    if (!(ofFabric || selector_.matches(source))) return;
    if (!source.flows->flowsOf(*definition_, false, flows)) return;
    for (const FlowAtSource& flow : flows) {
      std::string text;
      definition_->appendKeyText(text, flow.key);
      if (key_ && text != *key_) continue;
      if (ofFabric && !includesPlace(selector_, source, flow)) continue;
      partial.push_back({flow.agent, flow.source, std::move(text), flow.value});
    }
  });
}

void FlowLocationsQuery::merge(Partial& into, Partial&& from) {
  std::ranges::move(from, std::back_inserter(into));
}

Outcome<FlowLocationsResult> FlowLocationsQuery::finish(Partial&& partial) {
  std::ranges::sort(partial, [](const FlowLocation& a, const FlowLocation& b) {
    if (a.value != b.value) return a.value > b.value;
    return std::tie(a.agent, a.source, a.key) < std::tie(b.agent, b.source, b.key);
  });
  return FlowLocationsResult{std::move(partial)};
}

void FlowLocationsResult::writeJson(JsonWriter& json) const {
  json.beginArray();
  for (const FlowLocation& location : locations) {
    json.beginObject().member("agent", location.agent.text()).member("dataSource", sourceText(location.source));
    json.member("key", location.key).member("value", location.value).endObject();
  }
  json.endArray();
}

}  // namespace weir::query
