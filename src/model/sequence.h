#pragma once
#include <cstdint>
#include <optional>

namespace weir::model {

/// What the sequence numbers of a stream, or of all streams of an agent, told (docs/rest.md, "Agent").
struct SequenceCounts {
  std::uint64_t lost = 0;  ///< numbers passed over and not seen later
  std::uint64_t outOfOrder = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t restarts = 0;
};

/// What one sequence number means for what came with it.
enum class SequenceStep : std::uint8_t {
  first,       ///< nothing to compare with
  next,        ///< in order
  gap,         ///< in order, with others lost before it
  outOfOrder,  ///< late: counted, its content is older than what is known
  duplicate,   ///< seen before
  restart,     ///< the sender began anew: nothing before is comparable
  untracked,   ///< the sender does not count (always 0 or always 1)
};
/// What came is not newer than what is known: counters must not be applied.
[[nodiscard]] constexpr bool isStale(SequenceStep step) {
  return step == SequenceStep::outOfOrder || step == SequenceStep::duplicate;
}

/// Sequence numbers of one stream: datagrams of a sub-agent, or flow or counter samples of a data source
/// (sFlow version 5, sequence_number). Modulo 2^32. Twelve octets. Thread: its owner's.
class SequenceTracker {
 public:
  /// Steps back by so many are reordering, and further ones a restart.
  static constexpr std::uint32_t kReordering = 16;
  /// Steps forward beyond this are a restart: a stream that loses thousands in a row does not continue.
  static constexpr std::uint32_t kLargestGap = 4096;

  /// `restarted`: the sender is known to have started anew (UptimeTracker). Adds to `counts`.
  SequenceStep note(std::uint32_t sequence, SequenceCounts& counts, bool restarted = false);

 private:
  SequenceStep begin(std::uint32_t sequence, SequenceStep step);

  std::uint32_t last_ = 0;
  std::uint32_t seen_ = 0;  // bit i: last_ - i was seen
  std::uint8_t age_ = 0;    // numbers since the first, at most 32
  bool started_ = false;
};

/// Milliseconds from one uptime to a later one, or nothing when the second is smaller: a restart. A smaller one within
/// an hour after the end of the range is the wrap after 49.7 days.
[[nodiscard]] std::optional<std::uint32_t> uptimeAdvance(std::uint32_t from, std::uint32_t to);

/// Says from the uptimes of a sub-agent's datagrams when it started anew. Datagrams that overtook each other differ by
/// milliseconds, so a small step back is not a restart.
class UptimeTracker {
 public:
  static constexpr std::uint32_t kToleranceMs = 2000;
  bool restarted(std::uint32_t uptimeMs);

 private:
  std::uint32_t last_ = 0;
  bool started_ = false;
};

}  // namespace weir::model
