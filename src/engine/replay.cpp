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
               std::vector<std::unique_ptr<ShardThread>>& shards, const std::unique_ptr<ShardThread>& fabric,
               RecordSequencer& sequencer, std::vector<ReplayParticipant*> participants)
    : source_(std::move(source)),
      options_(options),
      shards_(shards),
      fabric_(fabric),
      sequencer_(sequencer),
      participants_(std::move(participants)),
      stops_(participants_.size(), INT64_MAX) {}

Replay::~Replay() {
  stop();
}

void Replay::start() {
  *stage_.lock() = Stage::running;
  thread_ = std::thread([this] {
    run();
    *stage_.lock() = Stage::finished;
    changed_.notify_all();
  });
}

void Replay::stop() {
  stop_.request_stop();
  source_->interrupt();
  if (thread_.joinable()) thread_.join();
}

void Replay::wait() {
  stage_.lock().wait(changed_, stop_.get_token(), [](Stage stage) { return stage != Stage::running; });
}

/// The next datagram into ahead_. False at the end of the source.
bool Replay::readAhead() {
  if (hasAhead_) return true;
  while (!source_->next(ahead_)) {
    if (!options_.loop || roundDatagrams_ == 0 || !source_->rewind()) return false;
    // The next round begins one mean distance of datagrams after the last of this one.
    const Nanos length = roundLast_ - roundFirst_;
    shift_ += length + std::max<Nanos>(kMillisecond, length / static_cast<Nanos>(roundDatagrams_));
    roundDatagrams_ = 0;
  }
  if (roundDatagrams_++ == 0) roundFirst_ = ahead_.time;
  roundLast_ = std::max(roundLast_, ahead_.time);
  // Capture time stamps may go back a little; the clock does not.
  ahead_.time = std::max(ahead_.time + shift_, reached_);
  hasAhead_ = true;
  if (paceStart_ == 0) {
    paceStart_ = monotonicNow();
    paceOrigin_ = ahead_.time;
  }
  return true;
}

/// When replay time `time` is due in a paced replay, monotonic.
Nanos Replay::dueAt(Nanos time) const {
  return paceStart_ + static_cast<Nanos>(static_cast<double>(time - paceOrigin_) / *options_.speed);
}

/// Sleeps until replay time `time` is due. False when stopped.
bool Replay::waitUntilDue(Nanos time) {
  while (!stop_.stop_requested()) {
    if (isDue(time)) return true;
    stage_.lock().waitFor(changed_, stop_.get_token(), dueAt(time) - monotonicNow(), [](Stage) { return false; });
  }
  return false;
}

/// Reads datagrams that are due, and lie before `stop`, into the slice.
void Replay::fill(Slice& slice, Nanos stop) {
  constexpr std::size_t kMost = 2'048;
  slice.clear();
  while (slice.count < kMost && readAhead() && ahead_.time < stop && isDue(ahead_.time)) {
    const unsigned shard =
        ingest::shardOfDatagram(ahead_.payload, ahead_.sender, static_cast<unsigned>(shards_.size()));
    slice.of[shard].push_back({ahead_.time, ordinal_++, ahead_.sender, slice.bytes.size(), ahead_.payload.size()});
    slice.bytes.insert(slice.bytes.end(), ahead_.payload.begin(), ahead_.payload.end());
    reached_ = ahead_.time;
    ++slice.count;
    hasAhead_ = false;
  }
}

/// Has the shards do the slice, and brings them to `reached_`.
void Replay::deal(Slice& slice) {
  slice.until = reached_;
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
  for (ReplayParticipant* participant : participants_) participant->settle(false, stop_.get_token());
}

Nanos Replay::nextStop() {
  Nanos first = INT64_MAX;
  for (std::size_t i = 0; i < participants_.size(); ++i) {
    stops_[i] = participants_[i]->nextStop(reached_, ahead_.time);
    first = std::min(first, stops_[i]);
  }
  return first;
}

/// Those whose time has come have their turn.
void Replay::stand(Nanos time) {
  for (std::size_t i = 0; i < participants_.size(); ++i) {
    if (stops_[i] <= time) participants_[i]->stand(time, stop_.get_token());
  }
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
  (void)fabric_->mailbox().postAlways(std::make_unique<EdgeTask>(all, until, outputs, done));
  done.wait();
}

void Replay::run() {
  Slice slice;
  slice.of.resize(shards_.size());
  while (!stop_.stop_requested() && readAhead()) {
    const Nanos stop = nextStop();
    fill(slice, stop);
    if (slice.count != 0) {
      deal(slice);
      continue;
    }
    // Nothing is due: the clock goes on to where it must stand, paced tick by tick, to the next datagram.
    Nanos next = std::min(stop, ahead_.time);
    if (options_.speed && reached_ != 0) next = std::min(next, (reached_ / Shard::kTick + 1) * Shard::kTick);
    if (!waitUntilDue(next)) return;
    if (next == ahead_.time && next != stop) continue;
    reached_ = std::max(reached_, next);
    deal(slice);
    if (next == stop) stand(reached_);
  }
  for (ReplayParticipant* participant : participants_) participant->settle(true, stop_.get_token());
  if (!stop_.stop_requested()) tellWhatThereWas();
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
