#pragma once
#include <cstdint>

#include "agent_sampling/drop_source.h"

namespace weir::agent {

/// The sFlow code of a drop (wire/discard_reason.h): by the kernel's reason, else by the hardware's trap, else its
/// group, else by the kernel function; 256 unknown.
[[nodiscard]] std::uint32_t dropReasonCode(const DropEvent& event);

/// Whether no packet is lost by a drop: what a socket still held when it was closed, fragments that were reassembled.
[[nodiscard]] bool isHousekeeping(const DropEvent& event);

}  // namespace weir::agent
