#include "http/response.h"

#include <algorithm>
#include <charconv>

#include "base/json_writer.h"
#include "http/gzip.h"

namespace weir::http {

namespace {

constexpr std::pair<unsigned, std::string_view> kReasons[] = {
    {200, "OK"},
    {204, "No Content"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {431, "Request Header Fields Too Large"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

constexpr std::string_view kTextTypes[] = {"json", "javascript", "xml", "yaml"};

}  // namespace

Response errorResponse(unsigned status, const Error& error) {
  Response out{status, std::string(kMediaJson), "", {}};
  JsonWriter json(out.body);
  json.beginObject().member("error", error.message);
  if (!error.attribute.empty()) json.member("attribute", error.attribute);
  if (error.position) json.member("position", static_cast<std::uint64_t>(*error.position));
  json.endObject();
  return out;
}

std::string_view reasonPhrase(unsigned status) {
  for (const auto& [code, reason] : kReasons) {
    if (code == status) return reason;
  }
  return "Unknown";
}

/// Of less, the head is most of the answer.
bool isCompressible(const Response& response) {
  if (response.body.size() < kLeastCompressed || response.contentType == kMediaEvents) return false;
  const std::string_view type = response.contentType;
  return type.starts_with("text/") ||
         std::ranges::any_of(kTextTypes, [&](std::string_view part) { return type.contains(part); });
}

namespace {

std::string headLines(const Response& response, std::string_view date) {
  std::string out = "HTTP/1.1 ";
  out.reserve(360);
  out.append(std::to_string(response.status)).append(" ").append(reasonPhrase(response.status));
  out.append("\r\nDate: ").append(date);
  if (!response.contentType.empty()) out.append("\r\nContent-Type: ").append(response.contentType);
  for (const auto& [name, value] : response.headers) out.append("\r\n").append(name).append(": ").append(value);
  return out;
}

}  // namespace

std::string responseHead(const Response& response, bool keepAlive, std::string_view date) {
  std::string out = headLines(response, date);
  // RFC 9110 section 8.6: no Content-Length with 204, nor, with HEAD, another than GET would tell; a stream has none.
  if (response.status != 204 && response.status != 304 && response.contentType != kMediaEvents) {
    const std::uint64_t length = response.source ? response.source->size() : response.body.size();
    out.append("\r\nContent-Length: ").append(std::to_string(length));
  }
  return out.append("\r\nConnection: ").append(keepAlive ? "keep-alive" : "close").append("\r\n\r\n");
}

std::string streamHead(const Response& response, std::string_view date) {
  return headLines(response, date).append("\r\nConnection: close\r\n\r\n");
}

std::string chunkHead(std::size_t octets) {
  char digits[16];
  const char* const end = std::to_chars(digits, digits + sizeof digits, octets, 16).ptr;
  return std::string(static_cast<const char*>(digits), end) + "\r\n";
}

bool needsFinishing(const Request& request, const Filter& filter, const Response& response) {
  return filter || (request.acceptsGzip && isCompressible(response));
}

void finishBody(const Request& request, const Filter& filter, Response& response) {
  if (filter) filter(response);
  if (!isCompressible(response)) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!request.acceptsGzip) return;
  auto compressed = gzip(response.body);
  if (!compressed) return;  // no memory for it: plain is as good
  response.body = std::move(*compressed);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

void finishResponse(const Request& request, Response& response) {
  if (response.status == 503) response.headers.emplace_back("Retry-After", "1");
  if (request.method == Method::get || request.method == Method::head) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    if (response.contentType == kMediaJson) response.headers.emplace_back("Cache-Control", "no-store");
  } else if (request.listedOrigin && request.method != Method::options) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  }
}

}  // namespace weir::http
