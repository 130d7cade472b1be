#include "decode/synthetic.h"

#include <cstring>

namespace weir::decode {
namespace {

constexpr std::size_t kMinimumTcp = 20;

/// Writes the transport header that the record's ports and flags describe; gives its size.
std::size_t writeTransport(std::uint8_t* p, std::uint32_t protocol, std::uint32_t sourcePort,
                           std::uint32_t destinationPort, std::uint32_t tcpFlags) {
  switch (protocol) {
    case 1:
    case 58:
      p[0] = static_cast<std::uint8_t>(sourcePort);
      p[1] = static_cast<std::uint8_t>(destinationPort);
      return 8;
    case 6:
    case 17:
    case 33:
    case 132:
    case 136:
      break;
    default:
      return 0;
  }
  storeBe16(p, static_cast<std::uint16_t>(sourcePort));
  storeBe16(p + 2, static_cast<std::uint16_t>(destinationPort));
  if (protocol == 17 || protocol == 136) return 8;
  if (protocol != 6) return 4;
  p[12] = 5 << 4;
  p[13] = static_cast<std::uint8_t>(tcpFlags);
  return kMinimumTcp;
}

}  // namespace

Bytes synthesizeIpv4(const std::uint8_t* source, const std::uint8_t* destination, std::uint32_t protocol,
                     std::uint32_t sourcePort, std::uint32_t destinationPort, std::uint32_t tcpFlags, std::uint32_t tos,
                     std::uint32_t length, std::span<std::uint8_t> scratch) {
  if (scratch.size() < kSyntheticSize) return {};
  std::uint8_t* p = scratch.data();
  std::memset(p, 0, kSyntheticSize);
  const std::size_t size = 20 + writeTransport(p + 20, protocol, sourcePort, destinationPort, tcpFlags);
  p[0] = 0x45;
  p[1] = static_cast<std::uint8_t>(tos);
  if (length >= size && length <= 0xFFFF) storeBe16(p + 2, static_cast<std::uint16_t>(length));
  p[9] = static_cast<std::uint8_t>(protocol);
  std::memcpy(p + 12, source, 4);
  std::memcpy(p + 16, destination, 4);
  return {p, size};
}

Bytes synthesizeIpv6(const std::uint8_t* source, const std::uint8_t* destination, std::uint32_t protocol,
                     std::uint32_t sourcePort, std::uint32_t destinationPort, std::uint32_t tcpFlags,
                     std::uint32_t priority, std::uint32_t length, std::span<std::uint8_t> scratch) {
  if (scratch.size() < kSyntheticSize) return {};
  std::uint8_t* p = scratch.data();
  std::memset(p, 0, kSyntheticSize);
  const std::size_t size = 40 + writeTransport(p + 40, protocol, sourcePort, destinationPort, tcpFlags);
  storeBe32(p, 6u << 28 | (priority & 0xFF) << 20);
  if (length >= size && length - 40 <= 0xFFFF) storeBe16(p + 4, static_cast<std::uint16_t>(length - 40));
  p[6] = static_cast<std::uint8_t>(protocol);
  std::memcpy(p + 8, source, 16);
  std::memcpy(p + 24, destination, 16);
  return {p, size};
}

Bytes synthesizeEthernet(const std::uint8_t* source, const std::uint8_t* destination, std::uint32_t type,
                         std::span<std::uint8_t> scratch) {
  if (scratch.size() < kSyntheticSize) return {};
  std::uint8_t* p = scratch.data();
  std::memcpy(p, destination, 6);
  std::memcpy(p + 6, source, 6);
  storeBe16(p + 12, static_cast<std::uint16_t>(type));
  return {p, 14};
}

}  // namespace weir::decode
