#include "ipfix/elements.h"

#include <algorithm>
#include <iterator>

namespace weir::ipfix {

namespace {

// Ports have the elements that do not name the protocol: collectors know them. ip6nexthdr is the header behind all
// extension headers, which is protocolIdentifier and not nextHeaderIPv6.
constexpr KeyElement kKeyElements[] = {
    {"macsource", {56, 6, "sourceMacAddress"}, KeyValue::octets},
    {"macdestination", {80, 6, "destinationMacAddress"}, KeyValue::octets},
    {"ethernetprotocol", {256, 2, "ethernetType"}},
    {"vlan", {243, 2, "dot1qVlanId"}},
    {"priority", {244, 1, "dot1qPriority"}},
    {"ipprotocol", {4, 1, "protocolIdentifier"}},
    {"ipsource", {8, 4, "sourceIPv4Address"}, KeyValue::octets},
    {"ipdestination", {12, 4, "destinationIPv4Address"}, KeyValue::octets},
    {"ip6source", {27, 16, "sourceIPv6Address"}, KeyValue::octets},
    {"ip6destination", {28, 16, "destinationIPv6Address"}, KeyValue::octets},
    {"ip6nexthdr", {4, 1, "protocolIdentifier"}},
    {"tcpsourceport", {7, 2, "sourceTransportPort"}},
    {"tcpdestinationport", {11, 2, "destinationTransportPort"}},
    {"udpsourceport", {7, 2, "sourceTransportPort"}},
    {"udpdestinationport", {11, 2, "destinationTransportPort"}},
    {"inputifindex", {10, 4, "ingressInterface"}, KeyValue::interface},
    {"outputifindex", {14, 4, "egressInterface"}, KeyValue::interface},
};

void appendRow(std::string& out, const Element& element, std::string_view what) {
  out.append("| ").append(what).append(" | ").append(element.name);
  out.append(" | ").append(std::to_string(element.id)).append(" | ").append(std::to_string(element.size)) += " |\n";
}

}  // namespace

std::span<const KeyElement> keyElements() {
  return kKeyElements;
}

const KeyElement* findKeyElement(std::string_view key) {
  const auto* found = std::ranges::find(kKeyElements, key, &KeyElement::key);
  return found == std::end(kKeyElements) ? nullptr : found;
}

std::string elementsMarkdown() {
  std::string out = "| field of the flow record | information element | number | octets |\n|---|---|---|---|\n";
  appendRow(out, element::kStart, "`start`");
  appendRow(out, element::kEnd, "`end`");
  appendRow(out, element::kAgentIp4, "`agent`, an IPv4 address");
  appendRow(out, element::kAgentIp6, "`agent`, an IPv6 address");
  appendRow(out, element::kDataSource, "`dataSource`: ifIndex; of other classes class · 2³² + index");
  for (const KeyElement& each : kKeyElements) appendRow(out, each.element, "key `" + std::string(each.key) + "`");
  appendRow(out, element::kOctets, "value `bytes`: octets of frames, Ethernet header included");
  appendRow(out, element::kPackets, "value `frames`");
  appendRow(out, element::kDroppedOctets, "value `bytes` with `dropped`");
  appendRow(out, element::kDroppedPackets, "value `frames` with `dropped`");
  appendRow(out, element::kFlowEnd, "why it ended: 1 idle, 2 `activeTimeout`, 5 no room; absent with `flowStart`");
  return out;
}

}  // namespace weir::ipfix
