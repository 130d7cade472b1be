#include "http/authority.h"

#include <algorithm>
#include <charconv>

#include "base/address.h"
#include "http/ascii.h"

namespace weir::http {

namespace {

constexpr std::string_view kUnreservedAndDelimiters = "-._~!$&'()*+,;=";

bool isHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isIpv6(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address && address->family == IpAddress::Family::v6;
}

bool isRegisteredName(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kUnreservedAndDelimiters.contains(c)) continue;
    if (c != '%' || i + 2 >= text.size() || !isHex(text[i + 1]) || !isHex(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

/// The parts of an authority that has the right form.
struct AuthorityParts {
  std::string_view host;  // without brackets
  bool bracketed = false;
  std::optional<std::uint16_t> port;
};

/// `text` begins with a colon or is empty.
bool readPort(std::string_view text, std::optional<std::uint16_t>& port) {
  if (text.size() <= 1) return text.empty() || text == ":";
  std::uint16_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, number);
  if (text[0] != ':' || error != std::errc() || rest != end) return false;
  port = number;
  return true;
}

std::optional<AuthorityParts> partsOf(std::string_view text) {
  AuthorityParts out;
  out.bracketed = text.starts_with('[');
  const std::size_t end = out.bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return std::nullopt;
  out.host = out.bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  if (!readPort(text.substr(out.bracketed ? end + 1 : end), out.port)) return std::nullopt;
  const bool good = out.bracketed ? isIpv6(out.host) : isRegisteredName(out.host);
  return good ? std::optional(out) : std::nullopt;
}

}  // namespace

bool isAuthority(std::string_view text) {
  return partsOf(text).has_value();
}

std::optional<Authority> parseAuthority(std::string_view text) {
  const auto parts = partsOf(text);
  if (!parts) return std::nullopt;
  const auto address = IpAddress::parse(parts->host);
  return Authority{lowerCase(parts->bracketed ? address->text() : std::string(parts->host)), parts->port,
                   address.has_value()};
}

}  // namespace weir::http
