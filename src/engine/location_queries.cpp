// /flowlocations: which data sources see a flow.
#include <algorithm>
#include <tuple>

#include "engine/engine_impl.h"
#include "engine/source_reader.h"

namespace weir::engine {

namespace {

struct Location {
  IpAddress agent;
  wire::DataSource source;
  std::string key;
  double value = 0;
};

std::string locationsJson(std::vector<Location> all) {
  std::ranges::sort(all, [](const Location& a, const Location& b) {
    if (a.value != b.value) return a.value > b.value;
    return std::tie(a.agent, a.source, a.key) < std::tie(b.agent, b.source, b.key);
  });
  std::string out;
  JsonWriter json(out);
  json.beginArray();
  for (const Location& l : all) {
    json.beginObject().member("agent", l.agent.text()).member("dataSource", dataSourceText(l.source));
    json.member("key", l.key).member("value", l.value).endObject();
  }
  json.endArray();
  return out;
}

}  // namespace

void EngineImpl::flowLocations(std::string agents, std::string name, std::optional<std::string> key,
                               AnswerCallback done) {
  const auto definitions = store_.snapshot();
  const auto found = std::ranges::find_if(
      definitions->flows, [&](const FlowEntry& flow) { return !flow.hidden && flow.compiled->name() == name; });
  if (found == definitions->flows.end()) return done(Answer::notFound("there is no flow \"" + name + "\""));
  auto selector = query::AgentSelector::parse(agents, definitions->topology);
  if (!selector) return done(Answer::invalid(selector.error()));
  const auto visit = [asked = now(), definitions, &flow = *found, selector = std::move(*selector), key](
                         Shard& shard, std::vector<Location>& part, Cursor& cursor) {
    const flow::DecayTime time(std::max(asked, shard.now()), flow.cache.tau);
    std::vector<flow::FlowCache::Flow> top;
    return visitEachSource(shard, cursor, [&](const AgentState& agent, const DataSourceState* source, const auto*) {
      const FlowState* state = source == nullptr ? nullptr : Shard::flowState(*source, flow);
      const bool ofFabric = flow.compiled->definition().scope == flow::CacheScope::edge;
      query::SourceView place = viewOf(agent, source);
      if (state == nullptr || !(ofFabric || selector.matches(place))) return;
      state->cache.top(top, flow.cache.n, time, flow.cache);
      for (const auto& entry : top) {
        std::string text;
        flow.compiled->appendKeyText(text, entry.key);
        if (key && text != *key) continue;
        if (const Shard::Place* entered = ofFabric ? shard.enteredAt(flow, entry.key) : nullptr) {
          place.agent = entered->agent;
          place.source = entered->source;
        }
        if (ofFabric && !selector.includesEdge() && !selector.matches(place)) continue;
        part.push_back({place.agent, place.source, std::move(text), entry.value});
      }
    });
  };
  const auto finish = [](std::vector<std::vector<Location>>&& parts) {
    std::vector<Location> all;
    for (auto& part : parts) std::ranges::move(part, std::back_inserter(all));
    return Answer::text(locationsJson(std::move(all)));
  };
  askFlows<std::vector<Location>>(visit, finish, std::move(done));
}

}  // namespace weir::engine
