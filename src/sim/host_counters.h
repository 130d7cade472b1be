#pragma once
#include <cstdint>

#include "sim/fabric_topology.h"
#include "wire/writer.h"

namespace weir::sim {

/// Packets that passed somewhere, and their octets with FCS.
struct PacketCount {
  std::uint64_t octets = 0, packets = 0;
  void add(std::uint64_t n, std::uint32_t length) {
    packets += n;
    octets += n * length;
  }
};

/// What a host's counters follow from.
struct HostLoad {
  std::size_t index = 0;
  std::uint64_t uptimeMs = 0;
  PacketCount in, out;
};

/// Adds the records of a host (0:2000, 2001, 2003 to 2006): network counters as its traffic was, CPU and disks to
/// match.
void addHostCounters(wire::DatagramWriter& writer, const HostSpec& spec, const HostLoad& load);

}  // namespace weir::sim
