#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::ipfix {

/// Where a definition's records are sent to: an address or a name, and a UDP port.
struct Collector {
  static constexpr std::uint16_t kPort = 4739;  ///< RFC 7011 10.1

  std::string host;  ///< no brackets
  std::uint16_t port = kPort;

  /// `host`, `host:port`, `2001:db8::1`, `[2001:db8::1]:port`. Errors have no attribute.
  [[nodiscard]] static Expected<Collector> parse(std::string_view text);
  /// With port, and brackets where they are needed.
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const Collector&, const Collector&) = default;
};

}  // namespace weir::ipfix
