#include "query/flow_value_query.h"

#include <tuple>

namespace weir::query {

Outcome<FlowValueQuery> FlowValueQuery::prepare(const FlowValueQuestion& question, const Context& context) {
  const std::size_t dot = question.name.rfind('.');
  if (dot == std::string::npos || dot == 0) {
    return invalid({"expected <dataSource>.<flow>, such as 22.tcp", "name", {}});
  }
  const std::string name = question.name.substr(dot + 1);
  auto definition = context.flow(name);
  if (definition == nullptr) return notFound("there is no flow \"" + name + "\"");
  return FlowValueQuery(std::move(definition), AgentSelector::single(question.agent, context.topology),
                        question.name.substr(0, dot), question.key);
}

bool FlowValueQuery::visit(ShardView& shard, Partial& partial) const {
  std::vector<FlowAtSource> flows;
  std::string text;
  return shard.eachSource([&](const SourceView& source) {
    if (!source.customSource.empty() || sourceText(source.source) != source_ || !selector_.matches(source)) return;
    if (!source.flows->flowsOf(*definition_, false, flows)) return;
    for (const FlowAtSource& flow : flows) {
      text.clear();
      definition_->appendKeyText(text, flow.key);
      if (text != key_) continue;
      const auto ageMs = static_cast<std::uint32_t>(flow.age * 1e3);
      merge(partial, FlowValueResult{source.agent, source.source, key_, ageMs, flow.value});
    }
  });
}

void FlowValueQuery::merge(Partial& into, Partial&& from) {
  if (!from) return;
  // Two keys may look the same: of those the larger.
  const auto before = [](const FlowValueResult& a, const FlowValueResult& b) {
    return std::tuple(a.agent, -a.value, a.ageMs) < std::tuple(b.agent, -b.value, b.ageMs);
  };
  if (!into || before(*from, *into)) into = std::move(from);
}

Outcome<FlowValueResult> FlowValueQuery::finish(Partial&& partial) {
  if (!partial) return notFound("no such flow at that data source now");
  return std::move(*partial);
}

void FlowValueResult::writeJson(JsonWriter& json) const {
  json.beginObject().member("agent", agent.text()).member("dataSource", sourceText(source)).member("key", key);
  json.member("lastUpdate", ageMs).member("value", value).endObject();
}

}  // namespace weir::query
