#pragma once
#include <cstdint>

#include "base/address.h"
#include "wire/datagram.h"
#include "wire/field.h"

/// The flow records that are read of every sample: small views that copy no octets and allocate nothing.
/// Each parse function answers kNoFault, recordShort or recordContent, and after a fault the view means nothing.
namespace weir::wire {

/// sampled_header (0:1).
struct SampledHeader {
  std::uint32_t protocol = 0;     ///< header_protocol: 1 Ethernet, 11 IPv4, 12 IPv6, ...; open-ended
  std::uint32_t frameLength = 0;  ///< octets of the whole frame, FCS included for layer 2 protocols
  std::uint32_t stripped = 0;     ///< octets counted in frameLength that cannot be in the header; legacy: 0
  Bytes header;                   ///< the sampled octets; may be empty, may exceed frameLength - stripped (padding)
};

/// sampled_ethernet (0:2) and the L2 tunnel records (0:1021, 0:1022).
struct SampledEthernet {
  std::uint32_t length = 0;              ///< octets, FCS included
  const std::uint8_t* srcMac = nullptr;  ///< six octets
  const std::uint8_t* dstMac = nullptr;  ///< six octets
  std::uint32_t type = 0;                ///< EtherType
};

/// sampled_ipv4 (0:3) and the IPv4 tunnel records (0:1023, 0:1024).
struct SampledIpv4 {
  std::uint32_t length = 0;  ///< octets of the IP packet
  std::uint32_t protocol = 0;
  const std::uint8_t* srcIp = nullptr;  ///< four octets
  const std::uint8_t* dstIp = nullptr;  ///< four octets
  std::uint32_t srcPort = 0;            ///< ICMP: type
  std::uint32_t dstPort = 0;            ///< ICMP: code
  std::uint32_t tcpFlags = 0;
  std::uint32_t tos = 0;
};

/// sampled_ipv6 (0:4) and the IPv6 tunnel records (0:1025, 0:1026).
struct SampledIpv6 {
  std::uint32_t length = 0;  ///< octets of the IP packet, its 40 octets of header included
  std::uint32_t protocol = 0;
  const std::uint8_t* srcIp = nullptr;  ///< sixteen octets
  const std::uint8_t* dstIp = nullptr;  ///< sixteen octets
  std::uint32_t srcPort = 0;
  std::uint32_t dstPort = 0;
  std::uint32_t tcpFlags = 0;
  std::uint32_t priority = 0;  ///< traffic class
};

/// extended_switch (0:1001). 0xFFFFFFFF, from some agents, means unknown.
struct ExtendedSwitch {
  std::uint32_t srcVlan = 0, srcPriority = 0, dstVlan = 0, dstPriority = 0;
};

/// extended_router (0:1002).
struct ExtendedRouter {
  IpAddress nexthop;
  std::uint32_t srcMaskLen = 0, dstMaskLen = 0;
};

/// extended_gateway (0:1003).
struct ExtendedGateway {
  IpAddress nexthop;  ///< none in versions 2 and 4
  std::uint32_t as = 0, srcAs = 0, srcPeerAs = 0;
  AsPathReader path;                       ///< copy it to walk it
  std::uint32_t dstPeerAs = 0, dstAs = 0;  ///< first and last AS of the path; 0 for an empty path
  Bytes communities;                       ///< u32 each; empty in version 2
  std::uint32_t localpref = 0;             ///< 0 in version 2
  [[nodiscard]] std::size_t communityCount() const { return communities.size() / 4; }
  [[nodiscard]] std::uint32_t community(std::size_t i) const { return loadBe32(communities.data() + 4 * i); }
};

[[nodiscard]] inline Fault parseSampledHeader(const Record& record, SampledHeader& out) {
  const bool v5 = record.dialect == Dialect::v5;
  const std::size_t fixed = v5 ? 16 : 12;
  if (record.data.size() < fixed) return Fault::recordShort;
  const std::uint8_t* p = record.data.data();
  const std::size_t n = loadBe32(p + fixed - 4);
  if (n > record.data.size() - fixed) return Fault::recordContent;
  out.protocol = loadBe32(p);
  out.frameLength = loadBe32(p + 4);
  out.stripped = v5 ? loadBe32(p + 8) : 0;
  out.header = Bytes(p + fixed, n);
  return kNoFault;
}

[[nodiscard]] inline Fault parseSampledEthernet(const Record& record, SampledEthernet& out) {
  if (record.data.size() < 24) return Fault::recordShort;
  const std::uint8_t* p = record.data.data();
  out = {loadBe32(p), p + 4, p + 12, loadBe32(p + 20)};
  return kNoFault;
}

[[nodiscard]] inline Fault parseSampledIpv4(const Record& record, SampledIpv4& out) {
  if (record.data.size() < 32) return Fault::recordShort;
  const std::uint8_t* p = record.data.data();
  out = {loadBe32(p),      loadBe32(p + 4),  p + 8,           p + 12, loadBe32(p + 16),
         loadBe32(p + 20), loadBe32(p + 24), loadBe32(p + 28)};
  return kNoFault;
}

[[nodiscard]] inline Fault parseSampledIpv6(const Record& record, SampledIpv6& out) {
  if (record.data.size() < 56) return Fault::recordShort;
  const std::uint8_t* p = record.data.data();
  out = {loadBe32(p),      loadBe32(p + 4),  p + 8,           p + 24, loadBe32(p + 40),
         loadBe32(p + 44), loadBe32(p + 48), loadBe32(p + 52)};
  return kNoFault;
}

[[nodiscard]] inline Fault parseExtendedSwitch(const Record& record, ExtendedSwitch& out) {
  if (record.data.size() < 16) return Fault::recordShort;
  const std::uint8_t* p = record.data.data();
  out = {loadBe32(p), loadBe32(p + 4), loadBe32(p + 8), loadBe32(p + 12)};
  return kNoFault;
}

[[nodiscard]] Fault parseExtendedRouter(const Record& record, ExtendedRouter& out);
[[nodiscard]] Fault parseExtendedGateway(const Record& record, ExtendedGateway& out);

}  // namespace weir::wire
