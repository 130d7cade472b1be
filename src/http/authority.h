#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// Whom a request speaks to: the host and port of a Host header, an origin or a target in absolute form.
struct Authority {
  std::string host;  ///< in lower case, without the brackets of an IPv6 address; may be empty
  std::optional<std::uint16_t> port;
  bool isAddress = false;  ///< the host is an IPv4 or IPv6 address

  friend bool operator==(const Authority&, const Authority&) = default;
};

/// Reads `uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2); nothing when it is anything else. An
/// empty port counts as none.
[[nodiscard]] std::optional<Authority> parseAuthority(std::string_view text);
/// Whether it is one.
[[nodiscard]] bool isAuthority(std::string_view text);

}  // namespace weir::http
