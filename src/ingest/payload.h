#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

namespace weir::ingest {

/// One UDP payload found in a capture.
struct UdpPayload {
  Nanos time = 0;    ///< the capture's own time stamp; of a fragmented datagram: of the fragment that completed it
  IpAddress source;  ///< of the innermost IP header that carries UDP directly on the captured link
  IpAddress destination;
  std::uint16_t sourcePort = 0;
  std::uint16_t destinationPort = 0;
  Bytes payload;           ///< valid until the next call of the reader
  Bytes frame;             ///< as captured, link layer first; of a fragmented datagram: the frame that completed it
  bool truncated = false;  ///< the capture's snap length cut the payload
};

/// Everything in a capture that yields no UDP payload. One list makes the enumeration, the names and the documentation.
///   X(name, told, what is counted)   told: lost, and a user hears of it; other: what captures hold besides
#define WEIR_CAPTURE_DROPS(X)                                                                      \
  X(linkType, lost, "packets of a link type that is not read")                                     \
  X(linkHeader, lost, "frames that end inside their link layer header")                            \
  X(notIp, other, "frames that carry neither IPv4 nor IPv6")                                       \
  X(ipHeader, lost, "IP headers cut short, or with an impossible version or header length")        \
  X(ipLength, lost, "IP packets whose length is less than their header or more than the frame")    \
  X(notUdp, other, "IP packets that carry another protocol")                                       \
  X(udpHeader, lost, "UDP headers cut short")                                                      \
  X(udpLength, lost, "UDP datagrams whose length is less than 8 or more than their IP packet")     \
  X(fragmentShape, lost, "fragments off the 8-octet grid, beyond 65,535 octets or of unlike ends") \
  X(fragmentCut, lost, "fragments cut by the capture's snap length")                               \
  X(fragmentDuplicate, other, "fragments received before with the same content")                   \
  X(fragmentOverlap, lost, "datagrams given up since two of their fragments overlap (RFC 5722)")   \
  X(fragmentMissing, lost, "datagrams whose fragments did not all come within 30 s, or at all")    \
  X(fragmentLimit, lost, "datagrams, the oldest first, given up since too many were in pieces")

enum class CaptureDrop : std::uint8_t {
#define WEIR_CAPTURE_DROP_NAME(name, told, text) name,
  WEIR_CAPTURE_DROPS(WEIR_CAPTURE_DROP_NAME)
#undef WEIR_CAPTURE_DROP_NAME
      count
};
[[nodiscard]] std::string_view captureDropName(CaptureDrop drop);
[[nodiscard]] std::string_view captureDropText(CaptureDrop drop);
/// Whether a user wants to hear of it in any case.
[[nodiscard]] bool isLoss(CaptureDrop drop);

struct CaptureDrops {
  std::array<std::uint64_t, static_cast<std::size_t>(CaptureDrop::count)> of{};
  void add(CaptureDrop drop) { ++of[static_cast<std::size_t>(drop)]; }
  [[nodiscard]] std::uint64_t operator[](CaptureDrop drop) const { return of[static_cast<std::size_t>(drop)]; }
  [[nodiscard]] std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto n : of) sum += n;
    return sum;
  }
};

}  // namespace weir::ingest
