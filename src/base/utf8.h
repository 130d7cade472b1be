#pragma once
#include <cstddef>

namespace weir {

/// Length (1 to 4) of the valid UTF-8 sequence at `p`, or 0 (RFC 3629: no overlong forms, no surrogates, nothing above
/// U+10FFFF). Reads nothing at or behind `end`; `p` is before `end`.
[[nodiscard]] inline std::size_t utf8Length(const unsigned char* p, const unsigned char* end) {
  const auto continuation = [&](int i) { return p + i < end && (p[i] & 0xC0) == 0x80; };
  if (*p < 0x80) return 1;
  if (*p >= 0xC2 && *p <= 0xDF) return continuation(1) ? 2 : 0;
  if (*p >= 0xE0 && *p <= 0xEF) {
    if (!continuation(1) || !continuation(2)) return 0;
    if (*p == 0xE0 && p[1] < 0xA0) return 0;
    if (*p == 0xED && p[1] > 0x9F) return 0;
    return 3;
  }
  if (*p >= 0xF0 && *p <= 0xF4) {
    if (!continuation(1) || !continuation(2) || !continuation(3)) return 0;
    if (*p == 0xF0 && p[1] < 0x90) return 0;
    if (*p == 0xF4 && p[1] > 0x8F) return 0;
    return 4;
  }
  return 0;
}

}  // namespace weir
