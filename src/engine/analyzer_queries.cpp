// What the analyzer tells of itself: /analyzer, /license and /prometheus/analyzer.
#include <unistd.h>

#include <array>
#include <thread>

#include "engine/engine_impl.h"

namespace weir::engine {

namespace {

/// The figures with the names they have in both places (rest-api.md 2.2 and 8.4; metrics.md 9).
AnalyzerFigures figuresOf(const ShardFigures& sum, std::uint64_t agents, const HttpFigures& http,
                          const ProcessFigures& process, const LoadMeter::Load& load, double uptimeMs, double flows,
                          double events, const ipfix::Exporter::Figures& ipfix) {
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  return {
      {"uptime", "uptime_ms", uptimeMs},
      {"sFlowAgents", "agent_count", number(agents)},
      {"", "agents", number(agents)},
      {"sFlowBytesReceived", "received_bytes", number(sum.bytes)},
      {"sFlowDatagramsReceived", "received_datagrams", number(sum.datagrams)},
      {"sFlowDatagramsDiscarded", "discarded_datagrams", number(sum.kernelDrops)},
      {"sFlowParseErrors", "parse_errors", number(sum.malformedDatagrams)},
      {"sFlowUnsupportedVersion", "unsupported_version", number(sum.unsupportedVersion)},
      {"flowsGenerated", "flows_generated", flows},
      {"flowsLost", "", 0},
      {"eventsGenerated", "events_generated", events},
      {"eventsLost", "", 0},
      {"ipfixMessagesSent", "ipfix_messages_sent", number(ipfix.messages)},
      {"ipfixRecordsSent", "ipfix_records_sent", number(ipfix.recordsSent)},
      {"ipfixRecordsLost", "ipfix_records_lost", number(ipfix.recordsLost)},
      {"httpConnectionsCurrent", "http_connections_current", number(http.connectionsCurrent)},
      {"httpConnectionsTotal", "http_connections_total", number(http.connectionsTotal)},
      {"httpMessagesReceived", "http_messages_received", number(http.messagesReceived)},
      {"httpMessagesSent", "http_messages_sent", number(http.messagesSent)},
      {"httpBytesReceived", "http_bytes_received", number(http.bytesReceived)},
      {"httpBytesSent", "http_bytes_sent", number(http.bytesSent)},
      {"httpStreamsCurrent", "http_streams_current", number(http.streamsCurrent)},
      {"httpStreamsCut", "http_streams_cut", number(http.streamsCut)},
      {"availableProcessors", "available_processors", number(std::thread::hardware_concurrency())},
      {"heapMax", "heap_max_bytes", number(process.memoryTotal)},
      {"heapUsed", "heap_used_bytes", number(process.residentBytes)},
      {"threadCount", "thread_count", number(process.threads)},
      {"threadDaemonCount", "thread_daemon_count", number(process.threads)},
      {"threadTotalStartedCount", "thread_total_started", number(process.threads)},
      {"gcCount", "gc_count", 0},
      {"gcTime", "gc_time_ms", 0},
      {"cpuTime", "cpu_time_ms", number(process.cpuMs)},
      {"cpuLoadProcess", "cpu_load_process", load.process},
      {"cpuLoadSystem", "cpu_load_system", load.system},
      {"memTotal", "mem_total_bytes", number(process.memoryTotal)},
      {"memFree", "mem_free_bytes", number(process.memoryFree)},
  };
}

std::string hostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

}  // namespace

void EngineImpl::askAnalyzer(const HttpFigures& http,
                             std::function<std::string(const AnalyzerFigures&, const LoadMeter::Load&)> write,
                             AnswerCallback done) {
  struct Part {
    ShardFigures figures;
    std::uint64_t agents = 0;
  };
  ask<Part>(
      [](Shard& shard, Part& part, Cursor&) {
        part = {shard.figures(), shard.agents().size()};
        return true;
      },
      [this, http, write = std::move(write)](std::vector<Part>&& parts) {
        ShardFigures sum;
        std::uint64_t agents = 0;
        for (const Part& part : parts) {
          sum.add(part.figures);
          agents += part.agents;
        }
        const ProcessFigures process = processFigures();
        const auto load = load_.load({sum.bytes, process.cpuMs, process.systemBusy, process.systemAll}, monotonicNow());
        const auto uptime = static_cast<double>((monotonicNow() - startedMonotonic_) / kMillisecond);
        return Answer::text(write(
            figuresOf(sum, agents, http, process, load, uptime, static_cast<double>(sequencer_.flows().generated()),
                      static_cast<double>(sequencer_.events().generated()),
                      exporter_ == nullptr ? ipfix::Exporter::Figures() : exporter_->figures()),
            load));
      },
      std::move(done));
}

void EngineImpl::analyzer(const HttpFigures& http, AnswerCallback done) {
  const auto write = [version = settings_.version](const AnalyzerFigures& figures, const LoadMeter::Load&) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().member("version", version).member("updateAvailable", false);
    for (const AnalyzerFigure& figure : figures) {
      if (!figure.json.empty()) json.member(figure.json, figure.value);
    }
    json.endObject();
    return out;
  };
  askAnalyzer(http, write, std::move(done));
}

void EngineImpl::prometheusAnalyzer(const HttpFigures& http, AnswerCallback done) {
  const auto write = [](const AnalyzerFigures& figures, const LoadMeter::Load&) {
    std::string out;
    for (const AnalyzerFigure& figure : figures) {
      if (figure.prometheus.empty()) continue;
      out.append("sflow_analyzer_").append(figure.prometheus).append(" ");
      appendJsonNumber(out, figure.value);
      out += '\n';
    }
    return out;
  };
  askAnalyzer(http, write, std::move(done));
}

void EngineImpl::license(AnswerCallback done) {
  const auto write = [](const AnalyzerFigures&, const LoadMeter::Load& load) {
    std::string out;
    JsonWriter json(out);
    json.beginObject();
    json.key("license").beginObject().member("type", "open source").member("license", "Apache-2.0");
    json.member("product", "weir").endObject();
    json.key("analyzer").beginObject().member("host", hostName()).member("bps", load.bitsPerSecond).endObject();
    json.endObject();
    return out;
  };
  askAnalyzer({}, write, std::move(done));
}

}  // namespace weir::engine
