#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace weir {

/// An IPv4 or IPv6 address, or none. An IPv4 address stands in the first four octets; the others are zero.
/// Order: none, IPv4, IPv6, then by octets: the canonical order of agents everywhere.
struct IpAddress {
  enum class Family : std::uint8_t { none = 0, v4 = 4, v6 = 6 };

  Family family = Family::none;
  std::array<std::uint8_t, 16> octets{};

  [[nodiscard]] static IpAddress v4(const std::uint8_t* four);
  [[nodiscard]] static IpAddress v6(const std::uint8_t* sixteen);
  /// Dotted quad or any RFC 4291 text. Nothing else: no port, no zone, no brackets, no blanks.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  /// Dotted quad; IPv6 lower-case and compressed (RFC 5952: `fe80::a00:27ff:feb8:326d`), none as "".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] int bits() const { return family == Family::v4 ? 32 : family == Family::v6 ? 128 : 0; }
  [[nodiscard]] std::uint64_t hash() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
  /// Two words instead of a loop: agents and senders are compared for every datagram.
  friend bool operator==(const IpAddress& a, const IpAddress& b) {
    std::uint64_t first[2], second[2];
    std::memcpy(first, a.octets.data(), sizeof first);
    std::memcpy(second, b.octets.data(), sizeof second);
    return ((first[0] ^ second[0]) | (first[1] ^ second[1])) == 0 && a.family == b.family;
  }
};

/// Appends the text of four or sixteen octets as flow keys have it: IPv6 in upper case.
void appendIp4(std::string& out, const std::uint8_t* four);
void appendIp6(std::string& out, const std::uint8_t* sixteen);
/// Appends 12 upper-case hex digits.
void appendMac(std::string& out, const std::uint8_t* six);
/// Appends upper-case hex digits.
void appendHex(std::string& out, Bytes bytes);

}  // namespace weir
