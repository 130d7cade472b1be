#include "http/framing.h"

#include <boost/beast/http/field.hpp>

#include "http/ascii.h"
#include "http/authority.h"

namespace weir::http {

namespace {

namespace beast_http = boost::beast::http;

std::string_view lastCoding(std::string_view codings) {
  return trimmed(codings.substr(codings.rfind(',') + 1));  // from 0 when there is none
}

std::optional<Refusal> codingFault(const beast_http::request_header<>& header) {
  const auto [first, last] = header.equal_range(beast_http::field::transfer_encoding);
  if (first == last) return std::nullopt;
  if (header.version() < 11) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  if (header.find(beast_http::field::content_length) != header.end()) {
    return Refusal{400, "a request has Content-Length or Transfer-Encoding, not both"};
  }
  if (std::next(first) != last) return Refusal{400, "expected one Transfer-Encoding"};
  const std::string_view value(first->value().data(), first->value().size());
  if (equalsIgnoringCase(value, "chunked")) return std::nullopt;
  if (!equalsIgnoringCase(lastCoding(value), "chunked") ||
      equalsIgnoringCase(lastCoding(value.substr(0, value.rfind(','))), "chunked")) {
    return Refusal{400, "the length of the body is unknown: expected Transfer-Encoding: chunked"};
  }
  return Refusal{501, "chunked is the only transfer coding that is understood here"};
}

std::optional<Refusal> hostFault(const beast_http::request_header<>& header) {
  const auto [first, last] = header.equal_range(beast_http::field::host);
  if (first == last) {
    if (header.version() < 11) return std::nullopt;
    return Refusal{400, "HTTP/1.1 needs a Host header"};
  }
  if (std::next(first) != last) return Refusal{400, "expected one Host header"};
  if (parseAuthority({first->value().data(), first->value().size()})) return std::nullopt;
  return Refusal{400, "expected a name or an IP address in the Host header, with a port or without"};
}

}  // namespace

std::optional<Refusal> framingFault(const beast_http::request_header<>& header) {
  if (const auto fault = codingFault(header)) return fault;
  return hostFault(header);
}

bool hasFoldedLine(std::string_view header) {
  for (std::size_t end = header.find('\n'); end != std::string_view::npos; end = header.find('\n', end + 1)) {
    if (end + 1 < header.size() && (header[end + 1] == ' ' || header[end + 1] == '\t')) return true;
  }
  return false;
}

}  // namespace weir::http
