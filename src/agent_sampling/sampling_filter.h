#pragma once
#include <cstdint>
#include <optional>

#include "agent_sampling/bpf.h"

namespace weir::agent {

/// The random choice of packets inside the kernel, attached to a packet socket.
///
/// A packet that the kernel will still cut into k segments, or has put together from k, is k packets on the wire and
/// gets k chances at 1 in N. The filter passes it with probability min(1, chances / N), where `chances` is a bound of k
/// that it can compute; the rest of the choice is made by chooseSegments (segments.h), which knows k. A packet of one
/// segment is passed with probability 1/N and is a sample.
///
/// It also counts the packets it saw, segments one by one. Where BPF programs may not be loaded, a classic filter takes
/// over, which cannot count.
class SamplingFilter {
 public:
  /// n: at least 1. keep: octets of a packet to keep. Attaches to the socket, in place of a filter it has.
  [[nodiscard]] static Expected<SamplingFilter> attach(int packetSocket, std::uint32_t n, std::uint32_t keep);
  /// The same with the classic filter, for tests of it.
  [[nodiscard]] static Expected<SamplingFilter> attachClassic(int packetSocket, std::uint32_t n, std::uint32_t keep);
  /// Lets no packet through.
  [[nodiscard]] static Expected<> attachNothing(int packetSocket);

  /// Chances that the filter gave a packet of that length on the socket; gsoSize as the kernel tells, 0: no segments.
  [[nodiscard]] std::uint32_t chances(std::uint32_t length, std::uint32_t gsoSize) const;
  /// Packets seen so far; nothing where the filter cannot count.
  [[nodiscard]] std::optional<std::uint64_t> packets() const;

 private:
  SamplingFilter() = default;
  std::optional<bpf::SharedArray> count_;
};

}  // namespace weir::agent
