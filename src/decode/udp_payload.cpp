#include "decode/common.h"

/// What the UDP ports say: tunnels, each checked before it is believed, and DNS (of TCP too),
/// DHCP, BFD.
namespace weir::decode {

Next nextOfUdpPorts(std::uint32_t source, std::uint32_t destination) {
  switch (destination) {
    case 53:
      return Next::dns;
    case 67:
    case 68:
      return Next::dhcp;
    case 1701:
      return Next::l2tp;
    case 2123:
      return Next::gtpControl;
    case 2152:
      return Next::gtpUser;
    case 3544:
      return Next::teredo;
    case 3784:  // RFC 5881
    case 4784:  // RFC 5883
    case 6784:  // RFC 7130
      return Next::bfd;
    case 4500:
      return Next::espInUdp;
    case 4754:
      return Next::greInUdp;
    case 4789:
    case 8472:
    case 48879:
      return Next::vxlan;
    case 4790:
      return Next::vxlanGpe;
    case 4791:
      return Next::ibbt;
    case 5247:
      return Next::capwap;
    case 6081:
      return Next::geneve;
    case 6635:
      return Next::mplsInUdp;
    default:
      break;
  }
  // Answers, and Teredo from a relay to a client; Teredo is verified by the IPv6 header inside.
  if (source == 53) return Next::dns;
  if (source == 3544) return Next::teredo;
  return Next::stop;
}

namespace step {

Next dns(Cursor& c) {
  if (c.has(12)) c.push(Layer::dns, 12);
  return Next::stop;
}

/// RFC 1035 4.2.2: a length of 2 octets before each message. The cursor is at the TCP header. A segment from the middle
/// of a message looks like anything: believed where the header has a question and nothing in its reserved bit.
Next dnsInTcp(Cursor& c) {
  if (!c.skip(c.last().headerLength) || !c.has(14)) return Next::stop;
  const std::uint8_t* p = c.here();
  const bool plausible = loadBe16(p) >= 12 && (p[5] & 0x40) == 0 && loadBe16(p + 6) == 1;
  return plausible && c.skip(2) ? dns(c) : Next::stop;
}

/// RFC 2131: op 1 or 2, hardware type, hardware length up to 16, hops, transaction 4.
Next dhcp(Cursor& c) {
  if (c.has(8) && (c.here()[0] == 1 || c.here()[0] == 2) && c.here()[2] <= 16) c.push(Layer::dhcp, 236);
  return Next::stop;
}

/// RFC 5880: version 1 in the high 3 bits, length (24 and up) in octet 3.
Next bfd(Cursor& c) {
  if (c.has(24) && c.here()[0] >> 5 == 1 && c.here()[3] >= 24) c.push(Layer::bfd, c.here()[3]);
  return Next::stop;
}

/// RFC 3948: four zero octets are IKE.
Next espInUdp(Cursor& c) {
  return c.has(8) && loadBe32(c.here()) != 0 ? Next::esp : Next::stop;
}

/// RFC 7348: flag 0x08, VNI in octets 4..6. Group policy (flag 0x80) has the same shape.
Next vxlan(Cursor& c) {
  if (!c.has(8) || (c.here()[0] & 0x08) == 0) return Next::stop;
  return c.take(Layer::vxlan, 8, loadBe24(c.here() + 4)) ? Next::ethernet : Next::stop;
}

/// Generic protocol extension: version in bits 0x30 (0), flag 0x04 next protocol in octet 3, else Ethernet.
Next vxlanGpe(Cursor& c) {
  if (!c.has(8) || (c.here()[0] & 0x30) != 0 || (c.here()[0] & 0x0C) == 0) return Next::stop;
  const std::uint8_t* p = c.here();
  if (!c.take(Layer::vxlan, 8, loadBe24(p + 4))) return Next::stop;
  if ((p[0] & 0x04) == 0) return Next::ethernet;
  switch (p[3]) {
    case 1:
      return Next::ip4;
    case 2:
      return Next::ip6;
    case 3:
      return Next::ethernet;
    case 4:
      return Next::nsh;
    case 5:
      return Next::mpls;
    default:
      return Next::stop;
  }
}

/// RFC 8926: version 2 bits (0), option length 6 bits (words), O and C, protocol type 2, VNI 3, reserved 1, options.
Next geneve(Cursor& c) {
  if (!c.has(8) || c.here()[0] >> 6 != 0) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t size = 8 + (p[0] & 0x3Fu) * 4;
  const std::uint32_t type = loadBe16(p + 2);
  if (!c.push(Layer::geneve, size, loadBe24(p + 4)) || !c.skip(size) || type <= 1500) return Next::stop;
  c.hint = type;
  return isTagType(type) ? Next::tags : nextOfEtherType(type);
}

/// 3GPP TS 29.281: version 1, protocol type 1; type 255 carries an IP packet, behind extension headers if any.
Next gtpUser(Cursor& c) {
  if (!c.has(8) || c.here()[0] >> 4 != 3) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t teid = loadBe32(p + 4);
  const bool userData = p[1] == 255;
  const bool optional = (p[0] & 7) != 0;
  std::uint32_t size = 8;
  bool whole = true;
  if (optional) {
    whole = c.has(12);
    std::uint32_t extension = whole && (p[0] & 4) != 0 ? p[11] : 0;
    size = 12;
    while (extension != 0 && whole) {
      const std::uint32_t words = c.has(size + 1) ? p[size] : 0;
      whole = words != 0 && c.has(size + 4 * words);
      if (!whole) break;
      size += 4 * words;
      extension = p[size - 1];
    }
  }
  if (!c.push(Layer::gtp, size, teid) || !whole || !c.skip(size) || !userData) return Next::stop;
  return Next::ipByVersion;
}

/// 3GPP TS 29.060 (version 1) and TS 29.274 (version 2, TEID only with flag 0x08). Signalling: nothing follows.
Next gtpControl(Cursor& c) {
  if (!c.has(8)) return Next::stop;
  const std::uint8_t* p = c.here();
  const int version = p[0] >> 5;
  if (version == 1 && (p[0] & 0x10) != 0) {
    c.push(Layer::gtp, (p[0] & 7) != 0 ? 12 : 8, loadBe32(p + 4));
  } else if (version == 2) {
    const bool teid = (p[0] & 0x08) != 0;
    c.push(Layer::gtp, teid ? 12 : 8, teid ? loadBe32(p + 4) : 0);
  }
  return Next::stop;
}

/// RFC 4380: an authentication (00 01, id and value lengths, nonce 8, confirmation 1) and an origin (00 00, 8 octets)
/// may precede the IPv6 packet.
Next teredo(Cursor& c) {
  std::uint32_t size = 0;
  if (c.has(4) && loadBe16(c.here()) == 0x0001) size += 13u + c.here()[2] + c.here()[3];
  if (c.has(size + 8) && loadBe16(c.here() + size) == 0x0000) size += 8;
  if (!c.has(size + 40)) return Next::stop;
  if (c.here()[size] >> 4 != 6 || !plausibleIp(c.here() + size, c.left() - size, c.leftInFrame() - size)) {
    return Next::stop;
  }
  return c.take(Layer::teredo, size) ? Next::ip6 : Next::stop;
}

}  // namespace step
}  // namespace weir::decode
