#pragma once
#include <cstdint>
#include <string_view>

/// Names of numbers in packet headers, as flow keys show them. Each is empty where there is no name.
namespace weir::flow {

/// `be(0)`, `af11(10)`, `ef(46)`: RFC 2474, 2597, 3246, 5865, 8622.
[[nodiscard]] std::string_view dscpName(std::uint64_t dscp);
/// Transport of a base transport header's opcode >> 5 (InfiniBand architecture specification 9.2): RC, UC, RD, UD, CNP,
/// XRC.
[[nodiscard]] std::string_view ibTransportName(std::uint64_t transport);
/// Operation of a base transport header's opcode: `RDMA_WRITE_FIRST`; CNP for 129.
[[nodiscard]] std::string_view ibOperationName(std::uint64_t opcode);
/// Reason of a discarded packet (sflow-wire.md 8).
[[nodiscard]] std::string_view discardReason(std::uint64_t code);

}  // namespace weir::flow
