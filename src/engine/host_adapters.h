#pragma once
// Inside the engine room only.
#include <cstdint>
#include <vector>

#include "wire/datagram.h"

namespace weir::engine {

/// The MAC addresses of a sample's host_adapters record (0:2001), without those that are zero; at most
/// kMaxMacsOfSource. False: there is no such record.
inline constexpr std::size_t kMaxMacsOfSource = 64;
[[nodiscard]] bool readAdapters(const wire::Sample& sample, std::vector<std::uint64_t>& macs);

}  // namespace weir::engine
