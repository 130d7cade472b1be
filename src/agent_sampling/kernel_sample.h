#pragma once
#include <cstdint>
#include <optional>

#include "agent_sampling/sampled_frame.h"
#include "base/bytes.h"
#include "base/time.h"

namespace weir::agent {

/// A packet that another part of the kernel has sampled: a firewall rule (nflog) or a switch or tc (psample). Points
/// into the message it came in.
struct KernelSample {
  Bytes link;     ///< Ethernet header, where it is known
  Bytes payload;  ///< from the network header on; with an empty `link` and ethernet set, from the Ethernet header on
  bool ethernet = false;
  std::uint16_t etherType = 0;
  std::uint32_t length = 0;      ///< of the frame with its link header, without checksum
  std::uint32_t linkLength = 0;  ///< octets of link header that `length` counts and the packet lacks
  std::uint32_t inDevice = 0, outDevice = 0;
  bool outgoing = false;  ///< sampled on its way out: the data source is outDevice
  bool fromHost = false;  ///< originates here
  bool toHost = false;    ///< ends here
  std::uint32_t rate = 1;
  Nanos time = 0;  ///< 0: the sender did not say
  std::optional<std::uint32_t> egressQueue, transitDelay, queueDepth;

  [[nodiscard]] std::uint32_t device() const { return outgoing ? outDevice : inDevice; }
};

/// Fills in a frame of at most headerBytes. False: the packet is of no protocol that a sample can carry.
[[nodiscard]] bool fillFrame(SampledFrame& frame, const KernelSample& sample, std::uint32_t headerBytes);

/// Counts what is missing between numbers that should follow each other; a step back or a jump of 2^31 is a restart.
class GapCounter {
 public:
  /// How many are missing before `sequence`.
  std::uint32_t step(std::uint32_t sequence);

 private:
  std::optional<std::uint32_t> expected_;
};

}  // namespace weir::agent
