#pragma once
#include <cstdint>
#include <string_view>

/// Names of numbers in packet headers and records, as flow keys show them. Each is empty where there is no name.
namespace weir::flow {

/// `be(0)`, `af11(10)`, `ef(46)`: RFC 2474, 2597, 3246, 5865, 8622.
[[nodiscard]] std::string_view dscpName(std::uint64_t dscp);
/// Transport of a base transport header's opcode >> 5 (InfiniBand architecture specification 9.2): RC, UC, RD, UD, CNP,
/// XRC.
[[nodiscard]] std::string_view ibTransportName(std::uint64_t transport);
/// Operation of a base transport header's opcode: `RDMA_WRITE_FIRST`; CNP for 129.
[[nodiscard]] std::string_view ibOperationName(std::uint64_t opcode);
/// DNS (RFC 1035 and the IANA registries): `AAAA`, `NXDOMAIN`.
[[nodiscard]] std::string_view dnsTypeName(std::uint64_t type);
[[nodiscard]] std::string_view dnsResponseName(std::uint64_t rcode);
/// DHCP message type (RFC 2132 9.6): `DISCOVER`.
[[nodiscard]] std::string_view dhcpTypeName(std::uint64_t type);
/// Enumerations of flow records (the structures of sflow.org).
[[nodiscard]] std::string_view httpMethodName(std::uint64_t method);
[[nodiscard]] std::string_view httpProtocolName(std::uint64_t protocol);
[[nodiscard]] std::string_view memcacheProtocolName(std::uint64_t protocol);
[[nodiscard]] std::string_view memcacheCommandName(std::uint64_t command);
[[nodiscard]] std::string_view memcacheStatusName(std::uint64_t status);
[[nodiscard]] std::string_view applicationStatusName(std::uint64_t status);
[[nodiscard]] std::string_view transactionStatusName(std::uint64_t status);
[[nodiscard]] std::string_view aclDirectionName(std::uint64_t direction);
[[nodiscard]] std::string_view serviceDirectionName(std::uint64_t direction);
[[nodiscard]] std::string_view urlDirectionName(std::uint64_t direction);
[[nodiscard]] std::string_view tcpDirectionName(std::uint64_t direction);
[[nodiscard]] std::string_view wlanVersionName(std::uint64_t version);
/// Reason of a discarded packet (wire/discard_reason.h).
[[nodiscard]] std::string_view discardReason(std::uint64_t code);

}  // namespace weir::flow
