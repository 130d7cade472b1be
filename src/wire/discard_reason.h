#pragma once
#include <cstdint>
#include <string_view>

namespace weir::wire {

/// Name of a reason why a packet was discarded: the `reason` of a discarded_packet sample (0:5) and the value of an
/// interface of format 1 (sFlow version 5 and "sFlow Dropped Packet Notification Structures", sflow.org). The list of
/// reasons grows, so unknown codes are legal: empty for these.
[[nodiscard]] std::string_view discardReasonName(std::uint32_t code);

}  // namespace weir::wire
