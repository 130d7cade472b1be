#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"
#include "base/time.h"

namespace weir::flow {

/// Time as flow caches see it, made once a datagram and definition.
///
/// Smoothed rates by forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward decay", ICDE 2009): a sample of
/// `amount` at time t adds amount · e^((t−L)/τ) to the weight of its flow, L being a landmark; the rate at `now` is
/// weight · e^(−(now−L)/τ) / τ, which is the rate of flows.md 7.2. Adding never touches other flows, and the order of
/// flows by weight does not change with time. Landmarks lie on a fixed grid of absolute time, so they do not depend on
/// who asks when; a cache moves to a new landmark (one multiplication a flow) when it is touched after one.
struct DecayTime {
  static constexpr double kLandmarkTaus = 32;  ///< distance of landmarks in τ: weights grow to e^32 of an amount, and fit a float

  DecayTime() = default;
  DecayTime(Nanos now, double tauSeconds);

  std::int64_t landmark = 0;  ///< number of the landmark on the grid
  double gain = 1;            ///< e^((now−L)/τ): an amount times this is its weight
  double rate = 1;            ///< a weight times this is its rate per second now
  std::uint32_t milliseconds = 0;  ///< now, modulo 2^32 ms
};

/// The largest flows of one flow definition at one data source, in bounded memory whatever the traffic.
///
/// A table of buckets: a key stands in the bucket of its hash. While that has room every flow is counted exactly. When a
/// bucket is full the newcomer takes the place of the lightest flow there, inherits its weight and notes
/// it as its possible error (Space-Saving: Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k
/// elements", ICDT 2005, here per bucket). What is reported is weight − error: never more than the truth, so that no
/// threshold fires on somebody else's traffic. The truth is at most that plus the heaviest weight ever given up.
/// The table doubles while what newcomers inherit exceeds kTolerance of the n-th largest flow, up to its bound: a quiet
/// port holds 16 slots, a busy one as many as its top n need. Decisions depend on this cache's own samples only, never
/// on its neighbours in a shard.
///
/// Owner: one shard; memory from the shard's arena. Thread: the shard's.
///   slot: [weight f64][error f32][last sample, ms u32][key, keySize bytes]     24 bytes for a pair of IPv4 addresses
class FlowCache {
 public:
  struct Shape {
    std::uint32_t keySize = 0;  ///< bytes, a multiple of 8
    std::uint32_t n = 5;        ///< flows reported
    double tau = 2;             ///< seconds
    [[nodiscard]] std::uint32_t stride() const { return 16 + keySize; }
    [[nodiscard]] std::uint32_t maxSlots() const;
  };

  /// What one sample did to its flow. Weights are guaranteed ones (error subtracted).
  struct Change {
    double before = 0;
    double after = 0;
    bool isNew = false;
  };

  struct Flow {
    const std::uint8_t* key;   ///< valid until the cache changes
    double rate;               ///< per second now, guaranteed
    double errorRate;          ///< the true rate is at most rate + errorRate
    std::uint32_t ageMs;       ///< since its last sample
  };

  [[nodiscard]] static std::uint64_t hashKey(const std::uint8_t* key, std::uint32_t size) {
    std::uint64_t h = 0x9e3779b97f4a7c15ULL;
    for (std::uint32_t i = 0; i < size; i += 8) {
      std::uint64_t word;
      std::memcpy(&word, key + i, 8);
      h = mixHash(h, word);
    }
    return h;
  }

  /// Starts fetching the memory that add() will need.
  void prefetch(std::uint64_t hash, const Shape& shape) const {
    if (slots_ == nullptr) return;
    const std::byte* p = at(home(hash), shape.stride());
    __builtin_prefetch(p, 1);
    __builtin_prefetch(p + 64, 1);
  }

  Change add(const std::uint8_t* key, std::uint64_t hash, double amount, const DecayTime& time, const Shape& shape,
             Arena& arena);

  /// The largest flows in order of rate, ties by key bytes: at most `limit`; none that had no sample for 10 τ.
  void top(std::vector<Flow>& out, std::size_t limit, const DecayTime& now, const Shape& shape) const;
  /// Rate of the largest flow, however old: the value of the metric.
  [[nodiscard]] double largest(const DecayTime& now, const Shape& shape) const;

  [[nodiscard]] bool empty() const { return slots_ == nullptr; }
  [[nodiscard]] std::uint32_t capacity() const { return slots_ == nullptr ? 0 : mask_ + 1; }
  /// Gives the memory back.
  void clear(const Shape& shape, Arena& arena);

  static constexpr std::uint32_t kFirstSlots = 16;
  static constexpr std::uint32_t kBucket = 4;  ///< slots; two cache lines for keys of up to 16 bytes
  static constexpr double kTolerance = 0.1;

 private:
  struct Slot {  // view of the first 16 bytes
    double weight;
    float error;
    std::uint32_t lastMs;
  };
  /// First slot of the bucket of a hash.
  [[nodiscard]] std::uint32_t home(std::uint64_t hash) const {
    return static_cast<std::uint32_t>(hash) & mask_ & ~(kBucket - 1);
  }
  [[nodiscard]] std::uint32_t bucketSize() const { return mask_ == 0 ? 1 : kBucket; }
  [[nodiscard]] std::byte* at(std::uint32_t i, std::uint32_t stride) const {
    return slots_ + static_cast<std::size_t>(i) * stride;
  }
  [[nodiscard]] double scaleTo(const DecayTime& time) const;
  bool allocate(std::uint32_t slots, const Shape& shape, Arena& arena);
  void rebuild(std::uint32_t slots, double scale, std::uint32_t nowMs, const Shape& shape, Arena& arena);
  void moveLandmark(const DecayTime& time, const Shape& shape, Arena& arena);
  void onEviction(double inherited, const DecayTime& time, const Shape& shape, Arena& arena);
  [[nodiscard]] double nthWeight(const Shape& shape) const;
  Change addNew(std::uint32_t bucket, const std::uint8_t* key, double weight, const DecayTime& time, const Shape& shape,
                Arena& arena);

  std::byte* slots_ = nullptr;
  std::uint32_t mask_ = 0;
  std::uint32_t evictions_ = 0;   // since the last look at the size
  std::int64_t landmark_ = 0;
  double inherited_ = 0;          // weight inherited in those evictions
  double lost_ = 0;               // the heaviest weight given up so far: what a flow can have lost
};

}  // namespace weir::flow
