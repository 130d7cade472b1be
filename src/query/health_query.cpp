#include "query/health_query.h"

#include <algorithm>
#include <iterator>

namespace weir::query {

bool HealthQuery::visit(ShardView& shard, Partial& partial) {
  const bool finished = shard.eachAgent([&](const AgentView& agent) {
    AgentFaults faults = agent.faults();
    if (!faults.counts.empty()) partial.faulty.push_back(std::move(faults));
    SharedAddress shared = agent.sharedAddress();
    if (!shared.others.empty()) partial.sharedAddresses.push_back(std::move(shared));
  });
  if (!finished) return false;
  partial.shards = shard.figures();
  partial.thresholds = shard.thresholdsAtBound();
  partial.suspendedFlows = shard.suspendedFlows();
  partial.flows = shard.uncountedFlows();
  partial.metrics = shard.unseenMetrics();
  return true;
}

void HealthQuery::merge(Partial& into, Partial&& from) {
  into.shards.add(from.shards);
  std::ranges::move(from.faulty, std::back_inserter(into.faulty));
  std::ranges::move(from.thresholds, std::back_inserter(into.thresholds));
  std::ranges::move(from.sharedAddresses, std::back_inserter(into.sharedAddresses));
  std::ranges::move(from.suspendedFlows, std::back_inserter(into.suspendedFlows));
  into.flows = uncountedAtBoth(into.flows, from.flows);
  into.metrics = uncountedAtBoth(into.metrics, from.metrics);
}

Outcome<HealthResult> HealthQuery::finish(Partial&& partial) const {
  std::ranges::sort(partial.faulty, {}, &AgentFaults::agent);
  // Each shard counts the flows of its own data sources.
  std::ranges::sort(partial.thresholds, {}, &ThresholdAtBound::threshold);
  std::vector<ThresholdAtBound> thresholds;
  for (ThresholdAtBound& of : partial.thresholds) {
    if (thresholds.empty() || thresholds.back().threshold != of.threshold) {
      thresholds.push_back(std::move(of));
    } else {
      thresholds.back().refusedFlows += of.refusedFlows;
      thresholds.back().displacedFlows += of.displacedFlows;
    }
  }
  std::ranges::sort(partial.sharedAddresses);
  std::ranges::sort(partial.suspendedFlows, {}, &SuspendedFlow::name);
  std::vector<SuspendedFlow> suspended;
  for (SuspendedFlow& of : partial.suspendedFlows) {
    if (suspended.empty() || suspended.back().name != of.name) {
      suspended.push_back(std::move(of));
      continue;
    }
    suspended.back().suspensions += of.suspensions;
    suspended.back().skippedSamples += of.skippedSamples;
    suspended.back().suspended = suspended.back().suspended || of.suspended;
  }
  const std::uint64_t bytes = partial.shards.bytes;
  return HealthResult{engine_->state(),          {partial.shards, engine_->figures(bytes)},
                      std::move(partial.faulty), std::move(thresholds),
                      std::move(suspended),      std::move(partial.sharedAddresses),
                      engine_->countNothing(partial.flows, partial.metrics)};
}

void HealthResult::writeJson(JsonWriter& json) const {
  const std::vector<FigureReading> figures = counted.figures();
  json.beginObject();
  json.member("now", engine.now / kMillisecond).member("replay", engine.replay).member("demo", engine.demo);
  json.member("replayFinished", engine.replayFinished).member("port", static_cast<unsigned>(engine.port));
  json.member("shards", engine.shards);
  writeFigures(json, figures, &Figure::health);
  json.key("drops").beginObject();
  writeFigures(json, figures, &Figure::drops);
  json.endObject();
  json.key("agentsWithFaults").beginArray();
  for (const AgentFaults& agent : faulty) {
    json.beginObject().member("agent", agent.agent.text());
    for (const auto& [name, count] : agent.counts) json.member(name, count);
    json.endObject();
  }
  json.endArray();
  json.key("listeners").beginArray();
  for (const ListenerFigures& listener : engine.listeners) {
    json.beginObject().member("name", listener.name).member("waiting", listener.waiting);
    json.member("told", listener.told).member("lost", listener.lost).endObject();
  }
  json.endArray();
  json.key("thresholdsAtBound").beginArray();
  for (const ThresholdAtBound& of : thresholds) {
    json.beginObject().member("thresholdID", of.threshold);
    json.member("refusedFlows", of.refusedFlows).member("displacedFlows", of.displacedFlows).endObject();
  }
  json.endArray();
  json.key("suspendedFlows").beginArray();
  for (const SuspendedFlow& flow : suspendedFlows) {
    json.beginObject().member("name", flow.name).member("suspended", flow.suspended);
    json.member("suspensions", flow.suspensions).member("skippedSamples", flow.skippedSamples).endObject();
  }
  json.endArray();
  json.key("sharedAgentAddresses").beginArray();
  for (const SharedAddress& shared : sharedAddresses) {
    json.beginObject().member("agent", shared.address.text()).member("sender", shared.sender.text());
    json.key("others").beginArray();
    for (const IpAddress& other : shared.others) json.string(AgentId(shared.address, other).text());
    json.endArray().endObject();
  }
  json.endArray();
  json.key("countNothing").beginArray();
  for (const CountsNothing& definition : countNothing) {
    json.beginObject().member("kind", definition.kind).member("name", definition.name).key("reasons").beginArray();
    for (const std::string& reason : definition.reasons) json.string(reason);
    json.endArray().endObject();
  }
  json.endArray().endObject();
}

}  // namespace weir::query
