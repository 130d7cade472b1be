#include "ingest/frame.h"

namespace weir::ingest {

namespace {

constexpr std::uint8_t kUdp = 17;
constexpr std::uint16_t kTypeIp4 = 0x0800;
constexpr std::uint16_t kTypeIp6 = 0x86DD;

bool isVlanTag(std::uint16_t type) {
  return type == 0x8100 || type == 0x88A8 || type == 0x9100 || type == 0x9200 || type == 0x9300;
}

/// Address families of the BSD loopback header: AF_INET is 2 everywhere, AF_INET6 is not.
bool isIpFamily(std::uint32_t family) {
  return family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
}

}  // namespace

std::optional<LinkLayer> linkLayerOf(int linkType) {
  switch (linkType) {
    case 1:
      return LinkLayer::ethernet;
    case 113:
      return LinkLayer::cooked;
    case 276:
      return LinkLayer::cooked2;
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return LinkLayer::rawIp;
    case 0:
    case 108:
      return LinkLayer::loopback;
    default:
      return std::nullopt;
  }
}

bool FrameReader::drop(CaptureDrop reason) {
  drops_.add(reason);
  return false;
}

FrameReader::Window FrameReader::behind(const Window& window, std::size_t octets) {
  return {window.bytes.subspan(octets), window.wire - octets};
}

FrameReader::Window FrameReader::firstOf(const Window& window, std::size_t octets) {
  return {window.bytes.first(octets < window.bytes.size() ? octets : window.bytes.size()), octets};
}

bool FrameReader::read(Nanos time, Bytes frame, std::size_t wireLength, UdpPayload& out) {
  out = UdpPayload{};
  out.time = time;
  out.frame = frame;
  Window ip;
  if (!network({frame, wireLength > frame.size() ? wireLength : frame.size()}, ip)) return false;
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

bool FrameReader::network(const Window& frame, Window& ip) {
  const std::uint8_t* p = frame.bytes.data();
  const std::size_t size = frame.bytes.size();
  switch (link_) {
    case LinkLayer::ethernet:
      if (size < 14) return drop(CaptureDrop::linkHeader);
      return etherType(frame, 14, loadBe16(p + 12), ip);
    case LinkLayer::cooked:
      if (size < 16) return drop(CaptureDrop::linkHeader);
      return etherType(frame, 16, loadBe16(p + 14), ip);
    case LinkLayer::cooked2:
      if (size < 20) return drop(CaptureDrop::linkHeader);
      return etherType(frame, 20, loadBe16(p), ip);
    case LinkLayer::loopback:
      if (size < 4) return drop(CaptureDrop::linkHeader);
      // In the byte order of the machine that captured (0) or of the network (108): the values tell.
      if (!isIpFamily(loadBe32(p)) && !isIpFamily(__builtin_bswap32(loadBe32(p)))) return drop(CaptureDrop::notIp);
      ip = behind(frame, 4);
      return true;
    case LinkLayer::rawIp:
      ip = frame;
      return true;
  }
  return false;
}

bool FrameReader::etherType(const Window& frame, std::size_t at, std::uint16_t type, Window& ip) {
  const std::uint8_t* p = frame.bytes.data();
  const std::size_t size = frame.bytes.size();
  while (isVlanTag(type)) {
    if (size - at < 4) return drop(CaptureDrop::linkHeader);
    type = loadBe16(p + at + 2);
    at += 4;
  }
  // IEEE 802.3 length with LLC and SNAP (RFC 1042). Linux cooked captures mark such frames with type 4.
  const bool length = link_ == LinkLayer::ethernet ? type <= 1500 : type == 4;
  if (length) {
    if (size - at < 8) return drop(CaptureDrop::linkHeader);
    if (loadBe32(p + at) != 0xAAAA0300 || loadBe16(p + at + 4) != 0) return drop(CaptureDrop::notIp);
    type = loadBe16(p + at + 6);
    at += 8;
  }
  if (type != kTypeIp4 && type != kTypeIp6) return drop(CaptureDrop::notIp);
  ip = behind(frame, at);
  return true;
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
  window = behind(firstOf(window, total), header);
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
  return ip6Payload(firstOf(behind(window, 40), length), p[6], true, out);
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
    window = behind(window, octets);
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
  window = behind(firstOf(window, length), 8);
  out.sourcePort = loadBe16(p);
  out.destinationPort = loadBe16(p + 2);
  out.payload = window.bytes;
  out.truncated = window.cut();
  return true;
}

}  // namespace weir::ingest
