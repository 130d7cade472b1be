#pragma once
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/time.h"
#include "ingest/link_layer.h"
#include "ingest/payload.h"
#include "ingest/reassembly.h"

namespace weir::ingest {

/// Finds the UDP payload in captured frames: what stands before IP, IPv4 options, IPv6 extension headers and fragments
/// included.
/// Tunnels are not entered. Nothing is trusted: every length is checked against what was captured and against the
/// frame. Memory is that of the Reassembler. Thread: one.
class FrameReader {
 public:
  FrameReader() = default;
  FrameReader(const FrameReader&) = delete;  // the reassembler refers to drops_
  FrameReader& operator=(const FrameReader&) = delete;

  /// True when `frame`, or the datagram it completes, gives a UDP payload. `wireLength`: octets of the frame before the
  /// snap length cut it. `out` points into `frame` or into this object and is valid until the next call.
  [[nodiscard]] bool read(LinkLayer link, Nanos time, Bytes frame, std::size_t wireLength, UdpPayload& out);
  /// Counts a frame that cannot be read.
  bool drop(CaptureDrop reason);
  /// Counts what is still in pieces as missing.
  void finish() { reassembler_.finish(); }

  [[nodiscard]] const CaptureDrops& drops() const { return drops_; }

 private:
  bool ip4(Window window, UdpPayload& out);
  bool ip6(Window window, UdpPayload& out);
  bool ip6Payload(Window window, std::uint8_t next, bool mayBeFragment, UdpPayload& out);
  bool fragment(Fragment part, const Window& window, UdpPayload& out);
  bool udp(Window window, UdpPayload& out);

  CaptureDrops drops_;
  Reassembler reassembler_{drops_};
};

}  // namespace weir::ingest
