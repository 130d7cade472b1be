#include "decode/common.h"

/// IEEE 802.11 and CAPWAP data (RFC 5415), which carries it.
namespace weir::decode {
namespace {

enum FrameType { kManagement = 0, kControl = 1, kData = 2 };

}  // namespace

namespace step {

/// Frame control is little-endian. Of an A-MSDU only the first subframe is read; it looks like an 802.3 frame.
Next wlan(Cursor& c) {
  if (!c.has(10) || (c.here()[0] & 3) != 0) return Next::stop;
  const std::uint8_t* p = c.here();
  const int type = p[0] >> 2 & 3;
  const int subtype = p[0] >> 4;
  const std::uint8_t flags = p[1];
  const bool order = (flags & 0x80) != 0;
  if (type == kControl) {
    c.push(Layer::wlan, 10);
    return Next::stop;
  }
  if (type == kManagement) {
    if (c.has(24)) c.push(Layer::wlan, order ? 28 : 24);
    return Next::stop;
  }
  if (type != kData) return Next::stop;

  std::uint32_t size = 24;
  if ((flags & 3) == 3) size += 6;
  std::uint8_t qos = 0;
  if ((subtype & 8) != 0) {
    if (!c.has(size + 2)) return Next::stop;
    qos = p[size];
    size += order ? 6 : 2;
  }
  if (!c.take(Layer::wlan, size)) return Next::stop;
  if ((subtype & 4) != 0 || (flags & 0x40) != 0) return Next::stop;  // no body, or encrypted
  return (qos & 0x80) != 0 ? Next::ethernet : Next::llc;
}

/// Header protocol 16: a delimiter with signature 4E, then the frame.
Next ampdu(Cursor& c) {
  if (!c.has(4) || c.here()[3] != 0x4E) return Next::stop;
  c.at += 4;
  return Next::wlan;
}

/// Preamble 1 (0: not encrypted), header length 5 bits (words), radio 5, binding 5, T 1; F L W M K in octet 3; fragment
/// offset in the high 13 bits of octets 6 and 7. T: an 802.11 frame, else 802.3.
Next capwap(Cursor& c) {
  if (!c.has(8) || c.here()[0] != 0) return Next::stop;
  const std::uint8_t* p = c.here();
  const std::uint32_t size = (p[1] >> 3) * 4u;
  if (size < 8 || !c.push(Layer::capwap, size) || !c.skip(size)) return Next::stop;
  const bool laterFragment = (p[3] & 0x80) != 0 && loadBe16(p + 6) >> 3 != 0;
  if (laterFragment || (p[3] & 0x08) != 0) return Next::stop;
  return (p[2] & 1) != 0 ? Next::wlan : Next::ethernet;
}

}  // namespace step
}  // namespace weir::decode
