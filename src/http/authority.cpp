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

/// Takes the port off the end of `text`, which begins with a colon or is empty.
bool takePort(std::string_view text, std::optional<std::uint16_t>& port) {
  if (text.size() <= 1) return text.empty() || text == ":";
  std::uint16_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, number);
  if (text[0] != ':' || error != std::errc() || rest != end) return false;
  port = number;
  return true;
}

}  // namespace

std::optional<Authority> parseAuthority(std::string_view text) {
  Authority out;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto address = IpAddress::parse(text.substr(1, end - 1));
    if (!address || address->family != IpAddress::Family::v6 || !takePort(text.substr(end + 1), out.port)) {
      return std::nullopt;
    }
    out.host = lowerCase(address->text());
    out.isAddress = true;
    return out;
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view host = text.substr(0, colon);
  if (!isRegisteredName(host) || !takePort(text.substr(colon), out.port)) return std::nullopt;
  out.host = lowerCase(host);
  out.isAddress = IpAddress::parse(host).has_value();
  return out;
}

}  // namespace weir::http
