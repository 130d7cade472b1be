#include "agent_sampling/sampled_frame.h"

#include <algorithm>
#include <cstring>

namespace weir::agent {

namespace {

constexpr std::uint32_t kTag = 4;
constexpr std::size_t kMacs = 12;

/// Puts a VLAN tag behind the link addresses.
void insertTag(SampledFrame& frame, std::uint16_t tpid, std::uint16_t tci, std::uint32_t headerBytes) {
  if (frame.headerLength < kMacs) return;
  std::uint8_t* at = frame.octets.data() + kMacs;
  std::memmove(at + kTag, at, frame.headerLength - kMacs);
  storeBe16(at, tpid);
  storeBe16(at + 2, tci);
  frame.headerLength = std::min(frame.headerLength + kTag, headerBytes);
}

}  // namespace

void FrameMaker::fill(SampledFrame& frame, const TapPacket& packet, const Segmentation& segmentation,
                      std::uint32_t index, std::uint32_t headerBytes, bool ethernet) {
  // Without an Ethernet header the sample begins with the network header; what is before it counts as stripped.
  const std::uint32_t skipped =
      ethernet ? 0 : std::min<std::uint32_t>(packet.linkHeader, static_cast<std::uint32_t>(packet.bytes.size()));
  const std::size_t size = std::min<std::size_t>(packet.bytes.size() - skipped, headerBytes);
  if (size != 0) std::memcpy(frame.octets.data(), packet.bytes.data() + skipped, size);
  frame.headerLength = static_cast<std::uint32_t>(size);
  std::uint32_t length = packet.length;
  if (segmentation.size != 0) {
    Segmentation inside = segmentation;
    inside.headerLength -= std::min(skipped, inside.headerLength);
    frame.headerLength =
        static_cast<std::uint32_t>(makeSegmentHeader(std::span(frame.octets).first(size), inside, index, ethernet));
    length = segmentation.headerLength + (index + 1 == segmentation.count ? segmentation.lastSize : segmentation.size);
  }
  frame.protocol = ethernet ? 1 : packet.etherType == kIpv4 ? 11 : 12;
  frame.frameLength = length + kFcs;
  frame.stripped = kFcs + skipped;
  frame.outgoing = packet.outgoing;
  frame.forUs = packet.forUs;
  frame.time = packet.time;
  if (ethernet && packet.vlan) {
    insertTag(frame, packet.vlanTpid, packet.vlanTci, headerBytes);
    frame.frameLength += kTag;
  }
}

}  // namespace weir::agent
