#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"

namespace boost::json {
class value;
}

/// The engine: telemetry in; flows, metrics, thresholds and events out. REST and (later) scripts are two faces of the
/// commands and queries here; validation and its errors are here, once.
namespace weir::engine {

struct Settings;  // engine/settings.h

/// A query parameter list, decoded, in the order given.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// An answer that is ready to send: JSON (or Prometheus) text, or an Error: the question is wrong (400), what it asks
/// about is not there (404), or the engine cannot answer now and may be asked again (503).
struct Answer {
  enum class Status : std::uint8_t { ok, invalid, notFound, unavailable } status = Status::ok;
  std::string json;  ///< with ok
  Error error;       ///< with the others

  static Answer text(std::string json) { return {Status::ok, std::move(json), {}}; }
  static Answer invalid(Error e) { return {Status::invalid, {}, std::move(e)}; }
  static Answer notFound(std::string what) { return {Status::notFound, {}, Error{std::move(what), {}, {}}}; }
  static Answer unavailable(std::string why) { return {Status::unavailable, {}, Error{std::move(why), {}, {}}}; }
};
/// Called exactly once, from an engine thread or from inside the call: hand over to your own thread at once.
using AnswerCallback = std::function<void(Answer)>;

/// Figures of the HTTP server that /analyzer/json shows; filled by the api room.
struct HttpFigures {
  std::uint64_t connectionsCurrent = 0, connectionsTotal = 0, messagesReceived = 0, messagesSent = 0, bytesReceived = 0,
                bytesSent = 0, streamsCurrent = 0, streamsCut = 0;
};

/// How metrics are named in the export for Prometheus.
struct PrometheusNames {
  std::string prefix = "sflow_";
  bool types = false;  ///< a `# TYPE` line before each metric
};

class Engine {
 public:
  virtual ~Engine() = default;

  // --- definitions: immutable values swapped as a whole. Thread: any. An error leaves everything as it was.
  // Kinds: what the REST resources flow, threshold, group, map and forwarding hold.
  enum class Kind : std::uint8_t { flow, threshold, group, map, forwarding };
  /// Sets one definition; identical to what is there: nothing happens.
  [[nodiscard]] virtual Expected<void> put(Kind kind, std::string_view name, const boost::json::value& body) = 0;
  /// Forgets one; an unknown name is fine.
  virtual void remove(Kind kind, std::string_view name) = 0;
  /// One definition as GET answers it, or nothing.
  [[nodiscard]] virtual std::optional<std::string> get(Kind kind, std::string_view name) const = 0;
  /// The list resource of a kind (`/flow/json`, `/threshold/json`, `/forwarding/json`: name → definition;
  /// `/group/json`, `/map/json`: name → last update by the clock of the engine, ms; 0: before the first datagram of a
  /// replay).
  [[nodiscard]] virtual std::string list(Kind kind) const = 0;
  [[nodiscard]] virtual Expected<void> putTopology(const boost::json::value& body) = 0;
  [[nodiscard]] virtual std::string topology() const = 0;

  // --- queries: answered by merging partial results of the shards (query room). Thread: any.
  /// /agents/json; without names: all.
  virtual void agents(const std::vector<std::string>& only, AnswerCallback done) = 0;
  virtual void metricNames(AnswerCallback done) = 0;                      // /metrics/json
  virtual void agentMetrics(std::string agent, AnswerCallback done) = 0;  // /metric/{agent}/json
  virtual void metric(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) = 0;
  virtual void table(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) = 0;
  virtual void dump(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) = 0;
  virtual void flowKeys(AnswerCallback done) = 0;  // /flowkeys/json
  struct ActiveFlowsRequest {
    std::string agents, name;
    unsigned maxFlows = 100;
    double minValue = 0;
    std::string aggMode = "max";
  };
  virtual void activeFlows(ActiveFlowsRequest request, AnswerCallback done) = 0;
  virtual void flowValue(std::string agent, std::string dataSourceAndName, std::string key, AnswerCallback done) = 0;
  /// Without a key: of all flows.
  virtual void flowLocations(std::string agents, std::string name, std::optional<std::string> key,
                             AnswerCallback done) = 0;
  struct HostsRequest {
    std::string host;  ///< a MAC, IPv4 or IPv6 address; empty: all
    std::string agents = "ALL";
    std::size_t maxHosts = SIZE_MAX;
  };
  /// Where hosts were last heard to send from, at the edge of the topology.
  virtual void hostLocations(HostsRequest request, AnswerCallback done) = 0;
  /// Metrics of the two ports of a link.
  virtual void linkMetric(const std::string& link, std::string metrics, AnswerCallback done) = 0;
  /// How far telemetry covers the topology.
  virtual void topologyStatus(AnswerCallback done) = 0;
  /// /analyzer/json
  virtual void analyzer(const HttpFigures& http, AnswerCallback done) = 0;
  virtual void license(AnswerCallback done) = 0;  // /license/json
  virtual void prometheusAnalyzer(const HttpFigures& http, AnswerCallback done) = 0;
  virtual void prometheusMetrics(std::string agents, std::string metrics, Parameters filter, PrometheusNames names,
                                 AnswerCallback done) = 0;
  /// What the status page shows beyond analyzer(): JSON with rates, drops by reason, agents with faults, shards.
  virtual void health(AnswerCallback done) = 0;

  // --- POST /flow/validate: a definition in force under a name that nobody sees, for about a second of the engine's
  // clock, so that it can be explained with an example. Bounded by kMaxProbes. Thread: any.
  static constexpr std::size_t kMaxProbes = 8;
  /// ok: `probe` is in force until finishProbe(). invalid: what PUT would answer. unavailable: too many.
  [[nodiscard]] virtual Answer startProbe(const boost::json::value& body, std::uint64_t& probe) = 0;
  /// A second of the engine's clock has passed since the start; of an unknown probe too.
  [[nodiscard]] virtual bool probeIsRipe(std::uint64_t probe) const = 0;
  /// Answers the explanation and forgets the definition. Once.
  virtual void finishProbe(std::uint64_t probe, AnswerCallback done) = 0;

  // --- logs. Thread: any.
  enum class Log : std::uint8_t { events, flows };
  struct LogRequest {
    std::vector<std::string> names;  ///< threshold or flow names; empty: all
    std::int64_t after = -1;         ///< only records with a greater id
    std::optional<std::size_t> max;  ///< newest so many
  };
  /// JSON array, newest first, or nothing when no record matches (the caller then waits or answers []).
  [[nodiscard]] virtual std::optional<std::string> logRecords(Log log, const LogRequest& request) const = 0;
  /// Records in the order of their ids, for readers that follow a log.
  struct LogPiece {
    std::vector<std::pair<std::int64_t, std::string>> records;  ///< id and JSON
    std::int64_t cursor = -1;                                   ///< `after` of the next question
    bool overtaken = false;                                     ///< records behind `after` have left the log unseen
  };
  /// The oldest `most` of the records that logRecords() would answer.
  [[nodiscard]] virtual LogPiece recordsAfter(Log log, const LogRequest& request, std::size_t most) const = 0;
  /// `wake` is called from an engine thread whenever records were appended to either log. One listener; set before
  /// start.
  virtual void onLogAppended(std::function<void()> wake) = 0;

  // --- life. Thread: the one that made it.
  [[nodiscard]] virtual Expected<void> start() = 0;
  /// Ends ingest and the shard threads. Queries asked afterwards answer unavailable. Idempotent.
  virtual void stop() = 0;
};

}  // namespace weir::engine
