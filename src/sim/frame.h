#pragma once
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "sim/traffic.h"

namespace weir::sim {

/// Octets of a frame that a sample carries at most (sFlow version 5: 128 is the default header size).
inline constexpr std::size_t kHeaderSize = 128;
using FrameBuffer = std::array<std::uint8_t, kHeaderSize>;

/// The first octets of packet number `packet` of a flow as it arrives at hop `hop` of its path: Ethernet, IPv4 or IPv6
/// with the hop count that is left, TCP or UDP. Without FCS; answers how many octets of `buffer` are filled.
std::size_t buildFrame(const FabricTopology& fabric, const Flow& flow, std::size_t hop, std::uint64_t packet,
                       FrameBuffer& buffer);

}  // namespace weir::sim
