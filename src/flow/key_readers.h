#pragma once
#include <cstdint>
#include <string_view>

#include "flow/key_table.h"

/// Readers of the keys that are more than a field at a fixed place. Each is a Reader (flow/key_table.h).
namespace weir::flow::read {

// clang-format off
#define WEIR_READERS(X)                                                                                            \
  X(bytes) X(frames) X(requests) X(stripped) X(stack) X(inputIfIndex) X(outputIfIndex) X(direction)                \
  X(samplingRate) X(sampleSequence) X(samplePool) X(sampleDrops) X(agent) X(dataSource) X(rtSource) X(reason)                                                             \
  X(isBroadcast) X(isMulticast) X(isUnicast)                                                                       \
  X(arpOperation) X(arpMacSender) X(arpIpSender) X(arpMacTarget) X(arpIpTarget)                                    \
  X(mplsLabel) X(mplsExp) X(mplsTtl) X(mplsBottom) X(mplsLabels)                                                   \
  X(ip6FragmentOffset) X(ip6MoreFragments) X(ip6FragmentId) X(ip6Extensions)                                       \
  X(icmpId) X(icmpSequence) X(icmpMtu) X(icmpGateway) X(icmpUnreachableNet) X(icmpUnreachableHost)                 \
  X(icmpUnreachableProtocol) X(icmpUnreachablePort)                                                                \
  X(icmp6Id) X(icmp6Sequence) X(icmp6Mtu) X(icmp6NeighborTarget) X(icmp6UnreachableNet) X(icmp6UnreachableHost)    \
  X(icmp6UnreachablePort)                                                                                          \
  X(dnsName) X(dnsType) X(dnsClass)                                                                                \
  X(dhcpType) X(dhcpClientMac) X(dhcpHostName) X(dhcpVendorClass) X(dhcpRequestedIp)                               \
  X(lldpChassisId) X(lldpPortId) X(lldpTimeToLive) X(lldpPortDescription) X(lldpSystemName)                        \
  X(lldpSystemDescription)                                                                                         \
  X(wlanBssid) X(wlanSource) X(wlanDestination)                                                                    \
  X(greKey) X(vxlanGroupPolicy) X(erspanVlan)                                                                      \
  X(ibRdmaAddress) X(ibRdmaKey) X(ibRdmaLength) X(ibAckCredits) X(ibAckMessage)                                    \
  X(ip4SourceMaskBits) X(ip4DestinationMaskBits) X(ip4SourceSubnet) X(ip4DestinationSubnet)                        \
  X(ip6SourceMaskBits) X(ip6DestinationMaskBits) X(ip6SourceSubnet) X(ip6DestinationSubnet)                        \
  X(bgpDestinationAs) X(bgpDestinationPeerAs) X(bgpCommunities)                                                    \
  X(inputTcpSourcePort) X(inputTcpDestinationPort) X(inputTcpFlags) X(inputUdpSourcePort)                          \
  X(inputUdpDestinationPort)                                                                                       \
  X(outputTcpSourcePort) X(outputTcpDestinationPort) X(outputTcpFlags) X(outputUdpSourcePort)                      \
  X(outputUdpDestinationPort)                                                                                      \
  X(tcpRttWait) X(sourceEntity) X(destinationEntity)
// clang-format on

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

/// Octets of a sample without a packet: of the request and response that an application sample is about. False: it is
/// about none.
[[nodiscard]] bool applicationBytes(const SampleFields& sample, double& bytes);

/// What flow value `bytes` counts of a sample, before scaling.
[[nodiscard]] inline bool countedBytes(const SampleFields& sample, double& bytes) {
  if (!sample.hasPacket) [[unlikely]]
    return applicationBytes(sample, bytes);
  bytes = sample.frameBytes;
  return true;
}
/// What `frames` counts: sampled packets, and drop notifications even where they tell nothing of the packet.
[[nodiscard]] inline bool isFrame(const SampleFields& sample) {
  return sample.hasPacket || (sample.sample != nullptr && sample.sample->kind == wire::SampleKind::discard);
}

/// The value of source recordField: the first of the entry's fields that the sample has in a sound record.
[[nodiscard]] bool recordField(const SampleFields& sample, const FlowKeyEntry& entry, Scratch& scratch, Value& value);

}  // namespace weir::flow::read
