#include "api/analyzer_text.h"

#include <string_view>
#include <vector>

#include "base/json_writer.h"

namespace weir::api {

namespace {

/// One figure, under the two names it has.
struct Figure {
  std::string_view json;        // member of /analyzer/json; empty: not there
  std::string_view prometheus;  // behind `sflow_analyzer_`; empty: not exported
  double value = 0;
};

std::vector<Figure> figuresOf(const query::AnalyzerResult& analyzer, const http::Figures& server) {
  const query::ShardFigures& sum = analyzer.shards.counted;
  const query::EngineFigures& engine = analyzer.engine;
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  return {
      {"uptime", "uptime_ms", number(engine.uptimeMs)},
      {"sFlowAgents", "agent_count", number(analyzer.shards.agents)},
      {"", "agents", number(analyzer.shards.agents)},
      {"sFlowBytesReceived", "received_bytes", number(sum.bytes)},
      {"sFlowDatagramsReceived", "received_datagrams", number(sum.datagrams)},
      {"sFlowDatagramsDiscarded", "discarded_datagrams", number(sum.kernelDrops)},
      {"sFlowParseErrors", "parse_errors", number(sum.malformedDatagrams)},
      {"sFlowUnsupportedVersion", "unsupported_version", number(sum.unsupportedVersion)},
      {"flowsGenerated", "flows_generated", number(engine.flowsGenerated)},
      {"flowsLost", "", 0},
      {"eventsGenerated", "events_generated", number(engine.eventsGenerated)},
      {"eventsLost", "", 0},
      {"ipfixMessagesSent", "ipfix_messages_sent", number(engine.ipfixMessagesSent)},
      {"ipfixRecordsSent", "ipfix_records_sent", number(engine.ipfixRecordsSent)},
      {"ipfixRecordsLost", "ipfix_records_lost", number(engine.ipfixRecordsLost)},
      {"httpConnectionsCurrent", "http_connections_current", number(server.connectionsCurrent)},
      {"httpConnectionsTotal", "http_connections_total", number(server.connectionsTotal)},
      {"httpMessagesReceived", "http_messages_received", number(server.messagesReceived)},
      {"httpMessagesSent", "http_messages_sent", number(server.messagesSent)},
      {"httpBytesReceived", "http_bytes_received", number(server.bytesReceived)},
      {"httpBytesSent", "http_bytes_sent", number(server.bytesSent)},
      {"httpStreamsCurrent", "http_streams_current", number(server.streamsCurrent)},
      {"httpStreamsCut", "http_streams_cut", number(server.streamsCut)},
      {"availableProcessors", "available_processors", number(engine.processors)},
      {"heapMax", "heap_max_bytes", number(engine.memoryTotal)},
      {"heapUsed", "heap_used_bytes", number(engine.residentBytes)},
      {"threadCount", "thread_count", number(engine.threads)},
      {"threadDaemonCount", "thread_daemon_count", number(engine.threads)},
      {"threadTotalStartedCount", "thread_total_started", number(engine.threads)},
      {"gcCount", "gc_count", 0},
      {"gcTime", "gc_time_ms", 0},
      {"cpuTime", "cpu_time_ms", number(engine.cpuMs)},
      {"cpuLoadProcess", "cpu_load_process", engine.processLoad},
      {"cpuLoadSystem", "cpu_load_system", engine.systemLoad},
      {"memTotal", "mem_total_bytes", number(engine.memoryTotal)},
      {"memFree", "mem_free_bytes", number(engine.memoryFree)},
  };
}

}  // namespace

std::string analyzerJson(const query::AnalyzerResult& analyzer, const http::Figures& server) {
  std::string out;
  JsonWriter json(out);
  json.beginObject().member("version", analyzer.engine.version).member("updateAvailable", false);
  for (const Figure& figure : figuresOf(analyzer, server)) {
    if (!figure.json.empty()) json.member(figure.json, figure.value);
  }
  json.endObject();
  return out;
}

std::string analyzerPrometheusText(const query::AnalyzerResult& analyzer, const http::Figures& server) {
  std::string out;
  for (const Figure& figure : figuresOf(analyzer, server)) {
    if (figure.prometheus.empty()) continue;
    out.append("sflow_analyzer_").append(figure.prometheus).append(" ");
    appendJsonNumber(out, figure.value);
    out += '\n';
  }
  return out;
}

std::string licenseJson(const query::AnalyzerResult& analyzer) {
  std::string out;
  JsonWriter json(out);
  json.beginObject();
  json.key("license").beginObject().member("type", "open source").member("license", "Apache-2.0");
  json.member("product", "weir").endObject();
  json.key("analyzer").beginObject().member("host", analyzer.engine.host);
  json.member("bps", analyzer.engine.sflowBitsPerSecond).endObject();
  json.endObject();
  return out;
}

}  // namespace weir::api
