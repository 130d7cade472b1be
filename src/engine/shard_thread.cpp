#include "engine/shard_thread.h"

#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <utility>

#include "ingest/pacer.h"

namespace weir::engine {

namespace {

/// Has the shard adopt what waits for it.
struct AdoptTask : ShardTask {
  explicit AdoptTask(DefinitionsSlot& s) : slot(s) {}
  bool step(Shard& shard) override {
    shard.adopt(slot.take());
    return true;
  }
  DefinitionsSlot& slot;
};

/// What entered the fabric, on its way to the fabric shard.
struct EdgeTask : ShardTask {
  explicit EdgeTask(EdgeUpdates u) : updates(std::move(u)) {}
  bool step(Shard& shard) override {
    constexpr std::size_t kAtOnce = 512;
    const std::size_t first = std::exchange(next, std::min(next + kAtOnce, updates.updates.size()));
    shard.apply(updates, first, next);
    shard.flush();
    return next == updates.updates.size();
  }
  EdgeUpdates updates;
  std::size_t next = 0;
};

}  // namespace

ShardThread::ShardThread(std::optional<ingest::UdpReceiver> receiver, model::MetricNames& names,
                         RecordSequencer& sequencer, std::size_t tableBytes)
    : receiver_(std::move(receiver)), sequencer_(sequencer), shard_(names, tableBytes) {
  if (sequencer_.exports()) shard_.allowExport();
  if (receiver_) shard_.beLive();
}

ShardThread::~ShardThread() {
  stop();
}

void ShardThread::start() {
  thread_ = std::thread([this] { run(); });
}

void ShardThread::adopt(std::shared_ptr<const Definitions> definitions) {
  if (coming_.put(std::move(definitions))) (void)mailbox_.postAlways(std::make_unique<AdoptTask>(coming_));
}

void ShardThread::askNames(enrich::DnsResolver& resolver, unsigned index) {
  resolver_ = &resolver;
  index_ = index;
  shard_.allowNames();
}

void ShardThread::stop() {
  stopping_.store(true, std::memory_order_release);
  mailbox_.wake();
  if (thread_.joinable()) thread_.join();
  mailbox_.close();
}

void ShardThread::run() {
  pthread_setname_np(pthread_self(), "weir-shard");
  prctl(PR_SET_TIMERSLACK, 1'000UL, 0, 0, 0);
  if (receiver_) {
    runLive();
  } else {
    runMailbox();
  }
}

void ShardThread::runLive() {
  ingest::BatchPacer pacer;
  std::size_t received = 0;
  Nanos lookAtDrops = 0;
  constexpr unsigned kBatchesATurn = 8;
  unsigned fullBatches = 0;
  pollfd waits[2] = {{receiver_->fd(), POLLIN, 0}, {mailbox_.fd(), POLLIN, 0}};
  while (!stopping_.load(std::memory_order_acquire)) {
    const auto datagrams = receiver_->receive();
    const Nanos now = systemNow();
    shard_.setTimeOfDay(timeOfDayOffset());
    for (const auto& d : datagrams) shard_.datagram(d.payload, d, now, 0);
    shard_.flush();
    shard_.advance(now);
    if (const auto& relays = shard_.definitions().forwarding; !relays.empty() && !datagrams.empty()) {
      relay_.send(relays, datagrams, shard_.figures());
    }
    if (now >= lookAtDrops) {
      shard_.figures().kernelDrops = receiver_->kernelDrops();
      shard_.figures().receiveErrors = receiver_->receiveErrors();
      lookAtDrops = now + Shard::kTick;
    }
    sequencer_.publish(shard_.outputs());
    if (!shard_.edge().empty()) passEdge();
    if (auto* names = shard_.names(); names != nullptr && names->wants()) resolver_->ask(index_, names->takeWanted());
    // While batches come full the socket is behind: queries have a turn now and then only.
    const bool behind = datagrams.size() == ingest::UdpReceiver::kBatch && ++fullBatches % kBatchesATurn != 0;
    const bool worked = !behind && mailbox_.run(shard_);
    received += datagrams.size();
    if (datagrams.size() < ingest::UdpReceiver::kBatch) {
      // At a high rate, let datagrams gather; the mailbox still wakes us.
      if (const Nanos pause = pacer.pause(std::exchange(received, 0), monotonicNow()); pause > 0) {
        const timespec time{0, pause};
        ::ppoll(&waits[1], 1, &time, nullptr);
        if ((waits[1].revents & POLLIN) != 0) mailbox_.drain();
        continue;
      }
    }
    if (!datagrams.empty() || worked) continue;
    const auto untilTick = static_cast<int>((Shard::kTick - now % Shard::kTick) / kMillisecond) + 1;
    ::poll(waits, 2, untilTick);
    if ((waits[1].revents & POLLIN) != 0) mailbox_.drain();
  }
}

void ShardThread::passEdge() {
  constexpr std::size_t kMaxWaiting = 64;  // batches: the fabric shard has less to do with each than we had
  EdgeUpdates passed = std::exchange(shard_.edge(), {});
  const std::size_t count = passed.updates.size();
  // As large as this one: the next batch costs no allocation for each time that it grows.
  shard_.edge().updates.reserve(count);
  shard_.edge().keys.reserve(passed.keys.size());
  shard_.edge().values.reserve(passed.values.size());
  if (!fabric_->mailbox().post(std::make_unique<EdgeTask>(std::move(passed)), kMaxWaiting)) {
    shard_.figures().refusedEdge += count;
  }
}

void ShardThread::runMailbox() {
  pollfd wait{mailbox_.fd(), POLLIN, 0};
  while (!stopping_.load(std::memory_order_acquire)) {
    const bool worked = mailbox_.run(shard_);
    int untilTick = -1;
    if (live_ && shard_.keepsFabric()) {
      const Nanos now = systemNow();
      shard_.setTimeOfDay(timeOfDayOffset());
      shard_.advance(now);
      sequencer_.publish(shard_.outputs());
      untilTick = static_cast<int>((Shard::kTick - now % Shard::kTick) / kMillisecond) + 1;
    }
    if (worked) continue;
    ::poll(&wait, 1, untilTick);
    if ((wait.revents & POLLIN) != 0) mailbox_.drain();
  }
}

}  // namespace weir::engine
