#include "agent_sampling/kernel_sample.h"

#include <algorithm>
#include <cstring>

namespace weir::agent {

bool fillFrame(SampledFrame& frame, const KernelSample& sample, std::uint32_t headerBytes) {
  constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86DD;
  if (!sample.ethernet && sample.etherType != kIpv4 && sample.etherType != kIpv6) return false;
  const std::size_t most = std::min<std::size_t>(headerBytes, frame.octets.size());
  const std::size_t link = std::min(sample.link.size(), most);
  const std::size_t rest = std::min(sample.payload.size(), most - link);
  if (link != 0) std::memcpy(frame.octets.data(), sample.link.data(), link);
  if (rest != 0) std::memcpy(frame.octets.data() + link, sample.payload.data(), rest);
  frame.headerLength = static_cast<std::uint32_t>(link + rest);
  frame.protocol = sample.ethernet ? 1 : sample.etherType == kIpv4 ? 11 : 12;
  frame.frameLength = sample.length + kFcs;
  frame.stripped = kFcs + sample.linkLength;
  frame.outgoing = sample.outgoing;
  frame.forUs = sample.toHost;
  frame.time = sample.time;
  return true;
}

std::uint32_t GapCounter::step(std::uint32_t sequence) {
  const std::uint32_t missing = expected_ ? sequence - *expected_ : 0;
  expected_ = sequence + 1;
  return missing < 0x80000000U ? missing : 0;
}

}  // namespace weir::agent
