#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weir {

/// 128 bits: an extension that g++ and clang share.
__extension__ using Uint128 = unsigned __int128;

/// One multiply-fold step (wyhash family, Wang Yi): the high and low half of a 128-bit product, folded.
[[nodiscard]] inline std::uint64_t mixHash(std::uint64_t a, std::uint64_t b) {
  const auto m = static_cast<Uint128>(a ^ 0xa0761d6478bd642fULL) * (b ^ 0xe7037ed1a0b428dbULL);
  return static_cast<std::uint64_t>(m) ^ static_cast<std::uint64_t>(m >> 64);
}

/// Hash of any bytes; the same on every run and every machine, since what is evicted from a bounded table depends on
/// it.
[[nodiscard]] inline std::uint64_t hashBytes(const void* data, std::size_t size, std::uint64_t seed = 0) {
  const auto* p = static_cast<const unsigned char*>(data);
  std::uint64_t h = mixHash(seed, size);
  while (size >= 8) {
    std::uint64_t v;
    std::memcpy(&v, p, 8);
    h = mixHash(h, v);
    p += 8;
    size -= 8;
  }
  if (size != 0) {
    std::uint64_t v = 0;
    std::memcpy(&v, p, size);
    h = mixHash(h, v);
  }
  return h;
}

}  // namespace weir
