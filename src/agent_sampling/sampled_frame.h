#pragma once
#include <array>
#include <cstdint>

#include "agent_sampling/packet_tap.h"
#include "agent_sampling/segments.h"
#include "base/random.h"

namespace weir::agent {

inline constexpr std::size_t kMaxHeaderBytes = 256;  ///< largest `headerBytes`

/// One frame as it stood on the wire, chosen for a sample.
struct SampledFrame {
  std::array<std::uint8_t, kMaxHeaderBytes + 4> octets;  ///< a VLAN tag may be put in beyond headerBytes
  std::uint32_t headerLength = 0;
  std::uint32_t protocol = 1;     ///< header protocol of sFlow: 1 Ethernet, 11 IPv4, 12 IPv6
  std::uint32_t frameLength = 0;  ///< with the checksum that the wire adds
  std::uint32_t stripped = 4;
  bool outgoing = false;
  bool forUs = false;
  Nanos time = 0;
  [[nodiscard]] Bytes header() const { return Bytes(octets).first(headerLength); }
};

/// Octets of the frame check sequence, which the kernel does not show and sFlow counts (sFlow v5, sampled_header).
inline constexpr std::uint32_t kFcs = 4;

/// Turns packets of a tap into frames: cuts super-packets, makes the random choice among their segments, puts VLAN tags
/// back. ethernet: whether the device has Ethernet headers; on others only IPv4 and IPv6 make frames.
class FrameMaker {
 public:
  explicit FrameMaker(std::uint64_t seed) : random_(seed) {}

  /// Calls slot() for a SampledFrame to fill for each frame, then done(frame).
  template <class Slot, class Done>
  void make(const TapPacket& packet, std::uint32_t n, std::uint32_t headerBytes, bool ethernet, Slot&& slot,
            Done&& done) {
    if (!ethernet && packet.etherType != kIpv4 && packet.etherType != kIpv6) return;
    const Segmentation segmentation =
        segmentationOf(packet.bytes, packet.length, packet.gsoSize, packet.transport, packet.gsoUdp, ethernet);
    chooseSegments(random_, n, segmentation.count, packet.chances, [&](std::uint32_t index) {
      SampledFrame& frame = slot();
      fill(frame, packet, segmentation, index, headerBytes, ethernet);
      done(frame);
    });
  }

 private:
  static constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86DD;
  static void fill(SampledFrame& frame, const TapPacket& packet, const Segmentation& segmentation, std::uint32_t index,
                   std::uint32_t headerBytes, bool ethernet);
  Random random_;
};

}  // namespace weir::agent
