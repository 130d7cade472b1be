#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir::ipfix {

/// An information element of IANA's registry "IPFIX Information Elements" (RFC 7012), in its own size.
struct Element {
  std::uint16_t id = 0;
  std::uint8_t size = 0;  ///< octets on the wire
  std::string_view name;
};

/// How the octets of a flow key become those of its element.
enum class KeyValue : std::uint8_t {
  number,     ///< in network order, in as many octets as the element has
  interface,  ///< as a number; what is no ifIndex (unknown, internal, discard, multiple) is 0
  octets,     ///< as they are
};

/// A flow key that IPFIX has an element for.
struct KeyElement {
  std::string_view key;
  Element element;
  KeyValue value = KeyValue::number;
};

/// All keys that a definition with ipfixCollectors may have.
[[nodiscard]] std::span<const KeyElement> keyElements();
/// The element of a key, or nullptr.
[[nodiscard]] const KeyElement* findKeyElement(std::string_view key);

/// Why a flow record ended, with the numbers of the registry "flowEndReason"; `open` is not one of them.
enum class FlowEnd : std::uint8_t { open = 0, idle = 1, active = 2, noRoom = 5 };

/// What every record tells beside its keys.
namespace element {
inline constexpr Element kOctets{1, 8, "octetDeltaCount"};
inline constexpr Element kPackets{2, 8, "packetDeltaCount"};
inline constexpr Element kDroppedOctets{132, 8, "droppedOctetDeltaCount"};
inline constexpr Element kDroppedPackets{133, 8, "droppedPacketDeltaCount"};
inline constexpr Element kAgentIp4{130, 4, "exporterIPv4Address"};
inline constexpr Element kAgentIp6{131, 16, "exporterIPv6Address"};
inline constexpr Element kFlowEnd{136, 1, "flowEndReason"};
inline constexpr Element kDataSource{138, 8, "observationPointId"};
inline constexpr Element kStart{152, 8, "flowStartMilliseconds"};
inline constexpr Element kEnd{153, 8, "flowEndMilliseconds"};
}  // namespace element

/// The table of docs/flow-definitions.md: what a record holds, and where it comes from.
[[nodiscard]] std::string elementsMarkdown();

}  // namespace weir::ipfix
