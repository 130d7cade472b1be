#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "ingest/payload.h"

namespace weir::ingest {

/// What a captured frame begins with.
enum class LinkLayer : std::uint8_t { ethernet, cooked, cooked2, rawIp, loopback, ppp, pppoe };

/// The link layer of a link type (tcpdump.org/linktypes: 1, 113, 276, 12, 14, 101, 228, 229, 0, 108, 9, 50, 104, 51).
/// Nothing: it is not read.
[[nodiscard]] std::optional<LinkLayer> linkLayerOf(int linkType);
/// For error messages, behind "expected".
inline constexpr char kLinkLayersRead[] = "Ethernet, Linux cooked, raw IP, loopback or PPP";

/// Captured octets, and how many there were on the wire (never fewer).
struct Window {
  Bytes bytes;
  std::size_t wire = 0;
  [[nodiscard]] bool cut() const { return bytes.size() < wire; }
  /// Without the first octets, all of which were captured.
  [[nodiscard]] Window behind(std::size_t octets) const { return {bytes.subspan(octets), wire - octets}; }
  /// The first octets, as far as they were captured.
  [[nodiscard]] Window first(std::size_t octets) const {
    return {bytes.first(octets < bytes.size() ? octets : bytes.size()), octets};
  }
};

/// Finds the IP header in a frame: behind VLAN and other tags (IEEE 802.1Q, 802.1ad, 802.1ah, 802.1BR), MPLS labels
/// (RFC 3032; an Ethernet pseudowire with control word, RFC 4448, is entered), PPPoE (RFC 2516) and LLC/SNAP (RFC
/// 1042). What was in the way, or nothing.
[[nodiscard]] std::optional<CaptureDrop> findIp(LinkLayer link, const Window& frame, Window& ip);

}  // namespace weir::ingest
