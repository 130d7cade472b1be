#include <algorithm>
#include <utility>
#include <vector>

#include "api/answers.h"
#include "api/description.h"
#include "api/records.h"

namespace weir::api {

namespace {

constexpr std::string_view kAbout =
    "The REST API of weir, an sFlow analyzer: that of sFlow-RT, and what is new. Times in milliseconds, rates per "
    "second. Bodies are read leniently: names and texts without quotes or in single ones, trailing commas, numbers and "
    "booleans as text. Bounds: 16 KiB of request line and headers (beyond: 414 or 431), 64 MiB of body (413), JSON "
    "nested deeper than 32 (400), more connections than it can hold (503). HEAD does what GET does without the "
    "body; POST does what PUT does. A hint is on what is accepted but probably a mistake: with hints=yes a GET is "
    "answered {hints, answer} and a PUT {hints}, with strict=yes a request with hints is refused (400).";

/// A path template as OpenAPI has it, which knows no tails.
std::string templateOf(std::string_view pattern) {
  std::string out(pattern);
  if (out.ends_with("...}")) out.replace(out.size() - 4, 4, "}");
  return out;
}

std::string operationId(const Route& route) {
  std::string out(methodName(route.method));
  for (char& c : out) c = static_cast<char>(c + ('a' - 'A'));
  bool upper = true;
  for (const char c : route.pattern) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    upper = !letter;
  }
  return out;
}

void writeParameter(JsonWriter& json, const ParameterDoc& parameter, bool inPath) {
  const bool filters = parameter.name == "*";
  json.beginObject();
  json.member("name", filters ? "filters" : parameter.name).member("in", inPath ? "path" : "query");
  if (inPath) json.member("required", true);
  if (!parameter.doc.empty()) json.member("description", parameter.doc);
  if (filters || parameter.type.ends_with("[]")) json.member("style", "form").member("explode", true);
  json.key("schema");
  writeSchema(json, filters ? "{text}" : parameter.type);
  json.endObject();
}

void writeContent(JsonWriter& json, std::string_view media, std::string_view type) {
  json.key("content").beginObject().key(media.substr(0, media.find(';'))).beginObject().key("schema");
  writeSchema(json, type);
  json.endObject().endObject();
}

void writeResponse(JsonWriter& json, const Route& route, unsigned status) {
  json.key(std::to_string(status)).beginObject().member("description", statusDoc(status));
  if (status >= 400) {
    writeContent(json, kMediaJson, "Error");
  } else if (status == 200) {
    writeContent(json, route.media, !route.answer.empty() ? route.answer : route.body.empty() ? "text" : "Hints");
  }
  json.endObject();
}

void writeOperation(JsonWriter& json, const Route& route) {
  std::string method(methodName(route.method));
  for (char& c : method) c = static_cast<char>(c + ('a' - 'A'));
  json.key(method).beginObject();
  json.key("tags").beginArray().string(route.family).endArray();
  json.member("operationId", operationId(route)).member("summary", route.doc);
  const auto inPath = pathParameters(route.pattern);
  const auto query = queryParameters(route);
  if (!inPath.empty() || !query.empty()) {
    json.key("parameters").beginArray();
    for (const ParameterDoc& parameter : inPath) writeParameter(json, parameter, true);
    for (const ParameterDoc& parameter : query) writeParameter(json, parameter, false);
    json.endArray();
  }
  if (!route.body.empty()) {
    json.key("requestBody").beginObject().member("required", true);
    writeContent(json, kMediaJson, route.body);
    json.endObject();
  }
  json.key("responses").beginObject();
  for (const unsigned status : statusesOf(route)) writeResponse(json, route, status);
  json.endObject().endObject();
}

}  // namespace

std::string_view statusDoc(unsigned status) {
  switch (status) {
    case 200:
      return "The answer.";
    case 204:
      return "Done.";
    case 302:
      return "It stands elsewhere.";
    case 400:
      return "Something in the request is wrong; the answer says what, where, and what was expected.";
    case 403:
      return "The server is read only (http.readonly), or a page of another site asked (http.origins, http.hosts).";
    case 404:
      return "There is none of that name.";
    case 413:
      return "The body is too long.";
    case 503:
      return "Not now: too many questions at once, or the engine is stopping. Ask again in a second.";
    default:
      return http::reasonPhrase(status);
  }
}

std::string openApiJson(std::span<const Route> routes, std::string_view version) {
  std::string out;
  JsonWriter json(out);
  json.beginObject().member("openapi", "3.1.0");
  json.key("info").beginObject().member("title", "weir").member("version", version).member("description", kAbout);
  json.key("license").beginObject().member("name", "Apache 2.0").member("identifier", "Apache-2.0").endObject();
  json.endObject();
  json.key("servers").beginArray().beginObject().member("url", "../").endObject().endArray();
  // Methods of one path stand together.
  std::vector<std::pair<std::string_view, std::vector<const Route*>>> paths;
  for (const Route& route : routes) {
    if (route.page) continue;
    auto at = std::ranges::find(paths, route.pattern, &decltype(paths)::value_type::first);
    if (at == paths.end()) at = paths.insert(paths.end(), {route.pattern, {}});
    at->second.push_back(&route);
  }
  json.key("paths").beginObject();
  for (const auto& [pattern, operations] : paths) {
    json.key(templateOf(pattern)).beginObject();
    for (const Route* route : operations) writeOperation(json, *route);
    json.endObject();
  }
  json.endObject();
  json.key("components").beginObject().key("schemas").beginObject();
  for (const RecordDoc& record : records()) writeSchema(json.key(record.name), record);
  json.endObject().endObject().endObject();
  return out;
}

std::string openApiYaml(std::span<const Route> routes, std::string_view version) {
  return yamlFromJson(openApiJson(routes, version));
}

}  // namespace weir::api
