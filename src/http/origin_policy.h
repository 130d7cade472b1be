#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/authority.h"
#include "http/message.h"

namespace weir::http {

/// Keeps pages of other sites from changing anything here: a browser sends a form or a text/plain request anywhere
/// without asking. Its requests are known by Origin (RFC 6454 section 7) and Sec-Fetch-Site (Fetch Metadata Request
/// Headers); programs send neither and are never refused, nor is reading. An immutable value. Thread: any.
class OriginPolicy {
 public:
  /// `origins`: whose pages may change something, as `https://noc.example`. `hosts`: names by which this server is
  /// reached; IP addresses and localhost need not be among them.
  OriginPolicy(const std::vector<std::string>& origins, const std::vector<std::string>& hosts);

  /// Whether a page of one of `origins` sent this.
  [[nodiscard]] bool lists(const Request& request) const;
  /// Why a request that changes something is refused, one sentence; nothing when it is not.
  ///
  /// Origin decides where there is one: the Host that the request was sent to, or one of `origins`. Without, a
  /// Sec-Fetch-Site of same-origin or none passes. Then the host must be known: a foreign name that resolves to this
  /// server (DNS rebinding) makes Origin and Host equal.
  [[nodiscard]] std::optional<std::string> refusal(const Request& request) const;

 private:
  struct Origin {
    std::string scheme;
    Authority authority;
    [[nodiscard]] std::uint16_t portOf(const Authority& given) const;
    [[nodiscard]] bool isAt(const Authority& other) const;
  };
  [[nodiscard]] static std::optional<Origin> parse(std::string_view text);
  [[nodiscard]] bool lists(const Origin& origin) const;
  [[nodiscard]] bool knows(const Authority& host) const;

  std::vector<Origin> origins_;
  std::vector<std::string> hosts_;
};

}  // namespace weir::http
