#include "query/agents_query.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "query/record.h"

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

void AgentsQuery::merge(Partial& into, Partial&& from) {
  std::move(from.agents.begin(), from.agents.end(), std::back_inserter(into.agents));
}

void AgentsQuery::write(Partial partial, JsonWriter& json) const {
  std::sort(partial.agents.begin(), partial.agents.end(),
            [](const AgentRecord& a, const AgentRecord& b) { return a.agent < b.agent; });
  json.beginObject();
  for (AgentRecord& record : partial.agents) {
    json.key(record.agent.text()).beginObject();
    std::sort(record.sources.begin(), record.sources.end());
    json.key("sFlowDatagramSource").beginArray();
    for (const IpAddress& source : record.sources) json.string(source.text());
    json.endArray();
    json.member("firstSeen", ageMs(now_, record.firstSeen));
    json.member("lastSeen", ageMs(now_, record.lastSeen));
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
