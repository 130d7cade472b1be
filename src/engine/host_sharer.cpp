#include "engine/host_sharer.h"

#include <algorithm>
#include <chrono>
#include <latch>

namespace weir::engine {

namespace {

struct CollectTask : ShardTask {
  CollectTask(const std::vector<std::string>& m, const model::MetricNames& n, std::vector<HostRow>& r, std::latch& l)
      : metrics(m), names(n), rows(r), done(l) {}
  ~CollectTask() override { done.count_down(); }
  bool step(Shard& shard) override { return collectHosts(shard, metrics, names, rows, cursor); }
  const std::vector<std::string>& metrics;
  const model::MetricNames& names;
  std::vector<HostRow>& rows;
  std::latch& done;
  Cursor cursor;
};

struct AdoptTablesTask : ShardTask {
  explicit AdoptTablesTask(flow::LookupTables t) : tables(std::move(t)) {}
  bool step(Shard& shard) override {
    shard.adopt(std::move(tables));
    return true;
  }
  flow::LookupTables tables;
};

}  // namespace

void HostSharer::start() {
  thread_ = std::thread([this] { run(); });
}

void HostSharer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void HostSharer::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    share();
    lock.lock();
    wake_.wait_for(lock, std::chrono::nanoseconds(kShareInterval), [this] { return stopping_; });
  }
}

/// Hosts are known a second after they were heard, in replay as live; where no datagram comes, no sample looks them up.
Nanos HostSharer::nextStop(Nanos now, Nanos next) {
  if (metrics_.empty() && wantedHostMetrics(*store_.snapshot()).empty()) return INT64_MAX;
  if (now == 0) return next;
  return std::max(now / kShareInterval + 1, next / kShareInterval) * kShareInterval;
}

void HostSharer::share() {
  auto metrics = wantedHostMetrics(*store_.snapshot());
  if (metrics.empty() && metrics_.empty()) return;
  std::vector<std::vector<HostRow>> parts(shards_.size());
  std::latch done(static_cast<std::ptrdiff_t>(shards_.size()));
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    // A closed mailbox destroys the task, which counts down.
    (void)shards_[i]->mailbox().postAlways(std::make_unique<CollectTask>(metrics, names_, parts[i], done));
  }
  done.wait();
  std::vector<HostRow> rows;
  for (auto& part : parts) std::move(part.begin(), part.end(), std::back_inserter(rows));
  std::sort(rows.begin(), rows.end());
  if (metrics == metrics_ && rows == rows_) return;
  const flow::LookupTables tables = hostTables(rows, metrics);
  for (auto& shard : shards_) (void)shard->mailbox().postAlways(std::make_unique<AdoptTablesTask>(tables));
  metrics_ = std::move(metrics);
  rows_ = std::move(rows);
}

}  // namespace weir::engine
