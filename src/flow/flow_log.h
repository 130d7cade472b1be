#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/arena.h"
#include "base/time.h"
#include "flow/value_cells.h"
#include "ipfix/elements.h"

namespace weir::flow {

/// The open flow records of one logging definition at one data source: totals, not rates, and what the
/// value functions make of all samples of a record.
///
/// A record opens with the first sample of its key and ends when the key was idle for max(2 τ, 5 s) or the record is
/// activeTimeout old; a key that goes on opens the next one. With flowStart it is emitted when it opens, and never
/// again. Ends are looked for on ticks of the engine's clock; a table remembers the earliest time at which one can be
/// due, so a tick costs nothing for the others. A look through a large table takes several ticks, of kLook slots each,
/// so that no tick holds up the shard: a record of the largest ends up to eight ticks after it was due. After a look a
/// table that is mostly empty gets smaller, and an empty one gives its memory back. Bounded: at kMaxFlows open records
/// a new key ends the oldest of its window early. Owner: one shard. Thread: the shard's.
class FlowLogTable {
 public:
  struct Shape {
    std::uint32_t keySize = 0;
    Nanos idle = 5 * kSecond;
    Nanos active = 60 * kSecond;
    bool flowStart = false;
    const ValueCells* cells = nullptr;  ///< must outlive the table
    [[nodiscard]] std::uint32_t cellWords() const { return cells == nullptr ? 0 : cells->words(); }
    [[nodiscard]] std::uint32_t stride() const { return 32 + keySize + 8 * cellWords(); }
  };
  /// One sample of a flow.
  struct Update {
    const std::uint8_t* key;
    std::uint64_t hash;
    double amount;
    const SampleValue* values = nullptr;  ///< of the cells
    double weight = 1;                    ///< samples it stands for
  };
  struct Record {
    const std::uint8_t* key;  ///< valid inside the call
    Nanos start = 0;
    Nanos end = 0;                         ///< last sample
    double total = 0;                      ///< estimated total over the record (bytes, frames, …)
    const std::uint64_t* cells = nullptr;  ///< valid inside the call
    ipfix::FlowEnd why = ipfix::FlowEnd::open;
    /// A value of the cells over the whole record: of a rate, its total.
    [[nodiscard]] double read(const ValueCells& layout, std::size_t index) const {
      return layout.read(cells, index, kWholeRecord, 1).value;
    }
  };
  static constexpr DecayTime kWholeRecord{};
  static constexpr std::uint32_t kMaxFlows = 65'536;
  static constexpr std::uint32_t kWindow = 16;
  static constexpr std::uint32_t kLook = 8'192;  ///< slots looked at in one tick

  /// `emit(Record)` is called for a record that starts (flowStart) or had to end early.
  template <class Emit>
  void add(const Update& update, Nanos now, const Shape& shape, Arena& arena, Emit&& emit) {
    if (slots_ == nullptr && !allocate(kFirst, shape, arena)) return;
    while (true) {
      const std::uint32_t home = static_cast<std::uint32_t>(update.hash) & mask_;
      Slot* vacant = nullptr;
      Slot* oldest = nullptr;
      for (std::uint32_t i = 0; i < kWindow; ++i) {
        Slot* s = at((home + i) & mask_, shape);
        if (s->used == 0) {
          if (vacant == nullptr) vacant = s;
          continue;
        }
        if (std::memcmp(keyOf(s), update.key, shape.keySize) == 0) {
          count(s, update, now, shape, arena);
          return;
        }
        if (oldest == nullptr || s->last < oldest->last) oldest = s;
      }
      if (vacant == nullptr && mask_ + 1 < kMaxFlows && grow(shape, arena)) continue;
      if (vacant == nullptr) {
        if (!shape.flowStart) emit(recordOf(oldest, shape, ipfix::FlowEnd::noRoom));
        vacant = oldest;
        end(oldest, shape, arena);
      }
      *vacant = {now, now, 0, 1};
      std::memcpy(keyOf(vacant), update.key, shape.keySize);
      if (shape.cells != nullptr) shape.cells->init(cellsOf(vacant, shape));
      count(vacant, update, now, shape, arena);
      ++open_;
      const Nanos due = now + (shape.idle < shape.active ? shape.idle : shape.active);
      expect(due);
      if (shape.flowStart) emit(recordOf(vacant, shape, ipfix::FlowEnd::open));
      return;
    }
  }

  /// Ends what is due at `now`, or begins or goes on to look for it; emits in the order of the table (the caller orders
  /// its output).
  template <class Emit>
  void tick(Nanos now, const Shape& shape, Arena& arena, Emit&& emit) {
    if (open_ == 0 || now < nextDue_) return;
    if (looked_ == 0) dueAfter_ = INT64_MAX;
    const std::uint32_t until = looked_ + (mask_ < kLook ? mask_ + 1 : kLook);
    for (; looked_ < until; ++looked_) {
      Slot* s = at(looked_, shape);
      if (s->used == 0) continue;
      const Nanos idleEnd = s->last + shape.idle;
      const Nanos activeEnd = s->start + shape.active;
      const Nanos due = idleEnd < activeEnd ? idleEnd : activeEnd;
      if (due <= now) {
        const auto why = idleEnd < activeEnd ? ipfix::FlowEnd::idle : ipfix::FlowEnd::active;
        if (!shape.flowStart) emit(recordOf(s, shape, why));
        end(s, shape, arena);
      } else if (due < dueAfter_) {
        dueAfter_ = due;
      }
    }
    nextDue_ = now + 1;  // goes on in the next tick
    if (looked_ <= mask_ && open_ != 0) return;
    looked_ = 0;
    nextDue_ = dueAfter_;
    fit(shape, arena);
  }

  [[nodiscard]] std::uint32_t open() const { return open_; }
  [[nodiscard]] std::uint32_t capacity() const { return slots_ == nullptr ? 0 : mask_ + 1; }
  /// Earliest time at which a tick has something to do; INT64_MAX when no record is open.
  [[nodiscard]] Nanos nextDue() const { return open_ == 0 ? INT64_MAX : nextDue_; }
  void clear(const Shape& shape, Arena& arena);

 private:
  static constexpr std::uint32_t kFirst = 32;
  struct Slot {
    Nanos start;
    Nanos last;
    double total;
    std::uint64_t used;  // 0: vacant
  };
  static std::uint8_t* keyOf(Slot* s) { return reinterpret_cast<std::uint8_t*>(s) + sizeof(Slot); }
  Slot* at(std::uint32_t i, const Shape& shape) const {
    return reinterpret_cast<Slot*>(slots_ + static_cast<std::size_t>(i) * shape.stride());
  }
  static std::uint64_t* cellsOf(Slot* s, const Shape& shape) {
    return reinterpret_cast<std::uint64_t*>(keyOf(s) + shape.keySize);
  }
  static Record recordOf(Slot* s, const Shape& shape, ipfix::FlowEnd why) {
    return {keyOf(s), s->start, s->last, s->total, cellsOf(s, shape), why};
  }
  static void count(Slot* s, const Update& update, Nanos now, const Shape& shape, Arena& arena) {
    s->total += update.amount;
    s->last = now;
    if (shape.cells != nullptr) {
      shape.cells->add(cellsOf(s, shape), update.values, update.weight, kWholeRecord, arena);
    }
  }
  void end(Slot* s, const Shape& shape, Arena& arena) {
    if (shape.cells != nullptr) shape.cells->release(cellsOf(s, shape), arena);
    s->used = 0;
    --open_;
  }
  void giveBack(const Shape& shape, Arena& arena);
  void expect(Nanos due) {
    if (due < nextDue_) nextDue_ = due;
    if (due < dueAfter_) dueAfter_ = due;
  }
  bool allocate(std::uint32_t slots, const Shape& shape, Arena& arena);
  /// Moves all records to a table of `slots` slots. False: a window of it does not take them all, or there is no
  /// memory.
  bool moveTo(std::uint32_t slots, const Shape& shape, Arena& arena);
  bool grow(const Shape& shape, Arena& arena);
  /// Makes a table smaller that is mostly empty.
  void fit(const Shape& shape, Arena& arena);

  std::byte* slots_ = nullptr;
  std::uint32_t mask_ = 0;
  std::uint32_t open_ = 0;
  std::uint32_t looked_ = 0;  // slots that the look that is under way has seen
  Nanos nextDue_ = INT64_MAX;
  Nanos dueAfter_ = INT64_MAX;  // earliest of what that look left open, and of what opened since it began
};

}  // namespace weir::flow
