#include "http/framing.h"

#include "http/ascii.h"
#include "http/authority.h"

namespace weir::http {

namespace {

std::string_view lastCoding(std::string_view codings) {
  return trimmed(codings.substr(codings.rfind(',') + 1));  // from 0 when there is none
}

std::optional<Refusal> codingFault(const Headers& headers, bool http10) {
  const std::size_t count = headers.count("Transfer-Encoding");
  if (count == 0) return std::nullopt;
  if (http10) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  if (headers.has("Content-Length")) {
    return Refusal{400, "a request has Content-Length or Transfer-Encoding, not both"};
  }
  if (count > 1) return Refusal{400, "expected one Transfer-Encoding"};
  const std::string_view value = headers["Transfer-Encoding"];
  if (equalsIgnoringCase(value, "chunked")) return std::nullopt;
  const std::string_view before = value.substr(0, value.rfind(','));
  if (!equalsIgnoringCase(lastCoding(value), "chunked") || equalsIgnoringCase(lastCoding(before), "chunked")) {
    return Refusal{400, "the length of the body is unknown: expected Transfer-Encoding: chunked"};
  }
  return Refusal{501, "chunked is the only transfer coding that is understood here"};
}

std::optional<Refusal> hostFault(const Headers& headers, bool http10) {
  const std::size_t count = headers.count("Host");
  if (count == 0 && http10) return std::nullopt;
  if (count == 0) return Refusal{400, "HTTP/1.1 needs a Host header"};
  if (count > 1) return Refusal{400, "expected one Host header"};
  if (isAuthority(headers["Host"])) return std::nullopt;
  return Refusal{400, "expected a name or an IP address in the Host header, with a port or without"};
}

}  // namespace

std::optional<Refusal> framingFault(const Headers& headers, bool http10) {
  if (const auto fault = codingFault(headers, http10)) return fault;
  return hostFault(headers, http10);
}

bool hasFoldedLine(std::string_view header) {
  for (std::size_t end = header.find('\n'); end != std::string_view::npos; end = header.find('\n', end + 1)) {
    if (end + 1 < header.size() && (header[end + 1] == ' ' || header[end + 1] == '\t')) return true;
  }
  return false;
}

}  // namespace weir::http
