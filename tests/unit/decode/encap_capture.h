#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decode/packet.h"

namespace weir::decode::test {

/// A sampled_header of a capture, as its expected JSON says.
struct SampledHeader {
  std::uint32_t protocol = 0;
  std::uint32_t frameLength = 0;
  std::uint32_t stripped = 0;
  std::vector<std::uint8_t> bytes;
  std::string origin;
};

/// Of encap-headers.pcap, in its order; nothing where it is absent.
std::optional<std::vector<SampledHeader>> encapHeaders();
/// Of headers.pcap, which every clone has, and of encap-headers.pcap where it is there.
std::vector<SampledHeader> allHeaders();

std::vector<std::uint8_t> unhex(std::string_view text);

/// "eth.vlan.ip.udp": the names of all layers.
std::string names(const Packet& packet);

}  // namespace weir::decode::test
