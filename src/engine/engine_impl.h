#pragma once
// Inside the engine room only.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/analyzer_figures.h"
#include "engine/datagram_source.h"
#include "engine/definition_store.h"
#include "engine/engine.h"
#include "engine/host_sharer.h"
#include "engine/make_engine.h"
#include "engine/probes.h"
#include "engine/record_sequencer.h"
#include "engine/replay.h"
#include "engine/scatter.h"
#include "engine/settings.h"
#include "engine/shard_thread.h"
#include "enrich/dns_resolver.h"
#include "ipfix/exporter.h"
#include "model/metric_names.h"

namespace weir::engine {

/// Faults memory in ahead of the shards' growth, after the ports are open.
class Prefaulter {
 public:
  explicit Prefaulter(std::vector<std::unique_ptr<ShardThread>>& shards) : shards_(shards) {}
  ~Prefaulter() { stop(); }
  void start();
  void stop();
  static constexpr std::size_t kAhead = std::size_t{8} << 20;  ///< bytes ready for each shard

 private:
  void run();
  std::vector<std::unique_ptr<ShardThread>>& shards_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

class EngineImpl final : public OwnedEngine {
 public:
  EngineImpl(Settings settings, std::unique_ptr<DatagramSource> source);
  ~EngineImpl() override;

  Expected<void> put(Kind kind, std::string_view name, const boost::json::value& body) override {
    return store_.put(kind, name, body);
  }
  void remove(Kind kind, std::string_view name) override {
    if (!isHiddenName(name)) store_.remove(kind, name);
  }
  std::optional<std::string> get(Kind kind, std::string_view name) const override { return store_.get(kind, name); }
  std::string list(Kind kind) const override { return store_.list(kind); }
  Expected<void> putTopology(const boost::json::value& body) override { return store_.putTopology(body); }
  std::string topology() const override { return store_.topology(); }

  void agents(const std::vector<std::string>& only, AnswerCallback done) override;
  void metricNames(AnswerCallback done) override;
  void agentMetrics(std::string agent, AnswerCallback done) override;
  void metric(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) override;
  void table(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) override;
  void dump(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) override;
  void flowKeys(AnswerCallback done) override;
  void activeFlows(ActiveFlowsRequest request, AnswerCallback done) override;
  void flowValue(std::string agent, std::string dataSourceAndName, std::string key, AnswerCallback done) override;
  void flowLocations(std::string agents, std::string name, std::optional<std::string> key,
                     AnswerCallback done) override;
  void hostLocations(HostsRequest request, AnswerCallback done) override;
  void linkMetric(const std::string& link, std::string metrics, AnswerCallback done) override;
  void topologyStatus(AnswerCallback done) override;
  void analyzer(const HttpFigures& http, AnswerCallback done) override;
  void license(AnswerCallback done) override;
  void prometheusAnalyzer(const HttpFigures& http, AnswerCallback done) override;
  void prometheusMetrics(std::string agents, std::string metrics, Parameters filter, PrometheusNames names,
                         AnswerCallback done) override;
  void health(AnswerCallback done) override;

  Answer startProbe(const boost::json::value& body, std::uint64_t& probe) override;
  bool probeIsRipe(std::uint64_t probe) const override;
  void finishProbe(std::uint64_t probe, AnswerCallback done) override;

  std::optional<std::string> logRecords(Log log, const LogRequest& request) const override;
  LogPiece recordsAfter(Log log, const LogRequest& request, std::size_t most) const override;
  void onLogAppended(std::function<void()> wake) override { sequencer_.onAppended(std::move(wake)); }

  Expected<void> start() override;
  void stop() override;

  Expected<void> loadDefinitions(const boost::json::value& file) override { return store_.load(file); }
  void onRecord(std::function<void(const Output&)> observe) override { sequencer_.onRecord(std::move(observe)); }
  void waitForReplay() override;
  std::uint16_t sflowPort() const override { return port_; }
  std::vector<std::string> nameServers() const override {
    return resolver_ == nullptr || replay_ != nullptr ? std::vector<std::string>() : resolver_->servers();
  }
  Nanos now() const override;

 private:
  template <class Partial>
  void ask(typename Scatter<Partial>::Visit visit, typename Scatter<Partial>::Finish finish, AnswerCallback done) {
    askShards<Partial>(false, std::move(visit), std::move(finish), std::move(done));
  }
  /// The same, of flows and their metrics: those of the whole fabric are the fabric shard's.
  template <class Partial>
  void askFlows(typename Scatter<Partial>::Visit visit, typename Scatter<Partial>::Finish finish, AnswerCallback done) {
    askShards<Partial>(true, std::move(visit), std::move(finish), std::move(done));
  }
  template <class Partial>
  void askShards(bool fabric, typename Scatter<Partial>::Visit visit, typename Scatter<Partial>::Finish finish,
                 AnswerCallback done) {
    if (shards_.empty()) return done(Answer::unavailable("the engine has not started: try again"));
    std::vector<ShardThread*> asked;
    for (const auto& shard : shards_) asked.push_back(shard.get());
    if (fabric) asked.push_back(fabric_.get());
    Scatter<Partial>::ask(asked, worker_, std::move(visit), std::move(finish), std::move(done));
  }
  void publish(const std::shared_ptr<const Definitions>& definitions);
  Expected<void> readTables();
  void openResolver();
  void askEnd(std::size_t end, std::shared_ptr<void> state, std::string metrics, AnswerCallback done);
  void openExporter();
  void askActiveFlows(ActiveFlowsRequest request, AnswerCallback done);
  /// Collects what the analyzer tells of itself, and answers what `write` makes of it on the query worker's thread.
  void askAnalyzer(const HttpFigures& http,
                   std::function<std::string(const AnalyzerFigures&, const LoadMeter::Load&)> write,
                   AnswerCallback done);

  Settings settings_;
  std::unique_ptr<DatagramSource> source_;  // until start() hands it to the replay
  model::MetricNames names_;
  RecordSequencer sequencer_;
  std::vector<std::unique_ptr<ShardThread>> shards_;
  std::unique_ptr<ShardThread> fabric_;  // keeps the flows of definitions with one cache for all
  DefinitionStore store_;
  HostSharer hosts_{shards_, store_, names_};
  std::unique_ptr<ipfix::Exporter> exporter_;      // where records are exported
  std::unique_ptr<enrich::DnsResolver> resolver_;  // of host names live only, and of the exporter
  std::unique_ptr<Replay> replay_;
  Prefaulter prefaulter_{shards_};
  std::uint16_t port_ = 0;
  Nanos startedMonotonic_ = 0;
  bool stopped_ = false;
  Probes probes_;
  LoadMeter load_;      // of the query worker's thread
  QueryWorker worker_;  // last: its jobs use the members above
};

}  // namespace weir::engine
