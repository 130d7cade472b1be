#include "query/active_flows_query.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "flow/flow_cache.h"
#include "query/port_view.h"

namespace weir::query {

namespace {

/// What the values of a definition are made of: of the value itself, then of `values`.
std::vector<flow::ValueFunction> functionsOf(const flow::CompiledDefinition& definition) {
  std::vector<flow::ValueFunction> functions;
  if (!definition.valueIsCell()) functions.push_back(flow::ValueFunction::rate);
  for (std::size_t i = 0; i < definition.cells().count(); ++i) functions.push_back(definition.cells().function(i));
  return functions;
}

/// Of a place that had two names while its flows came, the last in order counts.
void nameFlows(std::vector<ActiveFlowsResult::Flow>& flows, const std::vector<NamedPlace>& places) {
  std::map<std::pair<AgentId, wire::DataSource>, const PlaceNames*> names;
  for (const auto& flow : flows) names.emplace(std::pair(flow.agent, flow.source), nullptr);
  for (const NamedPlace& place : places) {
    const auto at = names.find({place.agent, place.source});
    if (at != names.end() && (at->second == nullptr || *at->second < place.names)) at->second = &place.names;
  }
  for (auto& flow : flows) {
    if (const PlaceNames* const found = names.at({flow.agent, flow.source})) flow.names = *found;
  }
}

}  // namespace

Outcome<ActiveFlowsQuery> ActiveFlowsQuery::prepare(const ActiveFlowsQuestion& question, const Context& context) {
  auto definition = context.flow(question.name);
  if (definition == nullptr) {
    // No definition has a name that begins with a control character, so there is no point in showing it.
    const bool isName = question.name.empty() || static_cast<unsigned char>(question.name[0]) >= 0x20;
    return invalid({isName ? "there is no flow \"" + question.name + "\"" : "there is no such flow", "name", {}});
  }
  return prepare(std::move(definition), question, context);
}

Outcome<ActiveFlowsQuery> ActiveFlowsQuery::prepare(std::shared_ptr<const flow::CompiledDefinition> definition,
                                                    const ActiveFlowsQuestion& question, const Context& context) {
  const auto mode = aggModeOf(question.aggMode);
  if (!mode) return invalid({"expected max, sum, edge or core", "aggMode", {}});
  auto selector = AgentSelector::parse(question.agents, context.topology);
  if (!selector) return invalid(std::move(selector.error()));
  return ActiveFlowsQuery(std::move(definition), *mode, std::move(*selector), question, context);
}

ActiveFlowsQuery::ActiveFlowsQuery(std::shared_ptr<const flow::CompiledDefinition> definition, AggMode mode,
                                   AgentSelector selector, const ActiveFlowsQuestion& question, const Context& context)
    : definition_(std::move(definition)),
      ofFabric_(definition_->definition().scope == flow::CacheScope::edge),
      mode_(mode),
      selector_(std::move(selector)),
      maxFlows_(question.maxFlows),
      minValue_(question.minValue),
      topology_(context.topology) {}

bool ActiveFlowsQuery::visit(ShardView& shard, Partial& partial) const {
  std::vector<FlowAtSource> flows;
  return shard.eachSource([&](const SourceView& source) { visit(source, flows, partial); });
}

void ActiveFlowsQuery::visit(const SourceView& source, std::vector<FlowAtSource>& flows, Partial& partial) const {
  if (!(ofFabric_ || selector_.matches(source)) || !takesPart(source)) return;
  if (!source.flows->flowsOf(*definition_, true, flows)) return;
  const bool isCut = flows.size() >= definition_->definition().n;
  if (isCut && (!ofFabric_ || selector_.includesEdge())) {
    source.flows->countFlows(*definition_, minValue_, partial.all);
  }
  if (!ofFabric_ && !flows.empty()) {
    if (PlaceNames names = placeNamesOf(source, *topology_); !names.empty()) {
      partial.places.push_back({source.agent, source.source, std::move(names)});
    }
  }
  for (FlowAtSource& flow : flows) {
    if (ofFabric_ && !includesPlace(selector_, source, flow)) continue;
    if (flow.names != nullptr) partial.places.push_back({flow.agent, flow.source, *flow.names});
    FlowContribution& part = partial.flows.emplace_back();
    part.key.assign(reinterpret_cast<const char*>(flow.key), definition_->keySize());
    part.agent = flow.agent;
    part.source = flow.source;
    part.values = std::move(flow.values);
  }
}

/// Whether the flows of a data source take part in the mode. A cache of a whole agent has no port of its own, and one
/// of the fabric holds what entered at its edge.
bool ActiveFlowsQuery::takesPart(const SourceView& source) const {
  if (mode_ != AggMode::edge && mode_ != AggMode::core) return true;
  if (ofFabric_) return mode_ == AggMode::edge;
  const PortView port(source);
  const model::PortNames names = port.names();
  if (!topology_->hasAgent(names.agent, names.hostName)) return false;
  if (definition_->definition().scope == flow::CacheScope::agent) return true;
  return port.isPort() && (topology_->linkAt(names) != nullptr) == (mode_ == AggMode::core);
}

void ActiveFlowsQuery::merge(Partial& into, Partial&& from) {
  std::ranges::move(from.flows, std::back_inserter(into.flows));
  std::ranges::move(from.places, std::back_inserter(into.places));
  into.all.add(from.all);
}

bool ActiveFlowsQuery::accepts(const Partial& partial) const {
  constexpr double kMost = 1e100;  // products and sums of these are finite
  const std::size_t values = functionsOf(*definition_).size();
  return std::ranges::all_of(partial.flows, [&](const FlowContribution& part) {
    const Bytes key(reinterpret_cast<const std::uint8_t*>(part.key.data()), part.key.size());
    return part.values.size() == values && definition_->isKey(key) &&
           std::ranges::all_of(part.values, [](const flow::ValueCells::Reading& reading) {
             return std::abs(reading.value) <= kMost && reading.weight >= 0 && reading.weight <= kMost;
           });
  });
}

/// 0 where no data source has more flows than it tells.
std::uint64_t ActiveFlowsQuery::countAll(const Partial& partial) const {
  if (partial.all.empty()) return 0;
  DistinctKeys all = partial.all;
  for (const FlowContribution& part : partial.flows) {
    if (part.values[0].value < minValue_) continue;
    all.add(flow::KeyId::of(reinterpret_cast<const std::uint8_t*>(part.key.data()), definition_->keySize()).hash);
  }
  return all.count();
}

Outcome<ActiveFlowsResult> ActiveFlowsQuery::finish(Partial&& partial) const {
  const std::uint64_t all = countAll(partial);
  struct Row {
    std::string key;
    const ActiveFlow* flow;
    [[nodiscard]] double value() const { return flow->values[0].value; }
  };
  const std::vector<ActiveFlow> merged = mergeFlows(std::move(partial.flows), mode_, functionsOf(*definition_));
  std::vector<Row> rows;
  for (const ActiveFlow& active : merged) {
    if (active.values[0].value < minValue_) continue;
    Row& row = rows.emplace_back(Row{{}, &active});
    definition_->appendKeyText(row.key, reinterpret_cast<const std::uint8_t*>(active.key.data()));
  }
  const std::size_t shown = std::min<std::size_t>(rows.size(), maxFlows_);
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown), rows.end(),
                    [](const Row& a, const Row& b) {
                      if (a.value() != b.value()) return a.value() > b.value();
                      // Two keys may look the same.
                      return std::tie(a.key, a.flow->key) < std::tie(b.key, b.flow->key);
                    });
  ActiveFlowsResult result;
  result.total = std::max<std::uint64_t>(all, rows.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const ActiveFlow& active = *rows[i].flow;
    ActiveFlowsResult::Flow& flow = result.flows.emplace_back();
    flow.agent = active.agent;
    flow.source = active.source;
    flow.sources = active.sources;
    flow.key = std::move(rows[i].key);
    flow.value = active.values[0].value;
    for (std::size_t v = 1; v < active.values.size(); ++v) flow.values.push_back(active.values[v].value);
  }
  nameFlows(result.flows, partial.places);
  return result;
}

void ActiveFlowsResult::writeJson(JsonWriter& json) const {
  json.beginArray();
  for (const Flow& flow : flows) {
    json.beginObject();
    json.member("agent", flow.agent.text()).member("dataSource", sourceText(flow.source));
    json.member("flowN", flow.sources).member("key", flow.key);
    flow.names.writeMembers(json);
    json.member("value", flow.value);
    if (!flow.values.empty()) {
      json.key("values").beginArray();
      for (const double value : flow.values) json.number(value);
      json.endArray();
    }
    json.endObject();
  }
  json.endArray();
}

}  // namespace weir::query
