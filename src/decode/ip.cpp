#include "decode/common.h"

/// What follows an IP header: extension headers, AH, ESP, control protocols, ports.
namespace weir::decode {
namespace {

/// A protocol of which only the fixed header is known here, and which carries nothing.
Next leaf(Cursor& c, Layer kind, std::uint32_t octets) {
  if (c.has(octets)) c.push(kind, octets);
  return Next::stop;
}

/// A transport protocol with two ports in front: the layer stands as soon as they are captured.
Next ports(Cursor& c, Layer kind, std::uint32_t headerLength) {
  if (c.has(4)) c.push(kind, headerLength, loadBe16(c.here() + 2));
  return Next::stop;
}

constexpr std::uint32_t kMaxExtensions = 16;

}  // namespace

Next rareIpProtocol(std::uint32_t protocol) {
  switch (protocol) {
    case 1:
      return Next::icmp;
    case 2:
      return Next::igmp;
    case 4:
    case 94:
      return Next::ip4;
    case 6:
      return Next::tcp;
    case 17:
    case 136:
      return Next::udp;
    case 33:
      return Next::dccp;
    case 41:
      return Next::ip6;
    case 46:
      return Next::rsvp;
    case 47:
      return Next::gre;
    case 50:
      return Next::esp;
    case 51:
      return Next::ah;
    case 58:
      return Next::icmp6;
    case 88:
      return Next::eigrp;
    case 89:
      return Next::ospf;
    case 97:
      return Next::etherIp;
    case 103:
      return Next::pim;
    case 112:
      return Next::vrrp;
    case 115:
      return Next::l2tp3;
    case 132:
      return Next::sctp;
    case 137:
      return Next::mpls;
    case 143:
      return Next::ethernet;
    default:
      return Next::stop;
  }
}

bool plausibleIp(const std::uint8_t* p, std::uint32_t captured, std::uint32_t inFrame) {
  if (captured == 0) return true;
  const int version = p[0] >> 4;
  if (version == 4) {
    const std::uint32_t headerLength = (p[0] & 0x0Fu) * 4;
    if (headerLength < 20) return false;
    if (captured < 4) return true;
    const std::uint32_t length = loadBe16(p + 2);
    return length == 0 || (length >= headerLength && length <= inFrame);
  }
  if (version != 6) return false;
  return captured < 6 || loadBe16(p + 4) + 40u <= inFrame || loadBe16(p + 4) == 0;
}

namespace step {

Next ipByVersion(Cursor& c) {
  if (!c.has(1)) return Next::stop;
  const int version = c.here()[0] >> 4;
  return version == 4 ? Next::ip4 : version == 6 ? Next::ip6 : Next::stop;
}

/// The chain of extension headers (RFC 8200). Behind the ip6 layer its headers are counted in that layer's value;
/// behind AH (hint: the next header) they are only skipped.
Next ip6Extensions(Cursor& c) {
  LayerRef& owner = c.last();
  const bool own = owner.kind == Layer::ip6;
  std::uint32_t nextHeader = own ? owner.value & 0xFF : c.hint;
  std::uint32_t extensions = 0;
  std::uint32_t fragmentAt = 0;
  Next next = Next::stop;
  for (;;) {
    if (!isIp6Extension(nextHeader)) {
      next = nextOfIpProtocol(nextHeader);
      break;
    }
    if (extensions == kMaxExtensions || !c.has(8)) break;
    const std::uint8_t* p = c.here();
    const std::uint32_t size = nextHeader == 44 ? 8 : 8 * (p[1] + 1u);
    if (!c.has(size)) break;
    bool laterFragment = false;
    if (nextHeader == 44) {
      if (fragmentAt == 0) fragmentAt = c.at - owner.offset;
      laterFragment = loadBe16(p + 2) >> 3 != 0;
    }
    nextHeader = p[0];
    ++extensions;
    c.at += size;
    if (laterFragment) break;
  }
  if (own) {
    owner.value = nextHeader | extensions << 8 | fragmentAt << 16;
    const std::uint32_t size = c.at - owner.offset;
    owner.headerLength = static_cast<std::uint8_t>(size < 255 ? size : 255);
  }
  return next;
}

/// RFC 4302: next header 1, length 1 (words less 2), reserved 2, SPI 4, sequence 4, check value. Length 0 is met in the
/// field and means 8 octets.
Next ah(Cursor& c) {
  if (!c.has(8)) return Next::stop;
  const std::uint32_t nextHeader = c.here()[0];
  const std::uint32_t size = (c.here()[1] + 2u) * 4;
  if (!c.push(Layer::ah, size, nextHeader) || !c.skip(size)) return Next::stop;
  c.hint = nextHeader;
  return isIp6Extension(nextHeader) ? Next::ip6Extensions : nextOfIpProtocol(nextHeader);
}

/// RFC 4303: SPI 4, sequence 4; the rest is encrypted.
Next esp(Cursor& c) {
  if (c.has(8)) c.push(Layer::esp, 8, loadBe32(c.here()));
  return Next::stop;
}

/// Type, code, checksum: what messages share. The embedded packet of an error is payload, not a layer.
Next icmp(Cursor& c) {
  return leaf(c, Layer::icmp, 4);
}
Next icmp6(Cursor& c) {
  return leaf(c, Layer::icmp6, 4);
}
Next igmp(Cursor& c) {
  return leaf(c, Layer::igmp, 8);
}
Next ospf(Cursor& c) {
  return leaf(c, Layer::ospf, 16);
}
Next pim(Cursor& c) {
  return leaf(c, Layer::pim, 4);
}
Next vrrp(Cursor& c) {
  return leaf(c, Layer::vrrp, 8);
}
Next eigrp(Cursor& c) {
  return leaf(c, Layer::eigrp, 20);
}
Next rsvp(Cursor& c) {
  return leaf(c, Layer::rsvp, 8);
}

Next sctp(Cursor& c) {
  return ports(c, Layer::sctp, 12);
}
Next dccp(Cursor& c) {
  return ports(c, Layer::dccp, c.has(5) ? c.here()[4] * 4u : 12);
}

}  // namespace step
}  // namespace weir::decode
