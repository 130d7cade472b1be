#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/time.h"
#include "engine/datagram_source.h"
#include "engine/record_sequencer.h"
#include "engine/replay_participant.h"
#include "engine/shard_thread.h"

namespace weir::engine {

/// Feeds datagrams of a source to the shards, paced by the source's own time stamps or as fast as they go, and is the
/// clock meanwhile.
///
/// Deterministic: time never goes back, a datagram belongs to the shard of its agent, all shards finish a slice of time
/// before the next begins, and what they made is put into the one order of Output before it gets ids. Slices may be cut
/// anywhere: their bounds do not show in the result. None reaches over a time at which a participant wants the clock to
/// stand.
/// Thread: start and stop from the engine's owner; the others from any.
class Replay {
 public:
  struct Options {
    std::optional<double> speed = 1.0;  ///< times recorded pace; nothing: as fast as it goes
    bool loop = false;
  };

  /// The shards are there when start() is called. Participants have their turn in this order, and outlive the replay.
  Replay(std::unique_ptr<DatagramSource> source, Options options, std::vector<std::unique_ptr<ShardThread>>& shards,
         const std::unique_ptr<ShardThread>& fabric, RecordSequencer& sequencer,
         std::vector<ReplayParticipant*> participants);
  ~Replay();

  void start();
  void stop();
  /// Blocks until the source is at its end (never, with loop) or stop() was called. At once before start().
  void wait();
  /// Time of the replay: stands still after the last datagram. 0 before the first.
  [[nodiscard]] Nanos now() const { return now_.load(std::memory_order_acquire); }
  [[nodiscard]] bool finished() const { return *stage_.lock() == Stage::finished; }

 private:
  enum class Stage : std::uint8_t { notStarted, running, finished };
  struct Slice;
  struct SliceTask;
  struct EdgeTask;
  void run();
  bool readAhead();
  [[nodiscard]] Nanos dueAt(Nanos time) const;
  [[nodiscard]] bool isDue(Nanos time) const { return !options_.speed || dueAt(time) <= monotonicNow(); }
  void fill(Slice& slice, Nanos stop);
  void deal(Slice& slice);
  Nanos nextStop();
  void stand(Nanos time);
  void applyEdge(std::vector<EdgeUpdates>& parts, Nanos until, std::vector<Output>& outputs);
  bool waitUntilDue(Nanos time);
  /// A line in the log: how much the source held and what came of it, or a warning that it held no sFlow.
  void tellWhatThereWas();

  std::unique_ptr<DatagramSource> source_;
  Options options_;
  std::vector<std::unique_ptr<ShardThread>>& shards_;
  const std::unique_ptr<ShardThread>& fabric_;
  RecordSequencer& sequencer_;
  const std::vector<ReplayParticipant*> participants_;

  std::atomic<Nanos> now_{0};
  Guarded<Stage> stage_;
  std::condition_variable_any changed_;
  std::stop_source stop_;
  std::thread thread_;

  // of the driver's thread
  TimedDatagram ahead_;  // read, not yet dealt
  bool hasAhead_ = false;
  std::uint64_t ordinal_ = 0;
  bool fabricUsed_ = false;
  std::vector<Nanos> stops_;  // of participants_, as nextStop() heard them
  Nanos reached_ = 0;         // what the shards have been brought to, or are with the slice at hand
  Nanos shift_ = 0;           // added to the source's times: grows by one round of a loop
  Nanos roundFirst_ = 0, roundLast_ = 0;
  Nanos paceStart_ = 0, paceOrigin_ = 0;  // monotonic and replay time of the first datagram
  std::uint64_t roundDatagrams_ = 0;
};

}  // namespace weir::engine
