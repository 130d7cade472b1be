#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"

namespace weir::agent {

/// Link speeds from `least` to `most`, both included, in bits per second.
struct SpeedRange {
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
  [[nodiscard]] bool holds(std::uint64_t bitsPerSecond) const {
    return bitsPerSecond >= least && bitsPerSecond <= most;
  }
  friend bool operator==(const SpeedRange&, const SpeedRange&) = default;
};

/// Addresses that share their first `bits` bits with `network`; `excluded` with a leading `!`.
struct Cidr {
  IpAddress network;
  int bits = 0;
  bool excluded = false;
  [[nodiscard]] bool holds(const IpAddress& address) const;
};

/// The values of a configuration. Each takes the whole text or gives nothing.

/// Decimal, 0x or octal, with suffix K, M or G for thousands.
[[nodiscard]] std::optional<std::uint64_t> parseInteger(std::string_view text);
/// Bits per second with suffix K, M, G, T or P; a fraction is allowed (`2.5G`).
[[nodiscard]] std::optional<std::uint64_t> parseSpeed(std::string_view text);
/// `1G` (exactly), `1G-10G`, `1G-` (and above).
[[nodiscard]] std::optional<SpeedRange> parseSpeedRange(std::string_view text);
/// `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `2001:db8::/32`, one address, each with an optional `!` before it.
[[nodiscard]] std::optional<Cidr> parseCidr(std::string_view text);
[[nodiscard]] std::optional<bool> parseOnOff(std::string_view text);
/// A decimal number from 0 to 1.
[[nodiscard]] std::optional<double> parseProbability(std::string_view text);
/// 32 hex digits with or without dashes: the sixteen octets.
[[nodiscard]] std::optional<std::array<std::uint8_t, 16>> parseUuid(std::string_view text);
/// Empty, or what regcomp(3) says of a POSIX extended regular expression.
[[nodiscard]] std::optional<std::string> patternProblem(const std::string& pattern);

[[nodiscard]] std::string lowerCase(std::string_view text);

}  // namespace weir::agent
