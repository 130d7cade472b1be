#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "agent_config/settings.h"

namespace weir::agent {

/// One packet in `n` is sampled; 0: none. `reason` says which rule gave it, for the log and --check.
struct SamplingRate {
  std::uint32_t n = 0;
  std::string reason;
};

/// The rate of a port (docs/agent-rules.md). speed: bits per second, 0 unknown.
[[nodiscard]] SamplingRate portRate(const RateSettings& rates, const TapSettings& tap, std::uint64_t speed);

/// The value for an application or sub-agent: the longest entry of `byName` that is `name` or one of its dotted
/// prefixes, else the fallback. name in lower case.
[[nodiscard]] std::uint32_t valueFor(const std::map<std::string, std::uint32_t>& byName, std::uint32_t fallback,
                                     std::string_view name);

}  // namespace weir::agent
