#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/authority.h"

namespace weir::http {

/// Where a request of a client goes (RFC 9110 section 4.2).
struct Url {
  std::string scheme;  ///< in lower case
  Authority authority;
  std::string target;  ///< path and query as they are sent; begins with a slash

  /// As given, else that of the scheme.
  [[nodiscard]] std::uint16_t port() const { return authority.port.value_or(scheme == "https" ? 443 : 80); }
  /// What Host says: the port only where one was given.
  [[nodiscard]] std::string host() const;
  /// Scheme, host and port, as a key of connections.
  [[nodiscard]] std::string origin() const;
};

/// An absolute URL without user and password; a fragment is dropped. Error: what is wrong with it.
[[nodiscard]] Expected<Url> parseUrl(std::string_view text);
/// What `reference` means at `base`: an absolute URL, or one that begins with //, with / or with a name (RFC 3986
/// section 5.2).
[[nodiscard]] Expected<Url> resolveUrl(const Url& base, std::string_view reference);

}  // namespace weir::http
