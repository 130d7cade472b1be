#pragma once
#include <string>
#include <string_view>

#include "http/message.h"

/// Validators, and answers to clients that hold a copy already (RFC 9110 sections 8.8 and 13).
namespace weir::http {

/// A weak entity tag of a content: weak, since the content is the same whether it is compressed or not.
[[nodiscard]] std::string entityTag(std::string_view content);

/// Whether a GET or HEAD asks for what it holds: If-None-Match and the ETag of `response`, else If-Modified-Since and
/// its Last-Modified. False for what is not answered 200 or has no validator.
[[nodiscard]] bool isHeldByClient(const Request& request, const Response& response);
/// 304 in place of `response`, with its headers.
[[nodiscard]] Response notModified(Response response);

}  // namespace weir::http
