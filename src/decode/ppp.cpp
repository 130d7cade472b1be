#include "decode/common.h"

/// PPP and what carries it: PPPoE (RFC 2516), PPP in HDLC framing, Cisco HDLC, L2TP (RFC 2661, RFC
/// 3931).
namespace weir::decode {
namespace {

Next nextOfPppProtocol(std::uint32_t protocol) {
  switch (protocol) {
    case 0x0021:
      return Next::ip4;
    case 0x0057:
      return Next::ip6;
    case 0x0281:
    case 0x0283:
      return Next::mpls;
    default:
      return Next::stop;
  }
}

}  // namespace

namespace step {

/// Version and type 1, code 1, session 2, length 2. Code 0 is a session, others are discovery.
Next pppoe(Cursor& c) {
  if (!c.has(6) || c.here()[0] != 0x11) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t length = loadBe16(p + 4);
  if (!c.take(Layer::pppoe, 6, loadBe16(p + 2))) return Next::stop;
  if (p[1] != 0) return Next::stop;
  c.bound(length);
  return Next::ppp;
}

/// Optional FF 03, then the protocol: two octets, or one that is odd (compressed).
Next ppp(Cursor& c) {
  std::uint32_t size = c.has(2) && loadBe16(c.here()) == 0xFF03 ? 2 : 0;
  if (!c.has(size + 1)) return Next::stop;
  std::uint32_t protocol = c.here()[size];
  if ((protocol & 1) != 0) {
    size += 1;
  } else {
    if (!c.has(size + 2)) return Next::stop;
    protocol = loadBe16(c.here() + size);
    size += 2;
  }
  return c.take(Layer::ppp, size, protocol) ? nextOfPppProtocol(protocol) : Next::stop;
}

/// Header protocols 7 and 14. Cisco HDLC begins 0F 00 or 8F 00 and goes on with an EtherType.
Next pppOrHdlc(Cursor& c) {
  if (!c.has(4)) return Next::ppp;
  const std::uint32_t first = loadBe16(c.here());
  if (first != 0x0F00 && first != 0x8F00) return Next::ppp;
  const std::uint32_t type = loadBe16(c.here() + 2);
  return c.take(Layer::hdlc, 4, type) && type > 1500 ? nextOfEtherType(type) : Next::stop;
}

/// UDP port 1701. Version 2: flags 2, length 2 (L), tunnel 2, session 2, ns and nr 4 (S), offset 2 and padding (O).
/// Version 3: flags 2, reserved 2, session 4; what follows depends on what was signalled.
Next l2tp(Cursor& c) {
  if (!c.has(6)) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t flags = loadBe16(p);
  const std::uint32_t version = flags & 0x0F;
  const bool control = (flags & 0x8000) != 0;
  if (version == 3) {
    if (c.has(8)) c.push(Layer::l2tp, 8, control ? 0 : loadBe32(p + 4));
    return Next::stop;
  }
  if (version != 2 || (flags & 0x34F0) != 0 || (control && (flags & 0x4800) != 0x4800)) return Next::stop;
  std::uint32_t size = 6;
  if ((flags & 0x4000) != 0) size += 2;
  if (!c.has(size)) return Next::stop;
  const std::uint32_t session = loadBe16(p + size - 2);
  if ((flags & 0x0800) != 0) size += 4;
  if ((flags & 0x0200) != 0) {
    if (!c.has(size + 2)) return Next::stop;
    size += 2u + loadBe16(p + size);
  }
  if (!c.push(Layer::l2tp, size, session) || !c.skip(size) || control) return Next::stop;
  return Next::ppp;
}

/// IP protocol 115: session 4 (0: control), then a cookie of 0, 4 or 8 octets and perhaps a sublayer of 4, both known
/// to the endpoints only: the first place where an Ethernet frame verifies is taken.
Next l2tp3(Cursor& c) {
  if (!c.has(4)) return Next::stop;
  const std::uint32_t session = loadBe32(c.here());
  if (!c.take(Layer::l2tp, 4, session) || session == 0) return Next::stop;
  for (std::uint32_t at = 0; at <= 12; at += 4) {
    if (c.has(at + 14) && plausibleEthernet(c.here() + at, c.left() - at, c.leftInFrame() - at)) {
      c.at += at;
      return Next::ethernet;
    }
  }
  return Next::stop;
}

}  // namespace step
}  // namespace weir::decode
