#pragma once
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "flow/sample_fields.h"

namespace weir::flow {

/// Who sent the packet of a sample, as its outermost headers tell.
struct PacketSender {
  std::uint64_t mac = 0;   ///< the address in the low 48 bits
  std::uint16_t vlan = 0;  ///< of the outer tag, or as extended_switch (0:1001) has it; 0: untagged
  IpAddress address;       ///< family none: the packet has none, or it is the unspecified one
  bool told = false;       ///< by ARP (RFC 826): the sender says that the address is its own
};

/// Nothing where the packet has no Ethernet header, or a group address as its source.
[[nodiscard]] std::optional<PacketSender> packetSender(const SampleFields& sample);

}  // namespace weir::flow
