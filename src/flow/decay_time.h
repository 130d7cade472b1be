#pragma once
#include <cstdint>

#include "base/time.h"

namespace weir::flow {

/// Time as flow caches see it, made once a datagram and definition.
///
/// Smoothed rates by forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward decay", ICDE 2009): a sample of
/// `amount` at time t adds amount · e^((t−L)/τ) to the weight of its flow, L being a landmark; the rate at `now` is
/// weight · e^(−(now−L)/τ) / τ, which is the rate that each sample
/// makes e^(−Δ/τ) times the rate before it plus amount / τ. Adding never touches other flows, and the order of
/// flows by weight does not change with time. Landmarks lie on a fixed grid of absolute time, so they do not depend on
/// who asks when; a cache moves to a new landmark (one multiplication a flow) when it is touched after one.
struct DecayTime {
  static constexpr double kLandmarkTaus = 16;  ///< distance of landmarks in τ: weights grow to e^16 of an amount
  static constexpr std::uint32_t kTicksPerTau = 2048;
  static constexpr std::uint32_t kTicksPerLandmark = static_cast<std::uint32_t>(kLandmarkTaus) * kTicksPerTau;
  static constexpr std::uint32_t kStaleTicks = 10 * kTicksPerTau;  ///< a flow without a sample for that long is gone
  /// Tick of a landmark, so that what came up to kStaleTicks before it still has a number above 0.
  static constexpr std::uint32_t kFirstTick = kStaleTicks + kTicksPerTau;
  static_assert(kFirstTick + kTicksPerLandmark < 65536);

  DecayTime() = default;
  DecayTime(Nanos now, double tauSeconds);

  std::int64_t landmark = 0;  ///< number of the landmark on the grid
  std::int64_t window = 0;    ///< number of the stretch of time, each one τ long, that now is in
  double gain = 1;            ///< e^((now−L)/τ): an amount times this is its weight
  double rate = 1;            ///< a weight times this is its rate per second now
  std::uint32_t tick = 0;     ///< now, in τ / kTicksPerTau: kFirstTick at the landmark

  /// Rate per second now of a weight that was scaled to this landmark, to the seven digits that weights are kept with.
  [[nodiscard]] double rateOf(double weight) const;
};

}  // namespace weir::flow
