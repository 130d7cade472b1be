#pragma once
#include <cstdint>
#include <string_view>

#include "flow/key_table.h"

/// Readers of the keys that are more than a field at a fixed place. Each is a Reader (flow/key_table.h).
namespace weir::flow::read {

#define WEIR_READERS(X)                                                                                               \
  X(isBroadcast)                                                                                                      \
  X(isMulticast)                                                                                                      \
  X(isUnicast) X(arpOperation) X(arpMacSender) X(arpIpSender) X(arpMacTarget) X(arpIpTarget) X(mplsLabel) X(mplsExp)  \
      X(mplsTtl) X(mplsBottom) X(mplsLabels) X(ip6FragmentOffset) X(ip6MoreFragments) X(ip6Extensions) X(icmpId)      \
          X(icmpSequence) X(icmpUnreachableNet) X(icmpUnreachableHost) X(icmpUnreachableProtocol)                     \
              X(icmpUnreachablePort) X(icmp6UnreachableNet) X(icmp6UnreachableHost) X(icmp6UnreachablePort) X(greKey) \
                  X(ibRdmaAddress) X(ibRdmaKey) X(ibRdmaLength) X(ibAckCredits) X(ibAckMessage) X(bytes) X(frames)    \
                      X(requests) X(stripped) X(stack) X(inputIfIndex) X(outputIfIndex) X(direction) X(samplingRate)  \
                          X(agent) X(dataSource) X(reason)

#define WEIR_READER(name) \
  [[nodiscard]] bool name(const SampleFields& sample, unsigned occurrence, Scratch& scratch, Value& value);
WEIR_READERS(WEIR_READER)
#undef WEIR_READER

/// 1 ingress, 2 egress.
[[nodiscard]] std::string_view directionName(std::uint64_t direction);

/// The sample's first record with that tag and at least `size` octets, or nullptr.
[[nodiscard]] inline const wire::Record* findRecord(const SampleFields& sample, std::uint32_t tag, std::size_t size) {
  for (unsigned i = 0; i < sample.recordCount; ++i) {
    const wire::Record& record = sample.records[i];
    if (record.tag == tag) return record.data.size() >= size ? &record : nullptr;
  }
  return nullptr;
}

/// The layer a key is about, or nullptr.
[[nodiscard]] inline const decode::LayerRef* findLayer(const SampleFields& sample, decode::Layer kind,
                                                       unsigned occurrence) {
  return sample.hasPacket ? sample.packet.layer(kind, occurrence) : nullptr;
}

/// A port of a tunnel record (laid out as sampled_ipv4 or sampled_ipv6): there when its protocol is `protocol`.
template <std::uint32_t recordTag, unsigned protocolAt, unsigned at, std::uint32_t protocol>
[[nodiscard]] bool tunnelPort(const SampleFields& sample, unsigned, Scratch&, Value& value) {
  const wire::Record* record = findRecord(sample, recordTag, at + 4);
  if (record == nullptr || loadBe32(record->data.data() + protocolAt) != protocol) return false;
  value.number = loadBe32(record->data.data() + at);
  return true;
}

}  // namespace weir::flow::read
