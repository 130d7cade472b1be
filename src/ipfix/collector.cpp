#include "ipfix/collector.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/address.h"

namespace weir::ipfix {

namespace {

constexpr std::size_t kMaxName = 253;  // RFC 1035 3.1, as text

std::optional<std::uint16_t> parsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// Letters of other alphabets come as xn--…, so these are all that a name has.
bool isName(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return !text.empty() && text.size() <= kMaxName && std::ranges::all_of(text, allowed) && text.front() != '-' &&
         text.front() != '.';
}

std::string lowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Only digits and dots: meant as an IPv4 address, and no name.
bool looksLikeIp4(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

Expected<Collector> Collector::parse(std::string_view text) {
  const auto problem = [&](const char* expected) {
    return fail("expected " + std::string(expected) + ", not \"" + std::string(text) + "\"");
  };
  Collector out;
  if (const auto address = IpAddress::parse(text)) {
    out.host = address->text();
    return out;
  }
  std::string_view host = text, port;
  bool hasPort = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return problem("a ] behind the IPv6 address");
    host = text.substr(1, end - 1);
    hasPort = end + 1 < text.size();
    if (hasPort && text[end + 1] != ':') return problem("[address]:port");
    if (hasPort) port = text.substr(end + 2);
    const auto address = IpAddress::parse(host);
    if (!address || address->family != IpAddress::Family::v6) return problem("an IPv6 address in the brackets");
    out.host = address->text();
  } else {
    if (std::ranges::count(text, ':') > 1) return problem("an IPv6 address; with a port, in brackets: [address]:port");
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
      host = text.substr(0, colon);
      port = text.substr(colon + 1);
      hasPort = true;
    }
    const auto address = IpAddress::parse(host);
    if (!address && (!isName(host) || looksLikeIp4(host))) return problem("a collector as host or host:port");
    out.host = address ? address->text() : lowerCase(host);
  }
  if (!hasPort) return out;
  const auto number = parsePort(port);
  if (!number) return problem("a UDP port, 1 to 65535, behind the colon");
  out.port = *number;
  return out;
}

std::string Collector::text() const {
  std::string out = host;
  if (host.find(':') != std::string::npos) (out.insert(0, 1, '[')) += ']';
  return out + ':' + std::to_string(port);
}

}  // namespace weir::ipfix
