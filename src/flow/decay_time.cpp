#include "flow/decay_time.h"

#include <algorithm>
#include <cmath>

namespace weir::flow {

DecayTime::DecayTime(Nanos now, double tauSeconds) {
  const auto step = static_cast<Nanos>(kLandmarkTaus * tauSeconds * 1e9);
  landmark = now / step - (now % step < 0 ? 1 : 0);
  const double taus = static_cast<double>(now - landmark * step) / (tauSeconds * 1e9);
  window = landmark * static_cast<std::int64_t>(kLandmarkTaus) + static_cast<std::int64_t>(taus);
  gain = std::exp(taus);
  rate = 1.0 / (gain * tauSeconds);
  tick = std::min(kFirstTick + static_cast<std::uint32_t>(taus * kTicksPerTau), 65535U);
}

double DecayTime::rateOf(double weight) const {
  const double exact = weight * rate;
  if (!(exact > 1e-30)) return 0;
  const int digits = 6 - static_cast<int>(std::floor(std::log10(exact)));
  const double power = std::pow(10.0, std::abs(digits));
  return digits >= 0 ? std::round(exact * power) / power : std::round(exact / power) * power;
}

}  // namespace weir::flow
