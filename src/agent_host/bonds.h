#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "wire/records.h"

namespace weir::agent {

/// One device of a bond as LACP sees it (IEEE 802.1AX).
struct BondMember {
  std::array<std::uint8_t, 6> actor{};    ///< system id
  std::array<std::uint8_t, 6> partner{};  ///< system id
  std::uint8_t actorState = 0;
  std::uint8_t partnerState = 0;
};

/// The members of all bonds by device name, from proc/net/bonding below `root`. Bonds without LACP have none here.
[[nodiscard]] std::map<std::string, BondMember> readBonds(const std::string& root);

/// lag_port_stats (0:7); aggregate: ifIndex of the bond. What the kernel does not count is all ones.
[[nodiscard]] wire::lag_port_stats lagPortStats(const BondMember& member, std::uint32_t aggregate);

}  // namespace weir::agent
