#pragma once
#include <cstdint>
#include <span>

#include "base/bytes.h"

/// Packet headers built from the flow records sampled_ethernet (0:2), sampled_ipv4 (0:3) and sampled_ipv6 (0:4), so
/// that a sample without a sampled_header goes through the same decoder as all others.
namespace weir::decode {

/// Octets that any of these functions writes at most.
inline constexpr std::size_t kSyntheticSize = 64;

/// An IPv4 header and as much of a TCP, UDP, UDP-Lite, SCTP, DCCP, ICMP or ICMPv6 header as the record tells (ICMP:
/// type and code come in the ports). Decode it with header protocol 11. `length` is that of the IP packet; one that has
/// no room for the headers, or exceeds 65,535, is written as 0: unknown. Gives the front of `scratch`, or nothing when
/// that is smaller than kSyntheticSize.
[[nodiscard]] Bytes synthesizeIpv4(const std::uint8_t* source, const std::uint8_t* destination, std::uint32_t protocol,
                                   std::uint32_t sourcePort, std::uint32_t destinationPort, std::uint32_t tcpFlags,
                                   std::uint32_t tos, std::uint32_t length, std::span<std::uint8_t> scratch);

/// The same for IPv6; header protocol 12. `protocol` is the final next header, `priority` the traffic class, `length`
/// includes the 40 octets of the header.
[[nodiscard]] Bytes synthesizeIpv6(const std::uint8_t* source, const std::uint8_t* destination, std::uint32_t protocol,
                                   std::uint32_t sourcePort, std::uint32_t destinationPort, std::uint32_t tcpFlags,
                                   std::uint32_t priority, std::uint32_t length, std::span<std::uint8_t> scratch);

/// The 14 octets of an Ethernet header; header protocol 1. A record of IP in the same sample may be written behind it:
/// `synthesizeIpv4(..., scratch.subspan(14))` into a scratch of 14 + kSyntheticSize octets.
[[nodiscard]] Bytes synthesizeEthernet(const std::uint8_t* source, const std::uint8_t* destination, std::uint32_t type,
                                       std::span<std::uint8_t> scratch);

}  // namespace weir::decode
