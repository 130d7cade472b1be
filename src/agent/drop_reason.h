#pragma once
#include <cstdint>

#include "agent_sampling/drop_source.h"

namespace weir::agent {

/// The sFlow code of a drop (sflow-wire.md section 8): by the kernel's reason, else by the hardware's trap, else its
/// group, else by the kernel function; 256 unknown.
[[nodiscard]] std::uint32_t dropReasonCode(const DropEvent& event);

/// Whether a drop is none that anybody lost a packet by: what a socket still held when it was closed, pieces that were
/// put together (agent.md section 11).
[[nodiscard]] bool isHousekeeping(const DropEvent& event);

}  // namespace weir::agent
