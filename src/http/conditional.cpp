#include "http/conditional.h"

#include <algorithm>
#include <charconv>

#include "base/hash.h"
#include "http/ascii.h"
#include "http/date.h"
#include "http/response.h"

namespace weir::http {

namespace {

std::string_view validator(const Response& response, std::string_view name) {
  for (const auto& [given, value] : response.headers) {
    if (given == name) return value;
  }
  return {};
}

/// Without the mark of a weak one: weak comparison (RFC 9110 section 8.8.3.2).
std::string_view opaqueTag(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag;
}

bool listsTag(std::string_view list, std::string_view tag) {
  if (trimmed(list) == "*") return true;
  while (true) {
    const std::size_t begin = list.find('"');
    if (begin == std::string_view::npos) return false;
    const std::size_t end = list.find('"', begin + 1);
    if (end == std::string_view::npos) return false;
    if (list.substr(begin, end - begin + 1) == opaqueTag(tag)) return true;
    list.remove_prefix(end + 1);
  }
}

}  // namespace

std::string entityTag(std::string_view content) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, hashBytes(content.data(), content.size()), 16).ptr;
  return "W/\"" + std::string(digits, end) + "\"";
}

bool isHeldByClient(const Request& request, const Response& response) {
  if (response.status != 200 || (request.method != Method::get && request.method != Method::head)) return false;
  if (request.headers.has("If-None-Match")) {
    const std::string_view tag = validator(response, "ETag");
    return !tag.empty() && listsTag(request.headers["If-None-Match"], tag);
  }
  if (!request.headers.has("If-Modified-Since")) return false;
  const auto held = parseDate(request.headers["If-Modified-Since"]);
  const auto modified = parseDate(validator(response, "Last-Modified"));
  return held && modified && *modified <= *held;
}

Response notModified(Response response) {
  if (isCompressible(response)) response.headers.emplace_back("Vary", "Accept-Encoding");
  return {304, "", "", std::move(response.headers)};
}

}  // namespace weir::http
