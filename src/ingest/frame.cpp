#include "ingest/frame.h"

namespace weir::ingest {

namespace {

constexpr std::uint8_t kUdp = 17;

}  // namespace

bool FrameReader::drop(CaptureDrop reason) {
  drops_.add(reason);
  return false;
}

bool FrameReader::read(LinkLayer link, Nanos time, Bytes frame, std::size_t wireLength, UdpPayload& out) {
  out = UdpPayload{};
  out.time = time;
  out.frame = frame;
  Window ip;
  const Window whole{frame, wireLength > frame.size() ? wireLength : frame.size()};
  if (const auto reason = findIp(link, whole, ip)) return drop(*reason);
  if (ip.bytes.empty()) return drop(CaptureDrop::ipHeader);
  switch (ip.bytes[0] >> 4) {
    case 4:
      return ip4(ip, out);
    case 6:
      return ip6(ip, out);
    default:
      return drop(CaptureDrop::ipHeader);
  }
}

bool FrameReader::ip4(Window window, UdpPayload& out) {
  const std::uint8_t* p = window.bytes.data();
  if (window.bytes.size() < 20) return drop(CaptureDrop::ipHeader);
  const std::size_t header = (p[0] & 15U) * 4;
  if (header < 20) return drop(CaptureDrop::ipHeader);
  std::size_t total = loadBe16(p + 2);
  if (total == 0) total = window.wire;  // left to the network card by the sender (segmentation offload)
  if (total < header || total > window.wire) return drop(CaptureDrop::ipLength);
  if (p[9] != kUdp) return drop(CaptureDrop::notUdp);
  if (window.bytes.size() < header) return drop(CaptureDrop::ipHeader);
  window = window.first(total).behind(header);
  out.source = IpAddress::v4(p + 12);
  out.destination = IpAddress::v4(p + 16);
  const std::uint16_t place = loadBe16(p + 6);
  if ((place & 0x3FFF) == 0) return udp(window, out);
  Fragment part;
  part.id = loadBe16(p + 4);
  part.protocol = kUdp;
  part.offset = (place & 0x1FFFU) * 8;
  part.more = (place & 0x2000) != 0;
  return fragment(part, window, out);
}

bool FrameReader::ip6(Window window, UdpPayload& out) {
  const std::uint8_t* p = window.bytes.data();
  if (window.bytes.size() < 40) return drop(CaptureDrop::ipHeader);
  std::size_t length = loadBe16(p + 4);
  if (length == 0) length = window.wire - 40;  // jumbogram, or segmentation offload
  if (length > window.wire - 40) return drop(CaptureDrop::ipLength);
  out.source = IpAddress::v6(p + 8);
  out.destination = IpAddress::v6(p + 24);
  return ip6Payload(window.behind(40).first(length), p[6], true, out);
}

/// Walks the extension headers (RFC 8200 section 4, RFC 7045); each is at least 8 octets, so the window bounds the
/// walk.
bool FrameReader::ip6Payload(Window window, std::uint8_t next, bool mayBeFragment, UdpPayload& out) {
  for (;;) {
    const std::uint8_t* p = window.bytes.data();
    std::size_t octets = 0;
    switch (next) {
      case kUdp:
        return udp(window, out);
      case 0:    // hop-by-hop options
      case 43:   // routing
      case 60:   // destination options
      case 135:  // mobility
      case 139:  // host identity
      case 140:  // shim6
      case 51:   // authentication
      case 44:   // fragment
        if (window.wire < 8) return drop(CaptureDrop::ipLength);
        if (window.bytes.size() < 8) return drop(CaptureDrop::ipHeader);
        octets = next == 51 ? (p[1] + 2U) * 4 : next == 44 ? 8 : (p[1] + 1U) * 8;
        if (octets > window.wire) return drop(CaptureDrop::ipLength);
        if (octets > window.bytes.size()) return drop(CaptureDrop::ipHeader);
        break;
      default:
        return drop(CaptureDrop::notUdp);
    }
    const bool whole = next != 44 || (loadBe16(p + 2) & 0xFFF9) == 0;  // a lone fragment is no fragment (RFC 6946)
    next = p[0];
    window = window.behind(octets);
    if (whole) continue;
    if (!mayBeFragment) return drop(CaptureDrop::fragmentShape);
    Fragment part;
    part.id = loadBe32(p + 4);
    part.protocol = next;
    part.offset = loadBe16(p + 2) & 0xFFF8U;
    part.more = (p[3] & 1) != 0;
    return fragment(part, window, out);
  }
}

bool FrameReader::fragment(Fragment part, const Window& window, UdpPayload& out) {
  if (window.cut()) return drop(CaptureDrop::fragmentCut);
  part.source = out.source;
  part.destination = out.destination;
  part.bytes = window.bytes;
  const auto whole = reassembler_.add(out.time, part);
  if (!whole) return false;
  const Window datagram{whole->payload, whole->payload.size()};
  if (out.source.family == IpAddress::Family::v6) return ip6Payload(datagram, whole->protocol, false, out);
  return udp(datagram, out);
}

bool FrameReader::udp(Window window, UdpPayload& out) {
  const std::uint8_t* p = window.bytes.data();
  if (window.wire < 8) return drop(CaptureDrop::udpLength);
  if (window.bytes.size() < 8) return drop(CaptureDrop::udpHeader);
  std::size_t length = loadBe16(p + 4);
  if (length == 0) length = window.wire;  // RFC 2675: a datagram of more than 65,535 octets
  if (length < 8 || length > window.wire) return drop(CaptureDrop::udpLength);
  window = window.first(length).behind(8);
  out.sourcePort = loadBe16(p);
  out.destinationPort = loadBe16(p + 2);
  out.payload = window.bytes;
  out.truncated = window.cut();
  return true;
}

}  // namespace weir::ingest
