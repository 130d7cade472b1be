#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace weir {

using Bytes = std::span<const std::uint8_t>;

/// Big-endian loads from any alignment. The caller has checked that the bytes are there.
[[nodiscard]] inline std::uint16_t loadBe16(const std::uint8_t* p) {
  std::uint16_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap16(v);
}
[[nodiscard]] inline std::uint32_t loadBe24(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(p[0]) << 16 | static_cast<std::uint32_t>(p[1]) << 8 | p[2];
}
[[nodiscard]] inline std::uint32_t loadBe32(const std::uint8_t* p) {
  std::uint32_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap32(v);
}
/// Six octets: a MAC address.
[[nodiscard]] inline std::uint64_t loadBe48(const std::uint8_t* p) {
  return std::uint64_t{loadBe16(p)} << 32 | loadBe32(p + 2);
}
[[nodiscard]] inline std::uint64_t loadBe64(const std::uint8_t* p) {
  std::uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap64(v);
}
inline void storeBe16(std::uint8_t* p, std::uint16_t v) {
  v = __builtin_bswap16(v);
  std::memcpy(p, &v, sizeof v);
}
inline void storeBe32(std::uint8_t* p, std::uint32_t v) {
  v = __builtin_bswap32(v);
  std::memcpy(p, &v, sizeof v);
}
inline void storeBe64(std::uint8_t* p, std::uint64_t v) {
  v = __builtin_bswap64(v);
  std::memcpy(p, &v, sizeof v);
}
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "these loads assume a little-endian machine");

}  // namespace weir
