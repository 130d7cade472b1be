#pragma once
#include <optional>
#include <string_view>

#include "http/headers.h"

namespace weir::http {

/// Why a request is refused, though its header can be read. The connection ends with the answer: where the next request
/// begins is not known.
struct Refusal {
  unsigned status;
  std::string_view why;
};

/// Looks for requests whose end another program might see elsewhere (request smuggling), and for a missing or doubtful
/// host: Transfer-Encoding is exactly `chunked`, without Content-Length, and not of HTTP/1.0 (RFC 9112 sections 6.1 and
/// 6.3); HTTP/1.1 has one valid Host (section 3.2).
[[nodiscard]] std::optional<Refusal> framingFault(const Headers& headers, bool http10);

/// Whether lines of a header are continued on the next line, which RFC 9112 section 5.2 lets a server refuse.
[[nodiscard]] bool hasFoldedLine(std::string_view header);

}  // namespace weir::http
