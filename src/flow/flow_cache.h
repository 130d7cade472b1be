#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"
#include "base/time.h"
#include "flow/decay_time.h"
#include "flow/value_cells.h"

namespace weir::flow {

/// A key as a cache looks for it. `hash` says where; `word` says whether it is the same: of a key of up to 8 octets the
/// key itself, of a longer one 64 bits made with a secret of the process. Two longer keys that meet in a place (one of
/// thousands) would be taken for one with a probability of 2^-64, and an outsider cannot construct two such keys. What
/// a cache does depends on `hash` alone, which is the same in every run.
struct KeyId {
  std::uint64_t hash;
  std::uint64_t word;

  /// `size`: a multiple of 8.
  [[nodiscard]] static KeyId of(const std::uint8_t* key, std::uint32_t size) {
    std::uint64_t first = 0;
    if (size != 0) std::memcpy(&first, key, 8);
    KeyId id{mixHash(0x9e3779b97f4a7c15ULL, first), first};
    if (size > 8) id.word = fold(first ^ secret[0], 0);
    for (std::uint32_t i = 8; i < size; i += 8) {
      std::uint64_t next;
      std::memcpy(&next, key + i, 8);
      id.hash = mixHash(id.hash, next);
      id.word = fold(id.word, next);
    }
    return id;
  }

 private:
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const auto m = static_cast<Uint128>(a) * (b ^ secret[1]);
    return static_cast<std::uint64_t>(m) ^ static_cast<std::uint64_t>(m >> 64);
  }
  static const std::uint64_t secret[2];
};

/// The largest flows of one flow definition at one data source, in bounded memory whatever the traffic.
///
/// A table of buckets of one cache line: a key stands in the bucket of its hash. While that has room every flow is
/// counted exactly. When it is full the newcomer takes the place of the lightest flow there and notes that flow's
/// weight as its own possible error (Space-Saving: Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and
/// top-k elements in data streams", ICDT 2005, here per bucket; own weight and error, whose sum is its counter, are
/// kept apart). What is reported is the own weight: never more than the truth, so no threshold fires on another flow's
/// traffic. The truth is at most that plus the flow's error plus what the table gave up without an heir. The
/// table doubles while it has no room for n flows, and while what newcomers inherit exceeds kTolerance of the n-th
/// largest flow, up to its bound: a quiet port holds 16 slots, a busy one as many as its top n need. Decisions depend
/// on this cache's own samples only, never on its neighbours in a shard.
///
/// Owner: one shard; memory from the shard's arena. Thread: the shard's.
///   slot: [word u64][own weight f32][error, upper half of an f32, u16][last sample, tick u16]       4 a bucket
///   keys longer than 8 octets stand behind all slots, in their order; they are read by questions and rebuilds only.
///   Behind them stand the cells (value_cells.h) of definitions that keep more than a weight, in the same order.
/// Where the value of a definition is a function such as avg:, the weight is that of its frames: it says which flows
/// stay, and the order of what is reported is that of the function's value.
class FlowCache {
 public:
  struct Shape {
    std::uint32_t keySize = 0;          ///< bytes, a multiple of 8
    std::uint32_t n = 5;                ///< flows reported
    double tau = 2;                     ///< seconds
    const ValueCells* cells = nullptr;  ///< what is kept beside the weight; must outlive the cache
    bool valueIsCell = false;           ///< the value is cell 0, not the rate of the weight
    [[nodiscard]] std::uint32_t keyStride() const { return keySize > 8 ? keySize : 0; }
    [[nodiscard]] std::uint32_t cellWords() const { return cells == nullptr ? 0 : cells->words(); }
    /// Seconds after its last sample for which a flow is shown.
    [[nodiscard]] double lifetime() const { return tau * DecayTime::kStaleTicks / DecayTime::kTicksPerTau; }
    /// Octets of all that a flow takes.
    [[nodiscard]] std::size_t stride() const { return 16 + keyStride() + std::size_t{8} * cellWords(); }
    [[nodiscard]] std::uint32_t maxSlots() const;
  };

  /// What adding needs besides the key.
  struct Context {
    const DecayTime& time;
    const Shape& shape;
    Arena& arena;
  };

  struct Flow {
    const std::uint8_t* key = nullptr;     ///< valid until the cache changes
    double value = 0;                      ///< rate per second now, guaranteed; where valueIsCell, the function's value
    double errorRate = 0;                  ///< a true rate is at most value + errorRate
    double age = 0;                        ///< seconds since its last sample, to τ / 2048
    const std::uint64_t* cells = nullptr;  ///< of definitions that have some; valid until the cache changes
  };

  /// Starts fetching the memory that add() will need.
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(slots_ + home(hash), 1); }

  /// Counts one sample. The flow's own weight with it, 0 where it could not be counted.
  float add(const std::uint8_t* key, KeyId id, double amount, const Context& c) {
    const Slot* const slot = place(key, id, amount, c);
    return slot == nullptr ? 0 : slot->own;
  }
  /// The same for a definition that has cells: those of the flow, and its own weight. nullptr where the sample could
  /// not be counted.
  std::uint64_t* addForCells(const std::uint8_t* key, KeyId id, double amount, const Context& c, float& weight) {
    const Slot* const slot = place(key, id, amount, c);
    if (slot == nullptr) return nullptr;
    weight = slot->own;
    return cellsAt(static_cast<std::uint32_t>(slot - slots_), c.shape);
  }

  /// The largest flows in order of value, ties by key bytes: at most `limit`; none that had no sample for 10 τ.
  void top(std::vector<Flow>& out, std::size_t limit, const DecayTime& now, const Shape& shape) const;
  /// Calls visit(key, value) for all flows that top() chooses from, in no order. `value` as there.
  template <class Visit>
  void forEach(const DecayTime& now, const Shape& shape, Visit&& visit) const {
    const double scale = scaleTo(now);
    for (std::uint32_t i = 0; i < capacity(); ++i) {
      if (!isShown(slots_[i], now)) continue;
      const double value = measureOf(i, now, shape, scale);
      visit(keyOf(i, shape), shape.valueIsCell ? value : now.rateOf(value));
    }
  }
  /// A value of a flow of top(): cell `index`.
  [[nodiscard]] ValueCells::Reading read(const Flow& flow, std::size_t index, const DecayTime& now,
                                         const Shape& shape) const {
    return shape.cells->read(flow.cells, index, now, scaleTo(now));
  }
  /// The value of the largest flow, of a rate however old: the value of the metric.
  [[nodiscard]] double largest(const DecayTime& now, const Shape& shape) const;

  [[nodiscard]] bool empty() const { return slots_ == nullptr; }
  [[nodiscard]] std::uint32_t capacity() const { return slots_ == nullptr ? 0 : mask_ + kBucket; }
  /// Gives the memory back.
  void clear(const Shape& shape, Arena& arena);

  static constexpr std::uint32_t kBucket = 4;  ///< slots: one cache line
  static constexpr std::uint32_t kFirstSlots = 16;
  /// Slots in which `flows` flows find room: with half a flow a bucket on average, one bucket in 6,000 is too small.
  [[nodiscard]] static constexpr std::uint32_t roomFor(std::uint32_t flows) { return std::bit_ceil(8 * flows); }
  static constexpr double kTolerance = 0.1;
  static constexpr double kMaxWeight = 1e30;  ///< of one sample: a float holds the sum of 10^8 of them

 private:
  struct Slot {
    std::uint64_t word;
    float own;  ///< 0: vacant, and then all is 0; a key that is all zero has word 0, too
    std::uint16_t error;
    std::uint16_t last;

    [[nodiscard]] float errorWeight() const { return std::bit_cast<float>(static_cast<std::uint32_t>(error) << 16); }
    /// Space-Saving's counter.
    [[nodiscard]] float total() const { return own + errorWeight(); }
  };
  static_assert(sizeof(Slot) * kBucket == 64);

  /// First slot of the bucket of a hash.
  [[nodiscard]] std::uint32_t home(std::uint64_t hash) const { return static_cast<std::uint32_t>(hash) & mask_; }
  [[nodiscard]] std::uint8_t* keyAt(std::uint32_t i, const Shape& shape) const {
    return reinterpret_cast<std::uint8_t*>(slots_ + capacity()) + std::size_t{i} * shape.keySize;
  }
  [[nodiscard]] const std::uint8_t* keyOf(std::uint32_t i, const Shape& shape) const {
    return shape.keySize > 8 ? keyAt(i, shape) : reinterpret_cast<const std::uint8_t*>(&slots_[i].word);
  }
  [[nodiscard]] std::uint64_t* cellsAt(std::uint32_t i, const Shape& shape) const {
    auto* const cells = reinterpret_cast<std::uint64_t*>(reinterpret_cast<std::uint8_t*>(slots_ + capacity()) +
                                                         std::size_t{capacity()} * shape.keyStride());
    return cells + std::size_t{i} * shape.cellWords();
  }
  /// Whether a slot has a flow that had a sample in the last 10 τ.
  [[nodiscard]] bool isShown(const Slot& slot, const DecayTime& now) const {
    return slot.own > 0 && age(slot, now) <= DecayTime::kStaleTicks;
  }
  /// What the order of flows is that of: the weight, or the function's value.
  [[nodiscard]] double measureOf(std::uint32_t i, const DecayTime& now, const Shape& shape, double scale) const {
    return shape.valueIsCell ? shape.cells->read(cellsAt(i, shape), 0, now, scale).value : slots_[i].own * scale;
  }
  [[nodiscard]] double scaleTo(const DecayTime& time) const;
  /// Ticks since a slot's last sample; 0 when that came after the question.
  [[nodiscard]] std::uint32_t age(const Slot& slot, const DecayTime& now) const;
  bool prepare(const Context& c);
  bool allocate(std::uint32_t slots, const Shape& shape, Arena& arena);
  /// Gives back what the cells of a flow that goes hold.
  void releaseCells(std::uint32_t i, const Shape& shape, Arena& arena) const;
  /// With `keepAll` not where a flow would find no room.
  bool rebuild(std::uint32_t slots, const Shape& shape, Arena& arena, bool keepAll = false);
  bool hasRoomFor(const FlowCache& old, const Shape& shape);
  [[nodiscard]] bool mayWiden(std::uint32_t n) const;
  void moveLandmark(const DecayTime& time, const Shape& shape, Arena& arena);
  bool grow(const Context& c);
  /// The slot of the smallest counter, a vacant one first.
  static Slot* lightest(Slot* bucket);
  /// The slot of a flow, its sample counted; nullptr where there is no memory or the amount is 0.
  Slot* place(const std::uint8_t* key, KeyId id, double amount, const Context& c) {
    if (slots_ == nullptr || landmark_ != c.time.landmark) {
      if (!prepare(c)) return nullptr;
    }
    const auto weight = static_cast<float>(std::min(amount * c.time.gain, kMaxWeight));
    Slot* const bucket = slots_ + home(id.hash);
    // Where in the bucket a flow stands cannot be foretold: no branch depends on it.
    static_assert(kBucket == 4);
    unsigned matches =
        static_cast<unsigned>(bucket[0].word == id.word) | static_cast<unsigned>(bucket[1].word == id.word) << 1 |
        static_cast<unsigned>(bucket[2].word == id.word) << 2 | static_cast<unsigned>(bucket[3].word == id.word) << 3;
    // More than one only where the key is all zero: vacant slots have such a word, too.
    for (; matches != 0; matches &= matches - 1) {
      Slot& slot = bucket[std::countr_zero(matches)];
      if (slot.own > 0) {
        slot.last = static_cast<std::uint16_t>(c.time.tick);
        slot.own += weight;
        return &slot;
      }
    }
    return addNew(bucket, key, id, weight, c);
  }
  Slot* addNew(Slot* bucket, const std::uint8_t* key, KeyId id, float weight, const Context& c);

  Slot* slots_ = nullptr;
  std::uint32_t mask_ = 0;       // of the first slots of buckets: capacity − kBucket
  std::uint32_t evictions_ = 0;  // since the last look at the size
  std::int64_t landmark_ = 0;
  float inherited_ = 0;  // weight inherited in those evictions
  float lost_ = 0;       // the most that a flow that finds a vacant slot can have lost before
};

}  // namespace weir::flow
