#include "http/url.h"

#include <algorithm>

#include "http/ascii.h"

namespace weir::http {

namespace {

std::unexpected<Error> badUrl(std::string_view what) {
  return fail("expected " + std::string(what), "url");
}

/// Only what may stand in a request line: no blanks, no control characters, nothing beyond ASCII.
bool isTarget(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// Takes `.` and `..` out of a path (RFC 3986 section 5.2.4).
std::string withoutDots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.erase(std::min(out.rfind('/'), out.size()));
      if (path.empty()) out += '/';
    } else {
      out += segment;
    }
  }
  return out.empty() ? "/" : out;
}

}  // namespace

std::string Url::host() const {
  const bool v6 = authority.isAddress && authority.host.contains(':');
  std::string out = v6 ? "[" + authority.host + "]" : authority.host;
  if (authority.port) out += ":" + std::to_string(*authority.port);
  return out;
}

std::string Url::origin() const {
  return scheme + "://" + authority.host + " " + std::to_string(port());
}

Expected<Url> parseUrl(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return badUrl("an absolute URL, as http://host/path");
  std::string_view rest = text.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  auto authority = parseAuthority(rest.substr(0, end));
  if (!authority || authority->host.empty()) return badUrl("a host behind ://, with a port or without");
  rest = rest.substr(end, rest.find('#') - end);
  Url out{lowerCase(text.substr(0, colon)), std::move(*authority), std::string(rest)};
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  if (!isTarget(out.target)) return badUrl("a path without blanks and with other characters percent-encoded");
  return out;
}

Expected<Url> resolveUrl(const Url& base, std::string_view reference) {
  const std::size_t path = reference.find_first_of("/?#");
  if (reference.find(':') < path) return parseUrl(reference);
  if (reference.starts_with("//")) return parseUrl(base.scheme + ":" + std::string(reference));
  Url out = base;
  const std::string_view old = std::string_view(base.target).substr(0, base.target.find('?'));
  std::string_view wanted = reference.substr(0, reference.find('#'));
  if (wanted.empty()) return out;
  const std::size_t mark = std::min(wanted.find('?'), wanted.size());
  const std::string_view query = wanted.substr(mark);
  wanted = wanted.substr(0, mark);
  std::string merged(wanted);
  if (wanted.empty()) merged = old;
  if (!merged.starts_with('/')) merged.insert(0, old.substr(0, old.rfind('/') + 1));
  out.target = withoutDots(merged).append(query);
  if (!isTarget(out.target)) return badUrl("a path without blanks and with other characters percent-encoded");
  return out;
}

}  // namespace weir::http
