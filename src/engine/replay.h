#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/time.h"
#include "engine/datagram_source.h"
#include "engine/record_sequencer.h"
#include "engine/shard_thread.h"

namespace weir::engine {

/// Feeds datagrams of a source to the shards, paced by the source's own time stamps or as fast as they go, and is the
/// clock meanwhile.
///
/// Deterministic: time never goes back, a datagram belongs to the shard of its agent, all shards finish a slice of time
/// before the next begins, and what they made is put into the one order of Output before it gets ids. Slices may be cut
/// anywhere: their bounds do not show in the result. None reaches over a second, where shards share what they learned.
/// Thread: start, stop, wait from the engine's owner; now() from any.
class Replay {
 public:
  struct Options {
    std::optional<double> speed = 1.0;  ///< times recorded pace; nothing: as fast as it goes
    bool loop = false;
    /// Lets the shards share what they learned from telemetry before `second`, which lies at a multiple of
    /// kShareInterval; called on the driver's thread while no shard has anything to do.
    std::function<void(Nanos second)> share;
  };

  Replay(std::unique_ptr<DatagramSource> source, Options options, std::vector<std::unique_ptr<ShardThread>>& shards,
         ShardThread& fabric, RecordSequencer& sequencer);
  ~Replay();

  void start();
  void stop();
  /// Blocks until the source is at its end (never, with loop) or stop() was called.
  void wait();
  /// Time of the replay: stands still after the last datagram. 0 before the first.
  [[nodiscard]] Nanos now() const { return now_.load(std::memory_order_acquire); }
  [[nodiscard]] bool finished() const { return finished_.load(std::memory_order_acquire); }

 private:
  struct Slice;
  struct SliceTask;
  struct EdgeTask;
  void run();
  bool fill(Slice& slice);
  void deal(Slice& slice);
  void applyEdge(std::vector<EdgeUpdates>& parts, Nanos until, std::vector<Output>& outputs);
  bool waitUntilDue(Nanos time);
  /// A line in the log: how much the source held and what came of it, or a warning that it held no sFlow.
  void tellWhatThereWas();

  std::unique_ptr<DatagramSource> source_;
  Options options_;
  std::vector<std::unique_ptr<ShardThread>>& shards_;
  ShardThread& fabric_;
  RecordSequencer& sequencer_;

  std::atomic<Nanos> now_{0};
  std::atomic<bool> finished_{false};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::thread thread_;

  // of the driver's thread
  TimedDatagram ahead_;  // read, not yet dealt
  bool hasAhead_ = false;
  std::uint64_t ordinal_ = 0;
  bool fabricUsed_ = false;
  Nanos shared_ = 0;  // when shards last shared what they learned
  Nanos shift_ = 0;   // added to the source's times: grows by one round of a loop
  Nanos roundFirst_ = 0, roundLast_ = 0;
  Nanos paceStart_ = 0, paceOrigin_ = 0;  // monotonic and replay time of the first datagram
  std::uint64_t roundDatagrams_ = 0;
};

}  // namespace weir::engine
