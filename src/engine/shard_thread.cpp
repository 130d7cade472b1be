#include "engine/shard_thread.h"

#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <time.h>

namespace weir::engine {

namespace {

/// At a high rate of datagrams a thread that sleeps until the next one wakes for each; letting some gather costs little
/// latency and saves most of the wake-ups. Below kBusyPerSecond nothing waits.
class Pacing {
 public:
  static constexpr double kBusyPerSecond = 20'000;
  static constexpr long kNapNanos = 100'000;

  /// True when the next receive should be put off by a nap, `received` datagrams after the last one.
  bool napAfter(std::size_t received, Nanos now) {
    count_ += received;
    if (now - since_ >= 10 * kMillisecond) {
      const double perSecond = static_cast<double>(count_) / secondsFromNanos(now - since_);
      busy_ = perSecond > kBusyPerSecond;
      since_ = now;
      count_ = 0;
    }
    return busy_ && received < 32;
  }

 private:
  Nanos since_ = 0;
  std::size_t count_ = 0;
  bool busy_ = false;
};

}  // namespace

ShardThread::ShardThread(std::optional<ingest::UdpReceiver> receiver, model::MetricNames& names, Collector& collector)
    : receiver_(std::move(receiver)), collector_(collector), shard_(names) {}

ShardThread::~ShardThread() { stop(); }

void ShardThread::start() {
  thread_ = std::thread([this] { run(); });
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
  Pacing pacing;
  Nanos lookAtDrops = 0;
  pollfd waits[2] = {{receiver_->fd(), POLLIN, 0}, {mailbox_.fd(), POLLIN, 0}};
  while (!stopping_.load(std::memory_order_acquire)) {
    const auto datagrams = receiver_->receive();
    const Nanos now = systemNow();
    for (const auto& d : datagrams) shard_.datagram(d.payload, d, now, 0);
    shard_.flush();
    shard_.advance(now);
    if (now >= lookAtDrops) {
      shard_.figures().kernelDrops = receiver_->kernelDrops();
      lookAtDrops = now + Shard::kTick;
    }
    collector_.publish(shard_.outputs());
    const bool worked = mailbox_.run(shard_);
    if (pacing.napAfter(datagrams.size(), now)) {
      const timespec nap{0, Pacing::kNapNanos};
      clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, nullptr);
      continue;
    }
    if (!datagrams.empty() || worked) continue;
    const auto untilTick = static_cast<int>((Shard::kTick - now % Shard::kTick) / kMillisecond) + 1;
    ::poll(waits, 2, untilTick);
    if ((waits[1].revents & POLLIN) != 0) mailbox_.drain();
  }
}

void ShardThread::runMailbox() {
  pollfd wait{mailbox_.fd(), POLLIN, 0};
  while (!stopping_.load(std::memory_order_acquire)) {
    if (mailbox_.run(shard_)) continue;
    ::poll(&wait, 1, -1);
    if ((wait.revents & POLLIN) != 0) mailbox_.drain();
  }
}

}  // namespace weir::engine
