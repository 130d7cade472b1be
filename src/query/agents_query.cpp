#include "query/agents_query.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "query/records.h"

namespace weir::query {

namespace {

// sFlow<kind>Samples, sFlow<kind>LostSamples, …
void writeFigures(JsonWriter& json, std::string_view kind, const SampleFigures& figures, bool drops) {
  const auto member = [&](std::string_view suffix, std::uint64_t value) {
    json.member(std::string("sFlow").append(kind).append(suffix), value);
  };
  member("Samples", figures.samples);
  member("LostSamples", figures.sequence.lost);
  member("OutOfOrderSamples", figures.sequence.outOfOrder);
  member("DuplicateSamples", figures.sequence.duplicates);
  member("Datasources", figures.dataSources);
  if (drops) member("Drops", figures.drops);
}

}  // namespace

Outcome<AgentsQuery> AgentsQuery::prepare(const AgentsQuestion& question, const Context& context) {
  std::string names = question.agents.empty() ? "ALL" : "";
  for (const std::string& name : question.agents) names += name + ";";
  auto selector = AgentSelector::parse(names, context.topology);
  if (!selector) return invalid(std::move(selector.error()));
  return AgentsQuery(std::move(*selector), context);
}

/// Whether an agent, or one of its ports (EDGE, CORE), was asked for.
bool AgentsQuery::isAsked(const AgentView& agent) const {
  if (selector_.matches(agent.itself())) return true;
  for (std::size_t i = 0; i < agent.sources(); ++i) {
    if (selector_.matches(agent.source(i))) return true;
  }
  return false;
}

bool AgentsQuery::visit(ShardView& shard, Partial& partial) const {
  return shard.eachAgent([&](const AgentView& agent) {
    if (isAsked(agent)) partial.push_back(agent.record());
  });
}

void AgentsQuery::merge(Partial& into, Partial&& from) {
  std::ranges::move(from, std::back_inserter(into));
}

Outcome<AgentsResult> AgentsQuery::finish(Partial&& partial) const {
  AgentsResult result{asked_, std::move(partial), timeOfDayOffset_};
  std::ranges::sort(result.agents, {}, &AgentRecord::agent);
  for (AgentRecord& record : result.agents) std::ranges::sort(record.sources);
  return result;
}

void AgentsResult::writeJson(JsonWriter& json) const {
  json.beginObject();
  for (const AgentRecord& record : agents) {
    json.key(record.agent.text()).beginObject();
    json.key("sFlowDatagramSource").beginArray();
    for (const IpAddress& source : record.sources) json.string(source.text());
    json.endArray();
    json.member("firstSeen", ageMs(asked, record.firstSeen));
    json.member("lastSeen", ageMs(asked, record.lastSeen));
    json.member("uptime", record.uptimeMs);
    json.member("sFlowDatagramsReceived", record.datagrams);
    json.member("sFlowDatagramsLost", record.datagramSequence.lost);
    json.member("sFlowDatagramsOutOfOrder", record.datagramSequence.outOfOrder);
    json.member("sFlowDatagramsDuplicates", record.datagramSequence.duplicates);
    writeFigures(json, "Flow", record.flow, true);
    writeFigures(json, "Counter", record.counter, false);
    writeFigures(json, "Notification", record.notification, true);
    json.endObject();
  }
  json.endObject();
}

}  // namespace weir::query
