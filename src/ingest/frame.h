#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "ingest/payload.h"
#include "ingest/reassembly.h"

namespace weir::ingest {

/// What stands in front of the IP header in a captured frame.
enum class LinkLayer : std::uint8_t { ethernet, cooked, cooked2, rawIp, loopback };

/// The link layer of a libpcap link type (tcpdump.org/linktypes: 1, 113, 276, 12, 14, 101, 228, 229, 0, 108).
[[nodiscard]] std::optional<LinkLayer> linkLayerOf(int linkType);

/// Finds the UDP payload in captured frames: VLAN stacks, IPv4 options, IPv6 extension headers and fragments included.
/// Tunnels are not entered. Nothing is trusted: every length is checked against what was captured and against the
/// frame. Memory is that of the Reassembler. Thread: one.
class FrameReader {
 public:
  explicit FrameReader(LinkLayer link) : link_(link) {}
  FrameReader(const FrameReader&) = delete;  // the reassembler refers to drops_
  FrameReader& operator=(const FrameReader&) = delete;

  /// True when `frame`, or the datagram it completes, gives a UDP payload. `wireLength`: octets of the frame before the
  /// snap length cut it. `out` points into `frame` or into this object and is valid until the next call.
  [[nodiscard]] bool read(Nanos time, Bytes frame, std::size_t wireLength, UdpPayload& out);
  /// Counts what is still in pieces as missing.
  void finish() { reassembler_.finish(); }

  [[nodiscard]] const CaptureDrops& drops() const { return drops_; }

 private:
  /// Captured bytes, and how many there were on the wire (never fewer).
  struct Window {
    Bytes bytes;
    std::size_t wire = 0;
    [[nodiscard]] bool cut() const { return bytes.size() < wire; }
  };

  bool drop(CaptureDrop reason);
  static Window behind(const Window& window, std::size_t octets);
  static Window firstOf(const Window& window, std::size_t octets);
  bool network(const Window& frame, Window& ip);
  bool etherType(const Window& frame, std::size_t at, std::uint16_t type, Window& ip);
  bool ip4(Window window, UdpPayload& out);
  bool ip6(Window window, UdpPayload& out);
  bool ip6Payload(Window window, std::uint8_t next, bool mayBeFragment, UdpPayload& out);
  bool fragment(Fragment part, const Window& window, UdpPayload& out);
  bool udp(Window window, UdpPayload& out);

  LinkLayer link_;
  CaptureDrops drops_;
  Reassembler reassembler_{drops_};
};

}  // namespace weir::ingest
