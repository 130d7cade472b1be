#include "api/answers.h"

#include <algorithm>

#include "api/gzip.h"
#include "api/json_indent.h"
#include "api/router.h"
#include "base/json_writer.h"
#include "json/read.h"

namespace weir::api {

namespace {

constexpr std::pair<unsigned, std::string_view> kReasons[] = {
    {200, "OK"},
    {204, "No Content"},
    {302, "Found"},
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

}  // namespace

Response jsonResponse(std::string json) {
  return {200, std::string(kMediaJson), std::move(json), {}};
}

Response textResponse(std::string text) {
  return {200, std::string(kMediaText), std::move(text), {}};
}

Response noContent() {
  return {204, "", "", {}};
}

Response errorResponse(unsigned status, const Error& error) {
  Response out{status, std::string(kMediaJson), "", {}};
  JsonWriter json(out.body);
  json.beginObject().member("error", error.message);
  if (!error.attribute.empty()) json.member("attribute", error.attribute);
  if (error.position) json.member("position", static_cast<std::uint64_t>(*error.position));
  json.endObject();
  return out;
}

Response responseOf(engine::Answer answer, std::string_view media) {
  switch (answer.status) {
    case engine::Answer::Status::ok:
      return {200, std::string(media), std::move(answer.json), {}};
    case engine::Answer::Status::invalid:
      return errorResponse(400, answer.error);
    case engine::Answer::Status::notFound:
      return errorResponse(404, answer.error);
    case engine::Answer::Status::unavailable:
      break;
  }
  return errorResponse(503, answer.error);
}

engine::AnswerCallback answerTo(ReplyPtr reply, std::string_view media) {
  return
      [reply = std::move(reply), media](engine::Answer answer) { reply->send(responseOf(std::move(answer), media)); };
}

Expected<std::optional<double>> numberParameter(const Request& request, std::string_view name) {
  const std::string* text = request.parameter(name);
  if (text == nullptr) return std::nullopt;
  auto number = json::parseNumber(*text, name);
  if (!number) return std::unexpected(std::move(number.error()));
  return *number;
}

Expected<std::optional<std::int64_t>> integerParameter(const Request& request, std::string_view name) {
  const std::string* text = request.parameter(name);
  if (text == nullptr) return std::nullopt;
  auto number = json::parseInteger(*text, name);
  if (!number) return std::unexpected(std::move(number.error()));
  return *number;
}

std::vector<std::string> listParameter(const Request& request, std::string_view name, std::string_view separators) {
  std::vector<std::string> out;
  for (const auto& [parameter, value] : request.query) {
    if (parameter != name) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
      if (end > 0) out.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

std::string_view reasonPhrase(unsigned status) {
  for (const auto& [code, reason] : kReasons) {
    if (code == status) return reason;
  }
  return "Unknown";
}

namespace {

bool isIndented(const Options& options, const Response& response) {
  return options.jsonIndent != 0 && response.contentType == kMediaJson;
}

/// Text of some length: of less, the head is most of the answer.
bool isCompressible(const Response& response) {
  return response.body.size() >= kLeastCompressed && response.contentType != kMediaEvents;
}

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
  if (response.status != 204 && response.contentType != kMediaEvents)
    out.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  return out.append("\r\nConnection: ").append(keepAlive ? "keep-alive" : "close").append("\r\n\r\n");
}

std::string streamHead(const Response& response, std::string_view date) {
  return headLines(response, date).append("\r\nConnection: close\r\n\r\n");
}

bool needsFinishing(const Request& request, const Options& options, const Response& response) {
  return isIndented(options, response) || (request.acceptsGzip && isCompressible(response));
}

void finishBody(const Request& request, const Options& options, Response& response) {
  if (isIndented(options, response)) response.body = indentJson(response.body, std::min(options.jsonIndent, 16u));
  if (!isCompressible(response)) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!request.acceptsGzip) return;
  auto compressed = gzip(response.body);
  if (!compressed) return;  // no memory for it: plain is as good
  response.body = std::move(*compressed);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

void finishResponse(const Request& request, Response& response) {
  if (request.method == Method::get || request.method == Method::head) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    if (response.contentType == kMediaJson) response.headers.emplace_back("Cache-Control", "no-store");
  } else if (request.listedOrigin && request.method != Method::options) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  }
}

}  // namespace weir::api
