#include "decode/common.h"

/// MPLS (RFC 3032) and what follows the bottom of the stack.
namespace weir::decode {
namespace {

constexpr std::uint32_t kMaxLabels = 16;
constexpr std::uint32_t kGenericAssociatedChannel = 13;  // RFC 5586
constexpr std::uint32_t kOamAlert = 14;                  // RFC 3429

bool plausibleFrame(const Cursor& c, std::uint32_t at) {
  return c.has(at + 14) && plausibleEthernet(c.here() + at, c.left() - at, c.leftInFrame() - at);
}

/// Nothing names the payload: the first nibble is 4 or 6 for IP, 0 for a pseudowire's control word, 1 for its
/// associated channel, and anything for an Ethernet pseudowire without control word. So the guess is verified.
Next payload(Cursor& c) {
  if (!c.has(1)) return Next::stop;
  const int nibble = c.here()[0] >> 4;
  if (nibble == 4 || nibble == 6) {
    if (!plausibleIp(c.here(), c.left(), c.leftInFrame()) && plausibleFrame(c, 0)) return Next::ethernet;
    return nibble == 4 ? Next::ip4 : Next::ip6;
  }
  if (nibble == 0) {
    if (!plausibleFrame(c, 4) && plausibleFrame(c, 0)) return Next::ethernet;
    return c.skip(4) ? Next::ethernet : Next::stop;
  }
  return plausibleFrame(c, 0) ? Next::ethernet : Next::stop;
}

}  // namespace

namespace step {

/// The whole stack is one layer; a stack that is cut, or is longer than the cap, has nothing behind it.
Next mpls(Cursor& c) {
  std::uint32_t labels = 0;
  std::uint32_t label = 0;
  bool bottom = false;
  while (!bottom && labels < kMaxLabels && c.has(4 * labels + 4)) {
    const std::uint32_t entry = loadBe32(c.here() + 4 * labels);
    label = entry >> 12;
    bottom = (entry & 0x100) != 0;
    ++labels;
  }
  if (labels == 0 || !c.take(Layer::mpls, 4 * labels, labels) || !bottom) return Next::stop;
  if (label == kGenericAssociatedChannel || label == kOamAlert) return Next::stop;
  return payload(c);
}

/// RFC 7510. Believed when a bottom of stack is captured and something of an IP packet or a pseudowire follows.
Next mplsInUdp(Cursor& c) {
  for (std::uint32_t at = 0; at < 4 * kMaxLabels && c.has(at + 5); at += 4) {
    if ((c.here()[at + 2] & 1) == 0) continue;
    const std::uint32_t begin = at + 4;
    const bool ip = c.has(begin + 8) && plausibleIp(c.here() + begin, c.left() - begin, c.leftInFrame() - begin);
    return ip || plausibleFrame(c, begin) || plausibleFrame(c, begin + 4) ? Next::mpls : Next::stop;
  }
  return Next::stop;
}

}  // namespace step
}  // namespace weir::decode
