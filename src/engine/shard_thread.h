#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "engine/definitions_slot.h"
#include "engine/mailbox.h"
#include "engine/record_sequencer.h"
#include "engine/relay.h"
#include "engine/shard.h"
#include "enrich/dns_resolver.h"
#include "ingest/udp.h"

namespace weir::engine {

/// The thread that owns one shard. Live it receives its socket's datagrams, and between two batches does what the
/// mailbox holds; in replay it has no socket and the mailbox brings slices of the capture. The fabric shard has no
/// socket in either: the mailbox brings what enters the fabric.
class ShardThread {
 public:
  /// With a receiver the thread is live and publishes what it made itself.
  ShardThread(std::optional<ingest::UdpReceiver> receiver, model::MetricNames& names, RecordSequencer& sequencer,
              std::size_t tableBytes);
  ~ShardThread();
  ShardThread(const ShardThread&) = delete;
  ShardThread& operator=(const ShardThread&) = delete;

  void start();
  /// Where the shard's wishes for host names go; it must outlive the thread. Before start().
  void askNames(enrich::DnsResolver& resolver, unsigned index);
  /// Where what enters the fabric goes; it must outlive the thread, and stop after it. Before start().
  void passEdgeTo(ShardThread& fabric) { fabric_ = &fabric; }
  /// Without a socket, but live: the clock is the system's and the thread publishes itself. Before start().
  void beLive() { live_ = true; }
  /// Ends the thread after the batch at hand. Idempotent.
  void stop();

  [[nodiscard]] Mailbox& mailbox() { return mailbox_; }
  /// The shard adopts these before any task posted later, or newer ones if such come meanwhile. Thread: one at a time.
  void adopt(std::shared_ptr<const Definitions> definitions);
  /// For the prefaulting thread only.
  [[nodiscard]] Arena& arena() { return shard_.arena(); }

 private:
  void run();
  void runLive();
  void runMailbox();
  void passEdge();

  std::optional<ingest::UdpReceiver> receiver_;
  RecordSequencer& sequencer_;
  enrich::DnsResolver* resolver_ = nullptr;
  unsigned index_ = 0;
  ShardThread* fabric_ = nullptr;
  bool live_ = false;
  Shard shard_;
  Relay relay_;
  DefinitionsSlot coming_;
  Mailbox mailbox_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace weir::engine
