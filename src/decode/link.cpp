#include "decode/common.h"

/// What stands around Ethernet: LLC and SNAP, the tags that are not VLANs, ARP and the control
/// protocols, and the other link layers an agent may sample (sFlow version 5, header_protocol: Token Ring, FDDI, Frame
/// Relay, AAL5).
namespace weir::decode {
namespace {

constexpr std::uint32_t kOuiBridged = 0x0080C2;  // RFC 2427, RFC 2684: bridged frames

/// SNAP: OUI 3, protocol id 2. `pad` octets precede a bridged frame.
Next snap(Cursor& c, std::uint32_t pad) {
  if (!c.has(5)) return Next::stop;
  const std::uint32_t oui = loadBe24(c.here());
  const std::uint32_t id = loadBe16(c.here() + 3);
  if (!c.take(Layer::snap, 5, id)) return Next::stop;
  if (oui == 0x000000 || oui == 0x0000F8) {
    c.hint = id;
    return isTagType(id) ? Next::tags : nextOfEtherType(id);
  }
  if (oui == kOuiBridged && (id == 0x0001 || id == 0x0007)) return c.skip(pad) ? Next::ethernet : Next::stop;
  return Next::stop;
}

/// IEEE 802.2: DSAP, SSAP, control of 1 octet (unnumbered) or 2.
Next llcHeader(Cursor& c, std::uint32_t pad) {
  if (!c.has(3)) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t saps = loadBe16(p);
  if (saps == 0xFFFF) return Next::stop;  // raw IPX: a checksum, no LLC
  const std::uint32_t control = (p[2] & 3) == 3 ? 1 : 2;
  if (!c.take(Layer::llc, 2 + control, saps)) return Next::stop;
  if (saps == 0xAAAA && p[2] == 0x03) return snap(c, pad);
  if (p[0] == 0x06 && control == 1) return Next::ip4;
  return Next::stop;
}

/// RFC 2427 and ISO/IEC TR 9577: network layer protocol id.
Next nlpid(Cursor& c, std::uint32_t id) {
  switch (id) {
    case 0x80:
      return snap(c, 0);
    case 0x8E:
      return Next::ip6;
    case 0xCC:
      return Next::ip4;
    case 0xCF:
      return Next::ppp;
    default:
      return Next::stop;
  }
}

}  // namespace

Next rareEtherType(std::uint32_t type) {
  switch (type) {
    case 0x0806:
    case 0x8035:
      return Next::arp;
    case 0x22F3:
      return Next::trill;
    case 0x6558:
      return Next::ethernet;
    case 0x8808:
      return Next::macControl;
    case 0x8809:
      return Next::slow;
    case 0x8847:
    case 0x8848:
      return Next::mpls;
    case 0x8863:
    case 0x8864:
      return Next::pppoe;
    case 0x888E:
      return Next::eapol;
    case 0x88CC:
      return Next::lldp;
    case 0x88E5:
      return Next::macsec;
    case 0x88E7:
      return Next::isid;
    case 0x8903:
      return Next::fabricPath;
    case 0x8915:
      return Next::grh;
    case 0x8926:
      return Next::vntag;
    case 0x894F:
      return Next::nsh;
    default:
      return Next::stop;
  }
}

bool plausibleEthernet(const std::uint8_t* p, std::uint32_t captured, std::uint32_t inFrame) {
  if (captured < 14) return false;
  std::uint32_t at = 14;
  std::uint32_t type = loadBe16(p + 12);
  while (isTagType(type) && captured >= at + 4 && at < 32) {
    type = loadBe16(p + at + 2);
    at += 4;
  }
  if (type == 0x0800 || type == 0x86DD) {
    if (captured > at && p[at] >> 4 != (type == 0x0800 ? 4 : 6)) return false;
    return plausibleIp(p + at, captured - at, inFrame - at);
  }
  return isTagType(type) || rareEtherType(type) != Next::stop;
}

namespace step {

Next llc(Cursor& c) {
  return llcHeader(c, 0);
}
Next aal5(Cursor& c) {
  // RFC 2684: FE FE 03 and an NLPID, or LLC where a bridged Ethernet frame is padded by 2 octets.
  if (c.has(4) && loadBe24(c.here()) == 0xFEFE03) {
    const std::uint32_t id = c.here()[3];
    return c.take(Layer::llc, 3, 0xFEFE) && c.skip(1) ? nlpid(c, id) : Next::stop;
  }
  return llcHeader(c, 2);
}

/// Tags behind something that is not an Ethernet header; hint: the TPID.
Next tags(Cursor& c) {
  return afterType(c, readTags(c, c.hint));
}

/// VN-Tag: 4 octets, then a type and perhaps VLAN tags, all of it before the Ethernet payload.
Next vntag(Cursor& c) {
  if (!c.has(6)) return Next::stop;
  std::uint32_t type = loadBe16(c.here() + 4);
  if (!c.take(Layer::vntag, 6)) return Next::stop;
  const std::uint32_t self = c.count - 1;
  type = readTags(c, type);
  for (std::uint32_t i = self; i-- > 0;) {
    if (c.packet->layers[i].kind != Layer::eth) continue;
    c.packet->layers[i].value = type;
    break;
  }
  return afterType(c, type);
}

/// IEEE 802.1AE: TCI and AN 1, short length 1, packet number 4, SCI 8 (TCI 0x20); readable unless TCI 0x08.
Next macsec(Cursor& c) {
  if (!c.has(6)) return Next::stop;
  const std::uint8_t tci = c.here()[0];
  const std::uint32_t size = (tci & 0x20) != 0 ? 14 : 6;
  if (!c.push(Layer::macsec, size) || !c.skip(size) || (tci & 0x08) != 0 || !c.has(2)) return Next::stop;
  std::uint32_t type = loadBe16(c.here());
  c.at += 2;
  return afterType(c, readTags(c, type));
}

/// IEEE 802.1ah: flags 1, I-SID 3, then the customer's frame.
Next isid(Cursor& c) {
  if (!c.has(4)) return Next::stop;
  return c.take(Layer::isid, 4, loadBe24(c.here() + 1)) ? Next::ethernet : Next::stop;
}

/// RFC 6325: version 2, reserved 2, multicast 1, option length 5 (words), hop count 6, egress 2, ingress 2, options.
Next trill(Cursor& c) {
  if (!c.has(6) || c.here()[0] >> 6 != 0) return Next::stop;
  const std::uint32_t options = (loadBe16(c.here()) >> 6 & 0x1F) * 4;
  return c.push(Layer::trill, 6 + options) && c.skip(6 + options) ? Next::ethernet : Next::stop;
}

Next fabricPath(Cursor& c) {
  return c.take(Layer::fabricpath, 2) ? Next::ethernet : Next::stop;
}

/// RFC 8300: version 2, length 6 (words, of everything) in the low bits of octet 1, next protocol in octet 3.
Next nsh(Cursor& c) {
  if (!c.has(8) || c.here()[0] >> 6 != 0) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t size = (p[1] & 0x3Fu) * 4;
  if (size < 8 || !c.push(Layer::nsh, size, loadBe24(p + 4)) || !c.skip(size)) return Next::stop;
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

/// RFC 826, RFC 903. Addresses may be cut.
Next arp(Cursor& c) {
  if (c.has(8)) c.push(Layer::arp, 8 + 2 * (c.here()[4] + c.here()[5]));
  return Next::stop;
}
Next lldp(Cursor& c) {
  if (c.has(2)) c.push(Layer::lldp, 2);
  return Next::stop;
}
Next slow(Cursor& c) {
  if (c.has(1)) c.push(Layer::slow, 1);
  return Next::stop;
}
Next macControl(Cursor& c) {
  if (c.has(2)) c.push(Layer::macctl, 2);
  return Next::stop;
}
Next eapol(Cursor& c) {
  if (c.has(4)) c.push(Layer::eapol, 4);
  return Next::stop;
}

/// IEEE 802.5: access control 1, frame control 1, DA 6, SA 6, routing information if the first bit of SA is set.
Next tokenRing(Cursor& c) {
  if (!c.has(14)) return Next::stop;
  const std::uint8_t* p = c.here();
  std::uint32_t size = 14;
  if ((p[8] & 0x80) != 0) {
    if (!c.has(16)) return Next::stop;
    size += p[14] & 0x1F;
  }
  if (!c.push(Layer::tokenring, size) || !c.skip(size)) return Next::stop;
  return (p[1] & 0xC0) == 0x40 ? Next::llc : Next::stop;
}

/// ISO 9314: frame control 1 (CLFFZZZZ, FF 01 is LLC), DA 6, SA 6.
Next fddi(Cursor& c) {
  if (!c.has(13)) return Next::stop;
  const bool isLlc = (c.here()[0] & 0x30) == 0x10;
  return c.take(Layer::fddi, 13) && isLlc ? Next::llc : Next::stop;
}

/// Q.922 address of 2 to 4 octets (the last has bit 0 set), then RFC 2427: control 03, optional pad 00, NLPID; or an
/// EtherType, as some vendors send.
Next frameRelay(Cursor& c) {
  std::uint32_t size = 0;
  do {
    if (size == 4 || !c.has(size + 1)) return Next::stop;
  } while ((c.here()[size++] & 1) == 0);
  if (size < 2) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t dlci = static_cast<std::uint32_t>(p[0] >> 2 << 4 | p[1] >> 4);
  if (!c.take(Layer::fr, size, dlci) || !c.has(2)) return Next::stop;
  if (c.here()[0] != 0x03) {
    const std::uint32_t type = loadBe16(c.here());
    c.at += 2;
    return type > 1500 ? nextOfEtherType(type) : Next::stop;
  }
  ++c.at;
  if (c.here()[0] == 0x00) ++c.at;
  if (!c.has(1)) return Next::stop;
  const std::uint32_t id = c.here()[0];
  ++c.at;
  return nlpid(c, id);
}

}  // namespace step
}  // namespace weir::decode
