#include "ingest/link_layer.h"

namespace weir::ingest {

namespace {

constexpr std::uint16_t kTypeIp4 = 0x0800, kTypeIp6 = 0x86DD, kTypeMpls = 0x8847, kTypePppoe = 0x8864;

/// Octets of a tag, its own type included, that end with the type of what follows. 0: no tag.
std::size_t tagSize(std::uint16_t type) {
  switch (type) {
    case 0x8100:  // IEEE 802.1Q
    case 0x88A8:  // IEEE 802.1ad
    case 0x9100:
    case 0x9200:
    case 0x9300:
      return 4;
    case 0x8926:  // VN-tag
      return 6;
    case 0x893F:  // IEEE 802.1BR
      return 8;
    case 0x88E7:  // IEEE 802.1ah: service tag and the addresses of the inner frame
      return 18;
    default:
      return 0;
  }
}

/// Address families of the BSD loopback header: AF_INET is 2 everywhere, AF_INET6 is not.
bool isIpFamily(std::uint32_t family) {
  return family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
}

/// Walks the headers in front of IP. Each step goes on by at least one octet, so the frame bounds the walk.
class Walk {
 public:
  Walk(const Window& frame, bool cooked) : frame_(frame), cooked_(cooked) {}

  [[nodiscard]] std::optional<CaptureDrop> link(LinkLayer link) {
    switch (link) {
      case LinkLayer::ethernet:
        return ethernet();
      case LinkLayer::cooked:
        return step(16) ? etherType() : cutShort();
      case LinkLayer::cooked2:
        return step(20) ? follow(loadBe16(back(20))) : cutShort();
      case LinkLayer::loopback: {
        if (!step(4)) return cutShort();
        // In the byte order of the machine that captured (0) or of the network (108): the values tell.
        const std::uint32_t family = loadBe32(back(4));
        if (isIpFamily(family) || isIpFamily(__builtin_bswap32(family))) return {};
        return CaptureDrop::notIp;
      }
      case LinkLayer::rawIp:
        return {};
      case LinkLayer::ppp:
        return ppp();
      case LinkLayer::pppoe:
        return pppoe();
    }
    return CaptureDrop::notIp;
  }
  [[nodiscard]] Window rest() const { return frame_.behind(at_); }

 private:
  static CaptureDrop cutShort() { return CaptureDrop::linkHeader; }
  /// Goes on by `octets`, if so many were captured.
  bool step(std::size_t octets) {
    if (frame_.bytes.size() - at_ < octets) return false;
    at_ += octets;
    return true;
  }
  [[nodiscard]] const std::uint8_t* back(std::size_t octets) const { return frame_.bytes.data() + at_ - octets; }

  std::optional<CaptureDrop> ethernet() {
    cooked_ = false;
    return step(14) ? etherType() : cutShort();
  }
  /// What follows a header that ends with a type.
  std::optional<CaptureDrop> etherType() { return follow(loadBe16(back(2))); }

  std::optional<CaptureDrop> follow(std::uint16_t type) {
    while (const std::size_t size = tagSize(type)) {
      if (!step(size)) return cutShort();
      type = loadBe16(back(2));
    }
    // IEEE 802.3 length with LLC and SNAP (RFC 1042). Linux cooked captures mark such frames with type 4.
    if (cooked_ ? type == 4 : type <= 1500) {
      if (!step(8)) return cutShort();
      if (loadBe32(back(8)) != 0xAAAA0300 || loadBe16(back(4)) != 0) return CaptureDrop::notIp;
      type = loadBe16(back(2));
    }
    if (type == kTypeIp4 || type == kTypeIp6) return {};
    if (type == kTypeMpls || type == kTypeMpls + 1) return mpls();
    if (type == kTypePppoe) return pppoe();
    return CaptureDrop::notIp;
  }

  std::optional<CaptureDrop> mpls() {
    do {
      if (!step(4)) return cutShort();
    } while ((*back(2) & 1) == 0);
    if (!step(1)) return cutShort();
    const unsigned nibble = *back(1) >> 4;
    --at_;
    if (nibble == 4 || nibble == 6) return {};
    if (nibble != 0) return CaptureDrop::notIp;
    return step(4) ? ethernet() : cutShort();  // control word of a pseudowire
  }

  std::optional<CaptureDrop> pppoe() {
    if (!step(6)) return cutShort();
    const std::uint8_t* header = back(6);
    if (header[0] != 0x11 || header[1] != 0) return CaptureDrop::notIp;  // version and type 1, session data
    return pppProtocol();
  }

  std::optional<CaptureDrop> ppp() {
    if (!step(2)) return cutShort();
    const std::uint16_t head = loadBe16(back(2));
    if (head == 0x0F00 || head == 0x8F00) return step(2) ? etherType() : cutShort();  // Cisco HDLC
    if (head != 0xFF03) at_ -= 2;                                                     // RFC 1662
    return pppProtocol();
  }

  /// RFC 1661 section 2: a protocol below 256 may take one octet, which is then odd.
  std::optional<CaptureDrop> pppProtocol() {
    if (!step(1)) return cutShort();
    std::uint16_t protocol = *back(1);
    if (protocol % 2 == 0) {
      if (!step(1)) return cutShort();
      protocol = loadBe16(back(2));
    }
    if (protocol == 0x0021 || protocol == 0x0057) return {};
    if (protocol == 0x0281 || protocol == 0x0283) return mpls();
    return CaptureDrop::notIp;
  }

  Window frame_;
  bool cooked_;
  std::size_t at_ = 0;
};

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
    case 9:
    case 50:
    case 104:
      return LinkLayer::ppp;
    case 51:
      return LinkLayer::pppoe;
    default:
      return std::nullopt;
  }
}

std::optional<CaptureDrop> findIp(LinkLayer link, const Window& frame, Window& ip) {
  Walk walk(frame, link == LinkLayer::cooked || link == LinkLayer::cooked2);
  const auto drop = walk.link(link);
  if (!drop) ip = walk.rest();
  return drop;
}

}  // namespace weir::ingest
