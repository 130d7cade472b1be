#pragma once
#include "decode/cursor.h"

/// The common path, inlined into decodeHeader: Ethernet, VLAN tags, IPv4, IPv6, TCP, UDP.
namespace weir::decode {

#define WEIR_HOT inline __attribute__((always_inline))

WEIR_HOT Next nextOfEtherType(std::uint32_t type) {
  if (type == 0x0800) [[likely]]
    return Next::ip4;
  if (type == 0x86DD) return Next::ip6;
  return rareEtherType(type);
}

WEIR_HOT Next nextOfIpProtocol(std::uint32_t protocol) {
  if (protocol == 6) [[likely]]
    return Next::tcp;
  if (protocol == 17) return Next::udp;
  return rareIpProtocol(protocol);
}

WEIR_HOT bool isTagType(std::uint32_t type) {
  return type == 0x8100 || type == 0x88A8 || type == 0x9100 || type == 0x9200 || type == 0x9300;
}

/// Reads VLAN tags, the cursor behind the TPID `type`. Gives the type after the last tag that fits; a tag that is cut
/// leaves its TPID.
WEIR_HOT std::uint32_t readTags(Cursor& c, std::uint32_t type) {
  for (int tags = 0; tags < 8 && isTagType(type); ++tags) {
    if (!c.has(4) || !c.push(Layer::vlan, 4, type)) return type;
    type = loadBe16(c.here() + 2);
    c.at += 4;
  }
  return type;
}

/// What follows the type or length field of IEEE 802.3.
WEIR_HOT Next afterType(Cursor& c, std::uint32_t type) {
  if (type > 1500) [[likely]]
    return nextOfEtherType(type);
  c.bound(type);
  return Next::llc;
}

WEIR_HOT Next ethernetHeader(Cursor& c) {
  if (!c.has(14)) return Next::stop;
  std::uint32_t type = loadBe16(c.here() + 12);
  if (!c.push(Layer::eth, 14, type)) return Next::stop;
  c.at += 14;
  if (isTagType(type)) {
    LayerRef& eth = c.last();
    type = readTags(c, type);
    eth.value = type;
  }
  return afterType(c, type);
}

/// RFC 791. Options may be cut. Total length 0 stands for "as captured" (segmentation offload).
WEIR_HOT Next ip4Header(Cursor& c) {
  if (!c.has(20)) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t headerLength = (p[0] & 0x0Fu) * 4;
  if (p[0] >> 4 != 4 || headerLength < 20) return Next::stop;
  const std::uint32_t totalLength = loadBe16(p + 2);
  if (totalLength != 0) c.bound(totalLength < 20 ? 20 : totalLength);
  const std::uint32_t protocol = p[9];
  if (!c.push(Layer::ip, headerLength, protocol)) return Next::stop;
  if (!c.skip(headerLength)) return Next::stop;
  if ((loadBe16(p + 6) & 0x1FFF) != 0) return Next::stop;
  return nextOfIpProtocol(protocol);
}

constexpr bool isIp6Extension(std::uint32_t nextHeader) {
  return nextHeader == 0 || nextHeader == 43 || nextHeader == 44 || nextHeader == 60 || nextHeader == 135 ||
         nextHeader == 139 || nextHeader == 140;
}

/// RFC 8200. Payload length 0 stands for "as captured" (jumbogram or segmentation offload).
WEIR_HOT Next ip6Header(Cursor& c) {
  if (!c.has(40)) return Next::stop;
  const std::uint8_t* p = c.here();
  if (p[0] >> 4 != 6) return Next::stop;
  const std::uint32_t payloadLength = loadBe16(p + 4);
  if (payloadLength != 0) c.bound(payloadLength + 40);
  const std::uint32_t nextHeader = p[6];
  if (!c.push(Layer::ip6, 40, nextHeader)) return Next::stop;
  c.at += 40;
  if (nextHeader == 6) [[likely]]
    return Next::tcp;
  if (nextHeader == 17) return Next::udp;
  if (isIp6Extension(nextHeader)) return Next::ip6Extensions;
  return rareIpProtocol(nextHeader);
}

/// RFC 9293. The layer stands as soon as the ports are captured; flags need 14 octets.
WEIR_HOT Next tcpHeader(Cursor& c) {
  if (!c.has(4)) return Next::stop;
  const std::uint8_t* p = c.here();
  std::uint32_t headerLength = 20;
  if (c.has(13) && p[12] >> 4 > 5) headerLength = (p[12] >> 4) * 4u;
  const std::uint32_t source = loadBe16(p), destination = loadBe16(p + 2);
  if (!c.push(Layer::tcp, headerLength, destination)) return Next::stop;
  return source == 53 || destination == 53 ? Next::dnsInTcp : Next::stop;
}

/// RFC 768. The UDP length is not used: it is 0 or wrong with segmentation offload.
WEIR_HOT Next udpHeader(Cursor& c) {
  if (!c.has(4)) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t destination = loadBe16(p + 2);
  if (!c.push(Layer::udp, 8, destination) || !c.skip(8)) return Next::stop;
  return nextOfUdpPorts(loadBe16(p), destination);
}

}  // namespace weir::decode
