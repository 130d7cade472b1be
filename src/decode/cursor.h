#pragma once
#include "decode/packet.h"

/// The inside of the room: a position in the sampled bytes and the list of steps that move it. Not for other rooms.
namespace weir::decode {

/// One step reads one header at the cursor and names the next. One list makes the enumeration, the declarations below
/// and the dispatcher in packet.cpp. A step that meets what it cannot read answers `stop`.
// clang-format off
#define WEIR_STEPS(X)                                                                                                 \
  X(ethernet) X(llc) X(vntag) X(macsec) X(isid) X(trill) X(fabricPath) X(nsh) X(arp) X(lldp) X(slow) X(macControl)    \
  X(eapol) X(tags) X(tokenRing) X(fddi) X(frameRelay) X(aal5)                                                         \
  X(ipByVersion) X(ip4) X(ip6) X(ip6Extensions) X(ah) X(esp) X(icmp) X(icmp6) X(igmp) X(ospf) X(pim) X(vrrp)          \
  X(eigrp) X(rsvp) X(tcp) X(udp) X(sctp) X(dccp)                                                                      \
  X(mpls) X(pppoe) X(ppp) X(pppOrHdlc) X(gre) X(erspan1) X(erspan2) X(erspan3) X(etherIp) X(l2tp3)                    \
  X(mplsInUdp) X(greInUdp) X(dns) X(dnsInTcp) X(dhcp) X(l2tp) X(gtpUser) X(gtpControl) X(teredo) X(espInUdp) X(vxlan)             \
  X(vxlanGpe) X(geneve) X(bfd) X(capwap) X(wlan) X(ampdu) X(grh) X(ibbt)
// clang-format on

enum class Next : std::uint8_t {
  stop,
#define WEIR_STEP(name) name,
  WEIR_STEPS(WEIR_STEP)
#undef WEIR_STEP
};

/// Where decoding stands. A plain value: the common path keeps it in registers, the rest works on a copy.
/// Invariant: at <= end <= number of sampled bytes <= 65,535.
struct Cursor {
  const std::uint8_t* data;  ///< first sampled byte
  Packet* packet;
  std::uint32_t at = 0;
  std::uint32_t end = 0;    ///< of the captured bytes that belong to the innermost header read so far
  std::uint32_t count = 0;  ///< layers so far
  std::uint32_t hint = 0;   ///< for the next step, where its own bytes do not say it (EtherType, next header, key)

  [[nodiscard]] const std::uint8_t* here() const { return data + at; }
  [[nodiscard]] std::uint32_t left() const { return end - at; }
  [[nodiscard]] bool has(std::uint32_t octets) const { return end - at >= octets; }

  /// Adds a layer at the cursor; false when the packet has no room for one more.
  bool push(Layer kind, std::uint32_t headerLength, std::uint32_t value = 0) {
    if (count == kMaxLayers) [[unlikely]]
      return false;
    LayerRef& ref = packet->layers[count];
    ref.kind = kind;
    ref.headerLength = static_cast<std::uint8_t>(headerLength < 255 ? headerLength : 255);
    ref.offset = static_cast<std::uint16_t>(at);
    ref.available = static_cast<std::uint16_t>(end - at);
    ref.value = value;
    std::uint8_t& first = packet->firstOf[static_cast<std::size_t>(kind)];
    if (first == kNoLayer) first = static_cast<std::uint8_t>(count);
    ++count;
    return true;
  }
  /// Moves on; false, at the end, when that many octets are not captured.
  bool skip(std::uint32_t octets) {
    if (!has(octets)) {
      at = end;
      return false;
    }
    at += octets;
    return true;
  }
  /// Adds a layer that has a header of fixed size, and moves behind it. False: it does not fit.
  bool take(Layer kind, std::uint32_t octets, std::uint32_t value = 0) {
    if (!has(octets) || !push(kind, octets, value)) return false;
    at += octets;
    return true;
  }
  /// What the innermost header says follows, unless less is captured.
  void bound(std::uint32_t octets) {
    if (octets < left()) end = at + octets;
  }
  [[nodiscard]] LayerRef& last() const { return packet->layers[count - 1]; }

  /// Octets from the cursor to the end of the frame, captured or not; at least the captured ones.
  [[nodiscard]] std::uint32_t leftInFrame() const {
    const std::uint32_t whole = packet->frameLength > packet->stripped ? packet->frameLength - packet->stripped : 0;
    return whole > end ? whole - at : left();
  }
};

namespace step {
#define WEIR_STEP(name) Next name(Cursor& c);
WEIR_STEPS(WEIR_STEP)
#undef WEIR_STEP
}  // namespace step

/// Cold half of nextOfEtherType and nextOfIpProtocol (common.h): everything but IP, TCP and UDP.
Next rareEtherType(std::uint32_t type);
Next rareIpProtocol(std::uint32_t protocol);
/// By the UDP ports; `stop` for an application. Source: IANA port numbers, and RFC 7348, 8926 and 9347 where they name
/// one.
Next nextOfUdpPorts(std::uint32_t source, std::uint32_t destination);

/// Whether nothing captured speaks against an IPv4 or IPv6 header at `p`: version, header length, and the length
/// against the octets left in the frame. Reads `captured` octets at most. For places where only a guess says that IP
/// begins.
bool plausibleIp(const std::uint8_t* p, std::uint32_t captured, std::uint32_t inFrame);
/// Whether an Ethernet header is captured at `p` with an EtherType known here and, where that is IP, a plausible
/// packet.
bool plausibleEthernet(const std::uint8_t* p, std::uint32_t captured, std::uint32_t inFrame);

}  // namespace weir::decode
