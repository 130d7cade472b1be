#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/definition_store.h"
#include "engine/host_metrics.h"
#include "engine/shard_thread.h"

namespace weir::engine {

/// Collects what shards know of hosts, as far as definitions want it, and gives all of them the table made of it. Live,
/// on a thread of its own every kShareInterval; in replay whenever the driver says so.
class HostSharer {
 public:
  HostSharer(std::vector<std::unique_ptr<ShardThread>>& shards, const DefinitionStore& store,
             const model::MetricNames& names)
      : shards_(shards), store_(store), names_(names) {}
  ~HostSharer() { stop(); }
  HostSharer(const HostSharer&) = delete;
  HostSharer& operator=(const HostSharer&) = delete;

  /// Starts the thread.
  void start();
  /// Ends it. Idempotent.
  void stop();
  /// Shares once and waits until all shards have said what they know; with `until`, first brings them to that time, so
  /// that what is too old is gone. Shards take the table over before any later task. Thread: one at a time.
  void share(std::optional<Nanos> until);

 private:
  void run();

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
