#pragma once
#include <string>
#include <string_view>

/// The Prometheus text format, version 0.0.4 (docs/prometheus.md).
namespace weir::query {

/// How names of an export begin, and whether it describes them.
struct ExportNames {
  std::string prefix = "sflow_";
  bool described = true;  ///< `# HELP` and `# TYPE` lines before each metric
};

/// Begins the names of the analyzer's own figures. No exported metric has a name that begins so.
inline constexpr std::string_view kAnalyzerPrefix = "sflow_analyzer_";
/// Behind the prefix: the gauge with the time of each agent's last datagram. No other metric is exported by this name.
inline constexpr std::string_view kLastDatagram = "agent_last_datagram_timestamp_seconds";

/// Appends the lines that stand before the first line of a metric. `help`: one line without a backslash.
void appendMetricHead(std::string& out, std::string_view name, std::string_view type, std::string_view help);

}  // namespace weir::query
