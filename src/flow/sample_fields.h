#pragma once
#include <cstdint>
#include <span>

#include "base/agent_id.h"
#include "decode/packet.h"
#include "wire/datagram.h"

namespace weir::flow {

class Lookup;

inline constexpr unsigned kMaxRecords = 16;

/// All that is known of one flow sample (or drop notification, or real-time flow sample) when definitions look at it.
/// Spans and pointers live as long as the datagram's bytes. Filled by a SampleReader, read by compiled definitions.
struct SampleFields {
  const wire::Sample* sample = nullptr;  ///< data source, interfaces, rate, reason
  const AgentId* agent = nullptr;
  bool hasHeader = false;  ///< the packet is a sampled_header record, not made from others
  bool hasPacket = false;  ///< false: neither a header nor a sampled_ethernet/ipv4/ipv6 record
  decode::Packet packet;   ///< meaningful with hasPacket
  /// Length of the whole frame in octets as flow value `bytes` counts it (header record: frame_length).
  double frameBytes = 0;
  /// What one sample stands for: the sample's own sampling_rate (1 for rate 0 and for drop notifications).
  double scale = 1;
  std::uint8_t recordCount = 0;
  wire::Record
      records[kMaxRecords];  ///< its other sound records in wire order, of each kind the first; kMaxRecords at most
  /// The tables of the definition that looks at the sample, in the order of its list; nullptr: not there. Empty: none.
  std::span<const Lookup* const> lookups;
};

}  // namespace weir::flow
