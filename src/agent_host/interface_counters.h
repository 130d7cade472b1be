#pragma once
#include "agent_host/network.h"
#include "wire/writer.h"

namespace weir::agent {

/// The kernel's counters of an interface as if_counters (0:1). 64-bit totals are passed on as they are; packet counts
/// are their low 32 bits. Counters that the kernel does not keep are all ones (sFlow v5: "never available").
[[nodiscard]] wire::if_counters interfaceCounters(const Link& link);
/// ethernet_counters (0:2) as far as rtnl_link_stats64 defines them by IEEE 802.3 attributes; the others all ones.
[[nodiscard]] wire::ethernet_counters ethernetCounters(const Link& link);
/// All records of an interface's counter sample.
void addInterfaceCounters(wire::DatagramWriter& writer, const Link& link);

}  // namespace weir::agent
