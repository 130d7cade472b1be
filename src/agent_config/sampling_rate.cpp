#include "agent_config/sampling_rate.h"

#include <algorithm>

namespace weir::agent {

namespace {

constexpr std::uint64_t kDefaultRatio = 1'000'000;
constexpr std::uint64_t kLeastDefault = 100;

SamplingRate byRatio(std::uint64_t speed, std::uint64_t ratio, std::uint64_t least, std::string reason) {
  const std::uint64_t n = std::max(speed / ratio, least);
  return {static_cast<std::uint32_t>(std::min<std::uint64_t>(n, UINT32_MAX)), std::move(reason)};
}

}  // namespace

SamplingRate portRate(const RateSettings& rates, const TapSettings& tap, std::uint64_t speed) {
  if (tap.sampling) return {*tap.sampling, "sampling of its block"};
  if (speed != 0) {
    // Names are compared as speeds, so that 2500M and 2.5G are the same.
    for (const auto& [name, n] : rates.byName)
      if (parseSpeed(name) == speed) return {n, "sampling." + name};
    if (!rates.bitsPerSecondRatio)
      return byRatio(speed, kDefaultRatio, kLeastDefault, "speed / 1000000, as no sampling.bps_ratio is given");
    if (*rates.bitsPerSecondRatio != 0)
      return byRatio(speed, *rates.bitsPerSecondRatio, 1, "speed / sampling.bps_ratio");
    return {rates.fallback, "sampling, as sampling.bps_ratio=0"};
  }
  return {rates.fallback, "sampling, as its speed is unknown"};
}

std::uint32_t valueFor(const std::map<std::string, std::uint32_t>& byName, std::uint32_t fallback,
                       std::string_view name) {
  while (!name.empty()) {
    if (const auto found = byName.find(std::string(name)); found != byName.end()) return found->second;
    const std::size_t dot = name.rfind('.');
    name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
  }
  return fallback;
}

}  // namespace weir::agent
