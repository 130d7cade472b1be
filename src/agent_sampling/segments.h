#pragma once
#include <cmath>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/random.h"

namespace weir::agent {

/// Chooses among the `segments` segments of a packet that a filter has passed with probability min(1, chances / n),
/// chances >= segments, so that in the end each has been chosen with probability 1/n, independently of the others.
/// Calls visit(index) for each chosen one, in order; for none, it may be.
///
/// The filter's choice is one uniform number below its probability: read on as the number that says how many segments
/// to skip until the first chosen one (geometric skips; Vitter, ACM TOMS 1987).
template <class Visit>
void chooseSegments(Random& random, std::uint32_t n, std::uint32_t segments, std::uint32_t chances, Visit&& visit) {
  if (n <= 1) {
    for (std::uint32_t i = 0; i < segments; ++i) visit(i);
    return;
  }
  if (segments == 1 && chances == 1) return visit(0U);  // the filter has done it all
  const auto uniform = [&] { return static_cast<double>(random.next() >> 11) * 0x1p-53; };  // [0, 1)
  const auto rate = static_cast<double>(n);
  const double passed = chances >= n ? 1.0 : static_cast<double>(chances) / rate;
  const double scale = 1.0 / std::log1p(-1.0 / rate);
  double at = std::floor(std::log1p(-uniform() * passed) * scale);
  while (at < segments) {
    visit(static_cast<std::uint32_t>(at));
    at += 1.0 + std::floor(std::log1p(-uniform()) * scale);
  }
}

/// How a packet of a packet socket will be cut on its way to the wire, or was put together. Offsets from its first
/// octet.
struct Segmentation {
  std::uint32_t count = 1;
  std::uint32_t headerLength = 0;  ///< that every segment has: link, network and transport
  std::uint32_t size = 0;          ///< payload of each but the last
  std::uint32_t lastSize = 0;
};

/// captured: the first octets of the packet; length: all of it; gsoSize: payload of a segment as the kernel tells, 0:
/// it is no such packet; transport: offset of the TCP or UDP header (checksum start), 0: to be found. udp: what that
/// header is.
[[nodiscard]] Segmentation segmentationOf(Bytes captured, std::uint32_t length, std::uint32_t gsoSize,
                                          std::uint32_t transport, bool udp, bool ethernet);

/// Makes, in place, of the captured header of a super-packet that of its segment `index`: lengths and identification of
/// IP, its checksum, lengths of UDP, sequence number and flags of TCP, as the kernel or the network card writes them
/// (linux Documentation/networking/segmentation-offloads.rst). Returns how many octets of `header` belong to the
/// segment: its payload is only known for the first.
[[nodiscard]] std::size_t makeSegmentHeader(std::span<std::uint8_t> header, const Segmentation& segmentation,
                                            std::uint32_t index, bool ethernet);

}  // namespace weir::agent
