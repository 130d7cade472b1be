#pragma once
#include <cstdint>

#include "base/address.h"
#include "base/bytes.h"

namespace weir::ingest {

/// Which of `shards` (1 and up) owns an agent: the words of its address folded by exclusive or, times
/// kShardMultiplier, shifted right by kShardShift, modulo `shards`. The kernel does the same arithmetic on the payload
/// of a datagram (udp.h), so nothing here may change alone. Family none gives shard 0. Thread: any.
[[nodiscard]] unsigned shardOfAgent(const IpAddress& agent, unsigned shards);

/// The same from the octets of a datagram: address type at 4, address at 8 in versions 2, 4 and 5 alike (sFlow v5
/// section 5, RFC 3176 section 4). Type 0 is an agent that does not name itself: it is its sender, so that all
/// datagrams of an address reach one shard, named or not. Anything else, a short datagram included, gives shard 0.
[[nodiscard]] unsigned shardOfDatagram(Bytes payload, const IpAddress& sender, unsigned shards);

/// Knuth's multiplier: agents are often numbered in steps of a power of two, which a bare modulo would put together.
inline constexpr std::uint32_t kShardMultiplier = 0x9E3779B1;
inline constexpr unsigned kShardShift = 16;

}  // namespace weir::ingest
