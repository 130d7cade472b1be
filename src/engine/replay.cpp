#include "engine/replay.h"

#include <algorithm>
#include <cstdio>
#include <latch>
#include <tuple>

#include "base/log.h"
#include "engine/host_metrics.h"
#include "ingest/shard.h"

namespace weir::engine {

/// Datagrams of a stretch of time, dealt to the shards, and the time that all shards advance to at its end.
struct Replay::Slice {
  struct Item {
    Nanos time;
    std::uint64_t ordinal;
    IpAddress sender;
    std::size_t offset, size;
  };
  std::vector<std::vector<Item>> of;  // by shard
  std::vector<std::uint8_t> bytes;
  std::size_t count = 0;
  Nanos until = 0;

  void clear() {
    for (auto& items : of) items.clear();
    bytes.clear();
    count = 0;
  }
};

struct Replay::SliceTask : ShardTask {
  SliceTask(const Slice& s, std::size_t i, std::vector<Output>& o, EdgeUpdates& e, std::latch& l)
      : slice(s), shardIndex(i), outputs(o), edge(e), done(l) {}
  ~SliceTask() override { done.count_down(); }
  bool step(Shard& shard) override {
    for (const Slice::Item& item : slice.of[shardIndex]) {
      shard.datagram(Bytes(slice.bytes.data() + item.offset, item.size), item.sender, item.time, item.ordinal);
    }
    shard.flush();
    shard.advance(slice.until);
    outputs.swap(shard.outputs());
    std::swap(edge, shard.edge());
    return true;
  }
  const Slice& slice;
  std::size_t shardIndex;
  std::vector<Output>& outputs;
  EdgeUpdates& edge;
  std::latch& done;
};

struct Replay::EdgeTask : ShardTask {
  EdgeTask(const EdgeUpdates& u, Nanos t, std::vector<Output>& o, std::latch& l)
      : updates(u), until(t), outputs(o), done(l) {}
  ~EdgeTask() override { done.count_down(); }
  bool step(Shard& shard) override {
    shard.apply(updates, 0, updates.updates.size());
    shard.flush();
    shard.advance(until);
    outputs.swap(shard.outputs());
    return true;
  }
  const EdgeUpdates& updates;
  Nanos until;
  std::vector<Output>& outputs;
  std::latch& done;
};

namespace {
struct FiguresTask : ShardTask {
  FiguresTask(ShardFigures& f, std::latch& l) : figures(f), done(l) {}
  ~FiguresTask() override { done.count_down(); }
  bool step(Shard& shard) override {
    figures = shard.figures();
    return true;
  }
  ShardFigures& figures;
  std::latch& done;
};
}  // namespace

Replay::Replay(std::unique_ptr<DatagramSource> source, Options options,
               std::vector<std::unique_ptr<ShardThread>>& shards, ShardThread& fabric, RecordSequencer& sequencer)
    : source_(std::move(source)),
      options_(std::move(options)),
      shards_(shards),
      fabric_(fabric),
      sequencer_(sequencer) {}

Replay::~Replay() {
  stop();
}

void Replay::start() {
  thread_ = std::thread([this] {
    run();
    const std::lock_guard lock(mutex_);
    finished_.store(true, std::memory_order_release);
    stopped_.notify_all();
  });
}

void Replay::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_.store(true, std::memory_order_release);
    stopped_.notify_all();
  }
  source_->interrupt();
  if (thread_.joinable()) thread_.join();
}

void Replay::wait() {
  std::unique_lock lock(mutex_);
  stopped_.wait(lock, [this] { return finished_.load() || stopping_.load(); });
}

/// Sleeps until replay time `time` is due. False when stopped.
bool Replay::waitUntilDue(Nanos time) {
  if (!options_.speed) return !stopping_.load(std::memory_order_acquire);
  const auto due = paceStart_ + static_cast<Nanos>(static_cast<double>(time - paceOrigin_) / *options_.speed);
  std::unique_lock lock(mutex_);
  while (!stopping_.load(std::memory_order_acquire)) {
    const Nanos left = due - monotonicNow();
    if (left <= 0) return true;
    stopped_.wait_for(lock, std::chrono::nanoseconds(left));
  }
  return false;
}

/// Reads datagrams that are due into the slice; at least one unless the source is at its end.
bool Replay::fill(Slice& slice) {
  constexpr std::size_t kMost = 2'048;
  slice.clear();
  while (slice.count < kMost) {
    if (!hasAhead_) {
      if (!source_->next(ahead_)) {
        if (!options_.loop || roundDatagrams_ == 0 || !source_->rewind()) break;
        // The next round begins one mean distance of datagrams after the last of this one.
        const Nanos length = roundLast_ - roundFirst_;
        shift_ += length + std::max<Nanos>(kMillisecond, length / static_cast<Nanos>(roundDatagrams_));
        roundDatagrams_ = 0;
        continue;
      }
      if (roundDatagrams_++ == 0) roundFirst_ = ahead_.time;
      roundLast_ = std::max(roundLast_, ahead_.time);
      // Capture time stamps may go back a little; the clock does not.
      ahead_.time = std::max(ahead_.time + shift_, slice.until);
      hasAhead_ = true;
      if (paceStart_ == 0) {
        paceStart_ = monotonicNow();
        paceOrigin_ = ahead_.time;
      }
    }
    if (slice.count != 0 && ahead_.time / kShareInterval != slice.until / kShareInterval) break;
    if (options_.speed) {
      const auto due =
          paceStart_ + static_cast<Nanos>(static_cast<double>(ahead_.time - paceOrigin_) / *options_.speed);
      if (due > monotonicNow()) break;
    }
    const unsigned shard =
        ingest::shardOfDatagram(ahead_.payload, ahead_.sender, static_cast<unsigned>(shards_.size()));
    slice.of[shard].push_back({ahead_.time, ordinal_++, ahead_.sender, slice.bytes.size(), ahead_.payload.size()});
    slice.bytes.insert(slice.bytes.end(), ahead_.payload.begin(), ahead_.payload.end());
    slice.until = ahead_.time;
    ++slice.count;
    hasAhead_ = false;
  }
  return slice.count != 0 || hasAhead_;
}

void Replay::deal(Slice& slice) {
  if (const Nanos second = slice.until / kShareInterval * kShareInterval; second != shared_ && options_.share) {
    options_.share(second);
    shared_ = second;
  }
  std::vector<std::vector<Output>> outputs(shards_.size() + 1);
  std::vector<EdgeUpdates> edges(shards_.size());
  std::latch done(static_cast<std::ptrdiff_t>(shards_.size()));
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto task = std::make_unique<SliceTask>(slice, i, outputs[i], edges[i], done);
    (void)shards_[i]->mailbox().postAlways(std::move(task));  // a closed mailbox destroys it, which counts down
  }
  done.wait();
  applyEdge(edges, slice.until, outputs.back());
  now_.store(slice.until, std::memory_order_release);
  std::vector<Output> all;
  for (auto& part : outputs) std::move(part.begin(), part.end(), std::back_inserter(all));
  // Equal ones come from one shard, which made them in its order.
  std::stable_sort(all.begin(), all.end(), before);
  sequencer_.publish(all);
}

/// What entered the fabric, in the order of the capture: all samples of a datagram are one shard's, in their order.
void Replay::applyEdge(std::vector<EdgeUpdates>& parts, Nanos until, std::vector<Output>& outputs) {
  EdgeUpdates all;
  for (EdgeUpdates& part : parts) {
    for (EdgeUpdates::Update& update : part.updates) {
      update.key += all.keys.size();
      update.value += static_cast<std::uint32_t>(all.values.size());
    }
    all.updates.insert(all.updates.end(), part.updates.begin(), part.updates.end());
    all.keys.insert(all.keys.end(), part.keys.begin(), part.keys.end());
    all.values.insert(all.values.end(), part.values.begin(), part.values.end());
  }
  fabricUsed_ = fabricUsed_ || !all.empty();
  if (!fabricUsed_) return;
  std::stable_sort(all.updates.begin(), all.updates.end(), [](const auto& a, const auto& b) {
    return std::tie(a.time, a.datagram) < std::tie(b.time, b.datagram);
  });
  std::latch done(1);
  (void)fabric_.mailbox().postAlways(std::make_unique<EdgeTask>(all, until, outputs, done));
  done.wait();
}

void Replay::run() {
  Slice slice;
  slice.of.resize(shards_.size());
  while (!stopping_.load(std::memory_order_acquire) && fill(slice)) {
    if (slice.count != 0) {
      deal(slice);
      continue;
    }
    // Nothing is due: the clock goes on, tick by tick, to the next datagram.
    const Nanos tick = (slice.until / Shard::kTick + 1) * Shard::kTick;
    if (!waitUntilDue(std::min(tick, ahead_.time))) return;
    if (tick < ahead_.time) {
      slice.until = tick;
      deal(slice);
    }
  }
  if (!stopping_.load(std::memory_order_acquire)) tellWhatThereWas();
}

void Replay::tellWhatThereWas() {
  const SourceReport report = source_->report();
  if (report.refused) return log::error(report.error);
  if (!report.error.empty()) log::warning(report.error);
  for (const std::string& remark : report.remarks) log::warning(remark);
  std::vector<ShardFigures> figures(shards_.size());
  std::latch done(static_cast<std::ptrdiff_t>(shards_.size()));
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    (void)shards_[i]->mailbox().postAlways(std::make_unique<FiguresTask>(figures[i], done));
  }
  done.wait();
  std::uint64_t datagrams = 0, damaged = 0, samples = 0;
  for (const ShardFigures& f : figures) {
    datagrams += f.datagrams;
    damaged += f.malformedDatagrams + f.unsupportedVersion;
    samples += f.flowSamples + f.counterSamples + f.discardSamples;
  }
  std::string held = std::to_string(datagrams) + " datagrams";
  if (damaged != 0) held += " (" + std::to_string(damaged) + " damaged or of an unknown version)";
  if (samples == 0) {
    log::warning("The capture has no sFlow samples, but " + held +
                 ": expected UDP as agents send it, recorded for "
                 "example by tcpdump -s 0 udp port 6343");
    return;
  }
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f", secondsFromNanos(now() - paceOrigin_));
  log::info("Replayed " + held + ", " + std::to_string(samples) + " samples, " + seconds +
            " s of capture: " + std::to_string(sequencer_.events().generated()) + " events, " +
            std::to_string(sequencer_.flows().generated()) + " flow records");
}

}  // namespace weir::engine
