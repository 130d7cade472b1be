#include "decode/common.h"

/// GRE (RFC 2784, 2890, 2637), NVGRE (RFC 7637), ERSPAN, EtherIP (RFC 3378).
namespace weir::decode {
namespace {

constexpr std::uint32_t kTransparentEthernet = 0x6558;

Next nextOfGreProtocol(std::uint32_t type, std::uint32_t flags) {
  switch (type) {
    case 0x6559:
      return Next::frameRelay;
    case 0x88BE:
      return (flags & 0x1000) != 0 ? Next::erspan2 : Next::erspan1;
    case 0x22EB:
      return Next::erspan3;
    default:
      // Wireless controllers of one vendor carry 802.11 frames in this range.
      if (type >= 0x8200 && type <= 0x83FF) return Next::wlan;
      return type > 1500 ? nextOfEtherType(type) : Next::stop;
  }
}

/// Version 1 (PPTP): protocol 0x880B, payload length 2, call id 2, sequence 4 (S), acknowledgement 4 (A), PPP.
Next pptp(Cursor& c, std::uint32_t flags, std::uint32_t type) {
  if (type != 0x880B || !c.has(8)) return Next::stop;
  const std::uint32_t length = loadBe16(c.here() + 4);
  const std::uint32_t size = 8 + ((flags & 0x1000) != 0 ? 4 : 0) + ((flags & 0x0080) != 0 ? 4 : 0);
  if (!c.push(Layer::gre, size, type | 4u << 16) || !c.skip(size)) return Next::stop;
  if (length == 0 || (flags & 0x1000) == 0) return Next::stop;  // an acknowledgement only
  c.bound(length);
  return Next::ppp;
}

}  // namespace

namespace step {

Next gre(Cursor& c) {
  if (!c.has(4)) return Next::stop;
  const std::uint32_t flags = loadBe16(c.here());
  const std::uint32_t type = loadBe16(c.here() + 2);
  if ((flags & 7) == 1) return pptp(c, flags, type);
  if ((flags & 7) != 0) return Next::stop;

  std::uint32_t size = 4;
  std::uint32_t keyAt = 0;
  if ((flags & 0xC000) != 0) size += 4;
  if ((flags & 0x2000) != 0) {
    keyAt = size;
    size += 4;
  }
  if ((flags & 0x1000) != 0) size += 4;
  const std::uint32_t begin = c.at;
  if (!c.push(Layer::gre, size, type | keyAt << 16) || !c.skip(size)) return Next::stop;
  if ((flags & 0x4000) != 0) return Next::stop;  // source routes follow (RFC 1701), which no known device sends

  if (type == kTransparentEthernet && keyAt != 0) {
    const std::uint32_t behind = c.at;
    c.at = begin + keyAt;
    if (!c.push(Layer::nvgre, 4, loadBe24(c.here()))) return Next::stop;
    c.at = behind;
  }
  return nextOfGreProtocol(type, flags);
}

/// RFC 8086: nothing but checksum, key and sequence, version 0.
Next greInUdp(Cursor& c) {
  return c.has(4) && (loadBe16(c.here()) & 0x4FFF) == 0 ? Next::gre : Next::stop;
}

/// Type I has no header of its own.
Next erspan1(Cursor& c) {
  return c.push(Layer::erspan, 0) ? Next::ethernet : Next::stop;
}

/// Version 4 bits (1), VLAN 12, class 3, encapsulation 2, truncated 1, session 10, reserved 12, index 20.
Next erspan2(Cursor& c) {
  if (!c.has(8) || c.here()[0] >> 4 != 1) return Next::stop;
  return c.take(Layer::erspan, 8, loadBe16(c.here() + 2) & 0x3FF) ? Next::ethernet : Next::stop;
}

/// First word as type II with version 2, timestamp 4, group 2, frame type in bits 14..10 of the last 2 octets (0
/// Ethernet, 2 IP), bit 0: 8 more octets.
Next erspan3(Cursor& c) {
  if (!c.has(12) || c.here()[0] >> 4 != 2) return Next::stop;
  const std::uint32_t session = loadBe16(c.here() + 2) & 0x3FF;
  const std::uint32_t tail = loadBe16(c.here() + 10);
  const std::uint32_t size = (tail & 1) != 0 ? 20 : 12;
  if (!c.push(Layer::erspan, size, session) || !c.skip(size)) return Next::stop;
  const std::uint32_t frameType = tail >> 10 & 0x1F;
  return frameType == 0 ? Next::ethernet : frameType == 2 ? Next::ipByVersion : Next::stop;
}

Next etherIp(Cursor& c) {
  if (!c.has(2) || c.here()[0] >> 4 != 3) return Next::stop;
  return c.take(Layer::etherip, 2) ? Next::ethernet : Next::stop;
}

}  // namespace step
}  // namespace weir::decode
