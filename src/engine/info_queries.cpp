// Queries about the engine and its agents: /agents, /analyzer, /flowkeys and the health of the status page.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <thread>

#include "engine/engine_impl.h"

namespace weir::engine {

namespace {

/// What /agents/json shows of one agent.
struct AgentRow {
  IpAddress address;
  std::string text;
  std::string hostName;
  std::vector<std::string> senders;
  Nanos firstSeen = 0, lastSeen = 0;
  std::uint32_t uptimeMs = 0;
  std::uint64_t datagrams = 0;
  struct Samples {
    std::uint64_t received = 0, sources = 0, drops = 0;
    model::SequenceCounts sequence;
  } flow, counter, notification;
  model::SequenceCounts datagramSequence;
};

AgentRow rowOf(const AgentState& agent, model::MetricId hostName) {
  AgentRow row;
  if (model::MetricValue name; agent.host != nullptr && agent.host->counters.value(hostName, name)) {
    row.hostName = std::string(name.text());
  }
  row.address = agent.address;
  row.text = agent.text;
  for (const IpAddress& sender : agent.senders) row.senders.push_back(sender.text());
  row.firstSeen = agent.firstSeen;
  row.lastSeen = agent.lastSeen;
  row.uptimeMs = agent.uptimeMs;
  row.datagrams = agent.datagrams;
  row.datagramSequence = agent.datagramSequence;
  row.flow = {agent.flowSamples, 0, 0, agent.flowSequence};
  row.counter = {agent.counterSamples, 0, 0, agent.counterSequence};
  row.notification = {agent.discardSamples, 0, 0, agent.discardSequence};
  for (const DataSourceState* source : agent.ordered) {
    row.flow.sources += source->sentFlowSamples ? 1 : 0;
    row.flow.drops += source->flowDrops;
    row.counter.sources += source->sentCounterSamples ? 1 : 0;
    row.notification.sources += source->sentDiscards ? 1 : 0;
    row.notification.drops += source->discardDrops;
  }
  return row;
}

void writeSamples(JsonWriter& json, const char* kind, const AgentRow::Samples& s, bool drops) {
  const std::string prefix = std::string("sFlow") + kind;
  json.member(prefix + "Samples", s.received);
  json.member(prefix + "LostSamples", s.sequence.lost);
  json.member(prefix + "OutOfOrderSamples", s.sequence.outOfOrder);
  json.member(prefix + "DuplicateSamples", s.sequence.duplicates);
  json.member(prefix + "Datasources", s.sources);
  if (drops) json.member(prefix + "Drops", s.drops);
}

void writeAgent(JsonWriter& json, const AgentRow& row, Nanos now) {
  json.key(row.text).beginObject();
  json.key("sFlowDatagramSource").beginArray();
  for (const std::string& sender : row.senders) json.string(sender);
  json.endArray();
  json.member("firstSeen", std::max<Nanos>(0, now - row.firstSeen) / kMillisecond);
  json.member("lastSeen", std::max<Nanos>(0, now - row.lastSeen) / kMillisecond);
  json.member("uptime", static_cast<std::uint64_t>(row.uptimeMs));
  json.member("sFlowDatagramsReceived", row.datagrams);
  json.member("sFlowDatagramsLost", row.datagramSequence.lost);
  json.member("sFlowDatagramsOutOfOrder", row.datagramSequence.outOfOrder);
  json.member("sFlowDatagramsDuplicates", row.datagramSequence.duplicates);
  writeSamples(json, "Flow", row.flow, true);
  writeSamples(json, "Counter", row.counter, false);
  writeSamples(json, "Notification", row.notification, true);
  json.endObject();
}

ShardFigures sumOf(const std::vector<ShardFigures>& parts) {
  ShardFigures sum;
  for (const ShardFigures& p : parts) {
    sum.datagrams += p.datagrams;
    sum.bytes += p.bytes;
    sum.flowSamples += p.flowSamples;
    sum.counterSamples += p.counterSamples;
    sum.discardSamples += p.discardSamples;
    sum.unknownSamples += p.unknownSamples;
    sum.malformedDatagrams += p.malformedDatagrams;
    sum.unsupportedVersion += p.unsupportedVersion;
    sum.refusedAgents += p.refusedAgents;
    sum.refusedSources += p.refusedSources;
    sum.refusedSubAgents += p.refusedSubAgents;
    sum.refusedArmings += p.refusedArmings;
    sum.displacedAgents += p.displacedAgents;
    sum.kernelDrops += p.kernelDrops;
    sum.receiveErrors += p.receiveErrors;
    for (std::size_t i = 0; i < sum.faults.size(); ++i) sum.faults[i] += p.faults[i];
  }
  return sum;
}

/// Numbers of this process from the kernel.
struct ProcessFigures {
  std::uint64_t residentBytes = 0, memoryTotal = 0, memoryFree = 0, cpuMs = 0;
  unsigned threads = 0;
};

std::uint64_t fieldOf(const char* path, const char* name) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return 0;
  char line[256];
  std::uint64_t value = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    unsigned long long n = 0;
    const std::size_t length = std::char_traits<char>::length(name);
    if (std::char_traits<char>::compare(line, name, length) == 0 && std::sscanf(line + length, " %llu", &n) == 1) {
      value = n;
      break;
    }
  }
  std::fclose(file);
  return value;
}

ProcessFigures processFigures() {
  ProcessFigures p;
  p.residentBytes = fieldOf("/proc/self/status", "VmRSS:") * 1024;
  p.threads = static_cast<unsigned>(fieldOf("/proc/self/status", "Threads:"));
  p.memoryTotal = fieldOf("/proc/meminfo", "MemTotal:") * 1024;
  p.memoryFree = fieldOf("/proc/meminfo", "MemAvailable:") * 1024;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) { return static_cast<std::uint64_t>(t.tv_sec * 1000 + t.tv_usec / 1000); };
  p.cpuMs = ms(usage.ru_utime) + ms(usage.ru_stime);
  return p;
}

}  // namespace

void EngineImpl::agents(const std::vector<std::string>& only, AnswerCallback done) {
  ask<std::vector<AgentRow>>(
      [hostName = names_.find("host_name")](Shard& shard, std::vector<AgentRow>& rows, Cursor& cursor) {
        return visitAgents(shard, cursor, [&](const AgentState& agent) { rows.push_back(rowOf(agent, hostName)); });
      },
      [this, only](std::vector<std::vector<AgentRow>>&& parts) {
        std::vector<AgentRow> rows;
        for (auto& part : parts) std::move(part.begin(), part.end(), std::back_inserter(rows));
        std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
        std::string out;
        JsonWriter json(out);
        json.beginObject();
        for (const AgentRow& row : rows) {
          const auto asked = [&](const std::string& name) {
            const auto address = IpAddress::parse(name);
            return address ? *address == row.address : name == row.hostName;
          };
          if (only.empty() || std::any_of(only.begin(), only.end(), asked)) writeAgent(json, row, now());
        }
        json.endObject();
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

void EngineImpl::analyzer(const HttpFigures& http, AnswerCallback done) {
  struct Part {
    ShardFigures figures;
    std::uint64_t agents = 0;
  };
  ask<Part>(
      [](Shard& shard, Part& part, Cursor&) {
        part = {shard.figures(), shard.agents().size()};
        return true;
      },
      [this, http](std::vector<Part>&& parts) {
        std::vector<ShardFigures> figures;
        std::uint64_t agents = 0;
        for (const Part& part : parts) {
          figures.push_back(part.figures);
          agents += part.agents;
        }
        const ShardFigures sum = sumOf(figures);
        const ProcessFigures process = processFigures();
        std::string out;
        JsonWriter json(out);
        json.beginObject();
        json.member("version", settings_.version).member("updateAvailable", false);
        json.member("uptime", (monotonicNow() - startedMonotonic_) / kMillisecond);
        json.member("sFlowAgents", agents);
        json.member("sFlowBytesReceived", sum.bytes).member("sFlowDatagramsReceived", sum.datagrams);
        json.member("sFlowDatagramsDiscarded", sum.kernelDrops);
        json.member("sFlowParseErrors", sum.malformedDatagrams);
        json.member("sFlowUnsupportedVersion", sum.unsupportedVersion);
        json.member("flowsGenerated", collector_.flows().generated()).member("flowsLost", 0);
        json.member("eventsGenerated", collector_.events().generated()).member("eventsLost", 0);
        json.member("httpConnectionsCurrent", http.connectionsCurrent);
        json.member("httpConnectionsTotal", http.connectionsTotal);
        json.member("httpMessagesReceived", http.messagesReceived).member("httpMessagesSent", http.messagesSent);
        json.member("httpBytesReceived", http.bytesReceived).member("httpBytesSent", http.bytesSent);
        json.member("availableProcessors", std::thread::hardware_concurrency());
        json.member("heapMax", process.memoryTotal).member("heapUsed", process.residentBytes);
        json.member("threadCount", process.threads).member("threadDaemonCount", process.threads);
        json.member("threadTotalStartedCount", process.threads).member("gcCount", 0).member("gcTime", 0);
        json.member("cpuTime", process.cpuMs);
        json.member("memTotal", process.memoryTotal).member("memFree", process.memoryFree);
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
        std::vector<ShardFigures> figures;
        std::vector<Part::Faulty> faulty;
        std::uint64_t agents = 0, sources = 0, arena = 0;
        for (Part& part : parts) {
          figures.push_back(part.figures);
          agents += part.agents;
          sources += part.sources;
          arena += part.arenaBytes;
          std::move(part.faulty.begin(), part.faulty.end(), std::back_inserter(faulty));
        }
        std::sort(faulty.begin(), faulty.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
        const ShardFigures sum = sumOf(figures);
        std::string out;
        JsonWriter json(out);
        json.beginObject();
        json.member("now", now() / kMillisecond).member("replay", replay_ != nullptr);
        json.member("replayFinished", replay_ != nullptr && replay_->finished());
        json.member("port", static_cast<unsigned>(port_));
        json.member("shards", shards_.size()).member("agents", agents).member("dataSources", sources);
        json.member("datagrams", sum.datagrams).member("bytes", sum.bytes);
        json.member("flowSamples", sum.flowSamples).member("counterSamples", sum.counterSamples);
        json.member("discardSamples", sum.discardSamples).member("flowTableBytes", arena);
        json.key("drops").beginObject();
        json.member("kernel", sum.kernelDrops).member("unsupportedVersion", sum.unsupportedVersion);
        json.member("receiveErrors", sum.receiveErrors);
        json.member("malformedDatagrams", sum.malformedDatagrams).member("unknownSamples", sum.unknownSamples);
        json.member("refusedAgents", sum.refusedAgents).member("refusedDataSources", sum.refusedSources);
        json.member("refusedSubAgents", sum.refusedSubAgents).member("refusedThresholdStates", sum.refusedArmings);
        json.member("displacedAgents", sum.displacedAgents).member("refusedMetricNames", names_.refused());
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
