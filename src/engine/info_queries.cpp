// Queries about the engine and its agents: /agents, /flowkeys and the health of the status page.
#include <algorithm>
#include <map>

#include "engine/engine_impl.h"
#include "engine/source_reader.h"
#include "query/agents_query.h"
#include "query/selector.h"

namespace weir::engine {

namespace {

query::AgentRecord recordOf(const AgentState& agent) {
  query::AgentRecord record;
  record.agent = agent.address;
  record.sources.assign(agent.senders.begin(), agent.senders.end());
  record.firstSeen = agent.firstSeen;
  record.lastSeen = agent.lastSeen;
  record.uptimeMs = agent.uptimeMs;
  record.datagrams = agent.datagrams;
  record.datagramSequence = agent.datagramSequence;
  record.flow = {agent.flowSamples, agent.flowSequence, 0, 0};
  record.counter = {agent.counterSamples, agent.counterSequence, 0, 0};
  record.notification = {agent.discardSamples, agent.discardSequence, 0, 0};
  for (const DataSourceState* source : agent.ordered) {
    record.flow.dataSources += source->sentFlowSamples ? 1 : 0;
    record.flow.drops += source->flowDrops;
    record.counter.dataSources += source->sentCounterSamples ? 1 : 0;
    record.notification.dataSources += source->sentDiscards ? 1 : 0;
    record.notification.drops += source->discardDrops;
  }
  return record;
}

/// Whether an agent, or one of its ports (EDGE, CORE), was asked for.
bool isAsked(const query::AgentSelector& selector, const AgentState& agent) {
  return selector.matches(viewOf(agent, nullptr)) ||
         std::any_of(agent.ordered.begin(), agent.ordered.end(),
                     [&](const DataSourceState* source) { return selector.matches(viewOf(agent, source)); });
}

}  // namespace

void EngineImpl::agents(const std::vector<std::string>& only, AnswerCallback done) {
  std::string names = only.empty() ? "ALL" : "";
  for (const std::string& name : only) names += name + ";";
  auto selector = query::AgentSelector::parse(names, store_.snapshot()->topology);
  if (!selector) return done(Answer::invalid(selector.error()));
  using Query = query::AgentsQuery;
  ask<Query::Partial>(
      [selector = std::move(*selector)](Shard& shard, Query::Partial& partial, Cursor& cursor) {
        return visitAgents(shard, cursor, [&](const AgentState& agent) {
          if (isAsked(selector, agent)) Query::visit(recordOf(agent), partial);
        });
      },
      [this](std::vector<Query::Partial>&& parts) {
        Query::Partial all = std::move(parts.front());
        for (std::size_t i = 1; i < parts.size(); ++i) Query::merge(all, std::move(parts[i]));
        std::string out;
        JsonWriter json(out);
        Query(now()).write(std::move(all), json);
        return Answer::text(std::move(out));
      },
      std::move(done));
}

void EngineImpl::flowKeys(AnswerCallback done) {
  using Seen = std::vector<std::pair<std::string, Nanos>>;
  ask<Seen>(
      [](Shard& shard, Seen& seen, Cursor&) {
        seen = shard.keysSeen().list();
        return true;
      },
      [this](std::vector<Seen>&& parts) {
        std::map<std::string, Nanos> latest;
        for (const Seen& part : parts) {
          for (const auto& [name, at] : part) latest[name] = std::max(latest[name], at);
        }
        std::string out;
        JsonWriter json(out);
        json.beginObject();
        for (const auto& [name, at] : latest) json.member(name, std::max<Nanos>(0, now() - at) / kMillisecond);
        json.endObject();
        return Answer::text(std::move(out));
      },
      std::move(done));
}

void EngineImpl::health(AnswerCallback done) {
  struct Part {
    ShardFigures figures;
    std::uint64_t agents = 0, sources = 0, arenaBytes = 0;
    struct Faulty {
      IpAddress address;
      std::string agent;
      std::vector<std::pair<std::string, std::uint64_t>> counts;
    };
    std::vector<Faulty> faulty;
  };
  ask<Part>(
      [](Shard& shard, Part& part, Cursor& cursor) {
        const bool finished = visitAgents(shard, cursor, [&](const AgentState& agent) {
          part.sources += agent.sources.size();
          Part::Faulty faulty{agent.address, agent.text, {}};
          for (std::size_t i = 0; i < agent.faults.size(); ++i) {
            if (agent.faults[i] == 0) continue;
            faulty.counts.emplace_back(std::string(wire::faultName(static_cast<wire::Fault>(i))), agent.faults[i]);
          }
          if (agent.refusedSources != 0) faulty.counts.emplace_back("refusedSources", agent.refusedSources);
          if (agent.datagramSequence.lost != 0)
            faulty.counts.emplace_back("datagramsLost", agent.datagramSequence.lost);
          if (!faulty.counts.empty()) part.faulty.push_back(std::move(faulty));
        });
        part.figures = shard.figures();
        part.agents = shard.agents().size();
        part.arenaBytes = shard.arena().used();
        return finished;
      },
      [this](std::vector<Part>&& parts) {
        ShardFigures sum;
        std::vector<Part::Faulty> faulty;
        std::uint64_t agents = 0, sources = 0, arena = 0;
        for (Part& part : parts) {
          sum.add(part.figures);
          agents += part.agents;
          sources += part.sources;
          arena += part.arenaBytes;
          std::move(part.faulty.begin(), part.faulty.end(), std::back_inserter(faulty));
        }
        std::sort(faulty.begin(), faulty.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
        std::string out;
        JsonWriter json(out);
        json.beginObject();
        json.member("now", now() / kMillisecond).member("replay", replay_ != nullptr);
        json.member("demo", settings_.demo);
        json.member("replayFinished", replay_ != nullptr && replay_->finished());
        json.member("port", static_cast<unsigned>(port_));
        json.member("shards", shards_.size()).member("agents", agents).member("dataSources", sources);
        json.member("datagrams", sum.datagrams).member("bytes", sum.bytes);
        json.member("flowSamples", sum.flowSamples).member("counterSamples", sum.counterSamples);
        json.member("discardSamples", sum.discardSamples).member("forwardedDatagrams", sum.relayed.sent);
        json.member("flowTableBytes", arena);
        json.key("drops").beginObject();
        json.member("kernel", sum.kernelDrops).member("unsupportedVersion", sum.unsupportedVersion);
        json.member("receiveErrors", sum.receiveErrors);
        json.member("malformedDatagrams", sum.malformedDatagrams).member("unknownSamples", sum.unknownSamples);
        json.member("refusedAgents", sum.refusedAgents).member("refusedDataSources", sum.refusedSources);
        json.member("refusedSubAgents", sum.refusedSubAgents).member("refusedThresholdStates", sum.refusedArmings);
        json.member("displacedAgents", sum.displacedAgents)
            .member("refusedEdgeUpdates", sum.refusedEdge)
            .member("refusedMetricNames", names_.refused());
        json.member("forwarding", sum.relayed.dropped);
        for (std::size_t i = 0; i < sum.faults.size(); ++i) {
          const auto fault = static_cast<wire::Fault>(i);
          if (sum.faults[i] == 0 || fault == wire::Fault::unsupportedVersion) continue;
          json.member(wire::faultName(fault), sum.faults[i]);
        }
        json.endObject();
        json.key("agentsWithFaults").beginArray();
        for (const auto& f : faulty) {
          json.beginObject().member("agent", f.agent);
          for (const auto& [name, count] : f.counts) json.member(name, count);
          json.endObject();
        }
        json.endArray().endObject();
        return Answer::text(std::move(out));
      },
      std::move(done));
}

}  // namespace weir::engine
