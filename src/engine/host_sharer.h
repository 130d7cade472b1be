#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/definition_store.h"
#include "engine/host_metrics.h"
#include "engine/replay_participant.h"
#include "engine/shard_thread.h"

namespace weir::engine {

/// Collects what shards know of hosts, as far as definitions want it, and gives all of them the table made of it. Live,
/// on a thread of its own every kShareInterval; in replay when it begins and at multiples of kShareInterval.
class HostSharer final : public ReplayParticipant {
 public:
  HostSharer(std::vector<std::unique_ptr<ShardThread>>& shards, const DefinitionStore& store,
             const model::MetricNames& names)
      : shards_(shards), store_(store), names_(names) {}
  ~HostSharer() override { stop(); }
  HostSharer(const HostSharer&) = delete;
  HostSharer& operator=(const HostSharer&) = delete;

  /// Starts the thread.
  void start();
  /// Ends it. Idempotent.
  void stop();

  Nanos nextStop(Nanos now, Nanos next) override;
  void stand(Nanos, const std::stop_token&) override { share(); }

 private:
  void run();
  /// Shares once and waits until all shards have said what they know. Shards take the table over before any later task.
  /// Thread: one at a time.
  void share();

  std::vector<std::unique_ptr<ShardThread>>& shards_;
  const DefinitionStore& store_;
  const model::MetricNames& names_;
  std::vector<std::string> metrics_;  // what the shards have
  std::vector<HostRow> rows_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::engine
