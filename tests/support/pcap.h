#pragma once
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace weir::test {

/// UDP payloads of a classic little-endian capture with Ethernet frames (IPv4 or IPv6, no fragments): what the shared
/// captures are. Frames that are something else are left out. Independent of the reader under src/ingest.
inline std::vector<std::vector<std::uint8_t>> udpPayloads(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
  std::vector<std::vector<std::uint8_t>> payloads;
  std::size_t at = 24;
  while (at + 16 <= text.size()) {
    std::uint32_t captured;
    std::memcpy(&captured, data + at + 8, 4);
    const std::uint8_t* frame = data + at + 16;
    at += 16 + captured;
    if (at > text.size() || captured < 14) break;
    const std::uint16_t type = loadBe16(frame + 12);
    std::size_t udp = 0;
    if (type == 0x0800 && captured >= 34 && frame[23] == 17) udp = 14 + 4U * (frame[14] & 15U);
    if (type == 0x86DD && captured >= 54 && frame[20] == 17) udp = 54;
    if (udp == 0 || udp + 8 > captured) continue;
    const std::size_t length = loadBe16(frame + udp + 4);
    if (length < 8 || udp + length > captured) continue;
    payloads.emplace_back(frame + udp + 8, frame + udp + length);
  }
  return payloads;
}

}  // namespace weir::test
