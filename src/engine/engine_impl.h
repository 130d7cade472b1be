#pragma once
// Inside the engine room only.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/datagram_source.h"
#include "engine/definition_store.h"
#include "engine/engine.h"
#include "engine/host_sharer.h"
#include "engine/listeners.h"
#include "engine/make_engine.h"
#include "engine/probes.h"
#include "engine/process_figures.h"
#include "engine/query_worker.h"
#include "engine/question_run.h"
#include "engine/record_sequencer.h"
#include "engine/replay.h"
#include "engine/settings.h"
#include "engine/shard_thread.h"
#include "enrich/dns_resolver.h"
#include "ipfix/exporter.h"
#include "model/metric_names.h"
#include "query/context.h"
#include "query/engine_view.h"

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

  Expected<Hints> put(Kind kind, std::string_view name, const boost::json::value& body,
                      OnHints onHints = OnHints::accept) override {
    return store_.put(kind, name, body, onHints);
  }
  Expected<Checked> check(Kind kind, const boost::json::value& body) const override { return store_.check(kind, body); }
  Hints hintsOnNames(Named named, const std::vector<std::string>& names) const override;
  void remove(Kind kind, std::string_view name) override {
    if (!isHiddenName(name)) store_.remove(kind, name);
  }
  std::optional<std::string> get(Kind kind, std::string_view name) const override { return store_.get(kind, name); }
  std::string list(Kind kind) const override { return store_.list(kind); }
  Expected<void> putTopology(const boost::json::value& body) override { return store_.putTopology(body); }
  std::string topology() const override { return store_.topology(); }

  void answer(query::AnyAsked asked) override;

  query::Outcome<std::uint64_t> startProbe(const boost::json::value& body) override;
  bool probeIsRipe(std::uint64_t probe) const override;
  void finishProbe(std::uint64_t probe, std::function<void(query::Outcome<FlowExplanation>)> done) override;

  std::optional<std::string> logRecords(Log log, const LogRequest& request) const override;
  LogPiece recordsAfter(Log log, const LogRequest& request, std::size_t most) const override;
  Nanos now() const override;
  Subscription subscribe(SubscriptionOptions options) override { return listeners_->subscribe(std::move(options)); }

  Expected<void> start() override;
  void stop() override;

  Expected<void> loadTables() override;
  Expected<Hints> loadDefinitions(const boost::json::value& file) override {
    return store_.load(file, settings_.strict ? OnHints::refuse : OnHints::accept);
  }
  void waitForReplay() override;
  std::uint16_t sflowPort() const override { return port_; }
  std::vector<std::string> nameServers() const override {
    return resolver_ == nullptr || replay_ != nullptr ? std::vector<std::string>() : resolver_->servers();
  }

 private:
  [[nodiscard]] Nanos timeOfDay() const;
  /// The engine as its queries see it.
  class Self final : public query::EngineView {
   public:
    explicit Self(EngineImpl& engine) : engine_(engine) {}
    query::EngineState state() const override;
    std::vector<query::CountsNothing> countNothing(const std::vector<query::Uncounted>& flows,
                                                   const std::vector<query::Uncounted>& metrics) const override;
    query::EngineFigures figures(std::uint64_t sflowBytes) override;

   private:
    EngineImpl& engine_;
    LoadMeter load_;
  };

  [[nodiscard]] query::Context context();
  /// Puts a question to the shards.
  template <class Query>
  void run(Query query, Nanos asked, typename QuestionRun<Query>::Done done) {
    if (shards_.empty()) return done(query, query::unavailable("the engine has not started: try again"));
    std::vector<ShardThread*> shards;
    for (const auto& shard : shards_) shards.push_back(shard.get());
    // Flows of the whole fabric, and their metrics, are the fabric shard's.
    if (Query::kOfFlows) shards.push_back(fabric_.get());
    QuestionRun<Query>::start(shards, {worker_, answerMemory_}, std::move(query), asked, std::move(done));
  }
  void publish(const std::shared_ptr<const Definitions>& definitions);
  void openResolver();
  void openExporter();

  Settings settings_;
  model::MetricNames names_;
  AnswerMemory answerMemory_{settings_.answerBytes != 0 ? settings_.answerBytes : AnswerMemory::affordable()};
  std::shared_ptr<Listeners> listeners_;
  RecordSequencer sequencer_;
  std::vector<std::unique_ptr<ShardThread>> shards_;
  std::unique_ptr<ShardThread> fabric_;  // keeps the flows of definitions with one cache for all
  DefinitionStore store_;
  HostSharer hosts_{shards_, store_, names_};
  std::unique_ptr<ipfix::Exporter> exporter_;      // where records are exported
  std::unique_ptr<enrich::DnsResolver> resolver_;  // of host names live only, and of the exporter
  const std::unique_ptr<Replay> replay_;           // nullptr where telemetry is live
  Prefaulter prefaulter_{shards_};
  std::uint16_t port_ = 0;
  Nanos startedMonotonic_ = 0;
  bool tablesLoaded_ = false;
  bool stopped_ = false;
  Probes probes_;
  Self self_{*this};
  QueryWorker worker_;  // last: its jobs use the members above
};

}  // namespace weir::engine
