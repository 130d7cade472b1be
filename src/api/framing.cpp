#include "api/framing.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

#include "api/authority.h"

namespace weir::api {

namespace {

namespace http = boost::beast::http;
using boost::beast::iequals;

std::string_view lastCoding(std::string_view codings) {
  codings.remove_prefix(codings.rfind(',') + 1);  // 0 when there is none
  const std::size_t first = codings.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return codings.substr(first, codings.find_last_not_of(" \t") + 1 - first);
}

std::optional<Refusal> codingFault(const http::request_header<>& header) {
  const auto [first, last] = header.equal_range(http::field::transfer_encoding);
  if (first == last) return std::nullopt;
  if (header.version() < 11) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  if (header.find(http::field::content_length) != header.end()) {
    return Refusal{400, "a request has Content-Length or Transfer-Encoding, not both"};
  }
  if (std::next(first) != last) return Refusal{400, "expected one Transfer-Encoding"};
  const std::string_view value(first->value().data(), first->value().size());
  if (iequals(value, "chunked")) return std::nullopt;
  if (!iequals(lastCoding(value), "chunked") || iequals(lastCoding(value.substr(0, value.rfind(','))), "chunked")) {
    return Refusal{400, "the length of the body is unknown: expected Transfer-Encoding: chunked"};
  }
  return Refusal{501, "chunked is the only transfer coding that is understood here"};
}

std::optional<Refusal> hostFault(const http::request_header<>& header) {
  const auto [first, last] = header.equal_range(http::field::host);
  if (first == last) {
    if (header.version() < 11) return std::nullopt;
    return Refusal{400, "HTTP/1.1 needs a Host header"};
  }
  if (std::next(first) != last) return Refusal{400, "expected one Host header"};
  if (parseAuthority({first->value().data(), first->value().size()})) return std::nullopt;
  return Refusal{400, "expected a name or an IP address in the Host header, with a port or without"};
}

}  // namespace

std::optional<Refusal> framingFault(const http::request_header<>& header) {
  if (const auto fault = codingFault(header)) return fault;
  return hostFault(header);
}

bool hasFoldedLine(std::string_view header) {
  for (std::size_t end = header.find('\n'); end != std::string_view::npos; end = header.find('\n', end + 1)) {
    if (end + 1 < header.size() && (header[end + 1] == ' ' || header[end + 1] == '\t')) return true;
  }
  return false;
}

}  // namespace weir::api
