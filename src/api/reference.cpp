#include <string>
#include <vector>

#include "api/description.h"
#include "api/markdown.h"
#include "api/records.h"

namespace weir::api {

namespace {

constexpr std::string_view kPreface = R"(# REST API

<!-- Made by restReference() from the table of routes in src/api and from src/api/records.cpp; a test compares
(`WEIR_UPDATE_DOCS=1` writes it anew). Do not edit. -->

These are the resources of sFlow-RT and those that weir adds. The server describes them, too: `/api/` is this page, and
`/api/api.yml` is an OpenAPI 3.1 description made from the same table.

## What all resources share

- **Methods.** HEAD is like GET without the body. POST is like PUT, except for `…/validate`. OPTIONS returns the methods.
  Other methods are answered with 405, unknown paths with 404.
- **Bodies** are JSON with any Content-Type. The reader accepts names and texts without quotes or in single quotes, `=` or
  `=>` for `:`, `;` for `,`, trailing commas, and numbers and booleans as text. Unknown members are ignored.
- **Answers** are compact JSON in UTF-8, or indented with `http.json.indent`. A member without a value is absent. Errors have
  a body `{"error": …, "attribute": …, "position": …}` that tells what was expected and where.
- **Limits.** Request line and headers: 16 KiB (above: 414 or 431). Body: 64 MiB (413). Nesting of JSON: 32 (400). Beyond
  4,096 connections the one that is idle for longest is closed; if none is idle, or if bodies and unread answers take more than
  256 MiB: 503.
- **Changes** (PUT, POST, DELETE) are answered with 403 if `http.readonly=yes`; `POST /flow/validate` changes nothing.
  DELETE of an unknown name is 204.
- **Pages of other sites** can read but not change. A PUT, POST or DELETE is answered with 403 and the reason if its `Origin`
  is neither the `Host` that it was sent to nor one of `http.origins`, or if it has no `Origin` and `Sec-Fetch-Site` is
  `cross-site` or `same-site`. A page can make changes only if `Host` is an IP address, `localhost`, the name of the machine
  or one of `http.hosts`. Programs send neither of these two headers and are not restricted.
- **gzip.** Answers of at least 1,400 octets are compressed for clients that send `Accept-Encoding: gzip`.
- **Path prefix.** Pages and answers contain relative links only, so the server works behind a proxy with any prefix.
- **Agents** in a path: `ALL`, addresses, host names, `TOPOLOGY` (all agents of the topology), `EDGE` (its ports that are not
  on links) and `CORE` (its ports on links). A list is separated by `;` or `,`. If several devices have the same agent
  address, the name of each later one is that address, `@` and the sender of its datagrams: `10.0.0.30@192.0.2.2`.
- **Metrics** in a path: `[operation:][dataSource.]name`, a list separated by `,` or `;`. The data source is the ifIndex of
  a port, or `class.index`: `2.1` is the host itself, `3.n` a virtual machine or container. Operations, for `/metric` only:
  max (default), min, sum, avg, var, sdev, med, q1, q2, q3, iqr, any. For `/table` only: `sort:name:n` keeps the first n
  rows by that column, descending if n is negative; `sort:name:-` keeps all rows, descending; `null:name` may be missing.
- **Hints** are sentences on what is accepted but probably a mistake: a misspelt key or parameter, a name that does not
  exist. With `hints=yes` a PUT is answered with `{"hints": […]}`, a GET with `{"hints": […], "answer": …}` (JSON only).
  With `strict=yes`, or the property `hints.strict=yes`, a request with hints is answered with 400 and has no effect.
- **Filters**: query parameters `metric=value` with `*` for any text. The same name twice is "or", different names are
  "and". If a port does not have the metric, that of its host applies, so `host_name=leaf*` selects ports, too.
  The `host_name` of an agent that does not send one is the name of its node in the topology.

## Waiting for records

`/events/json` and `/flows/json` answer at once with the matching records after the cursor (`eventID`, `flowID`), newest
first. Without matching records they wait up to `timeout` seconds, then answer `[]`. The first record of an answer contains
the next cursor. A cursor beyond the newest record is ignored, since the server was restarted.

`/events/stream` and `/flows/stream` are the same logs as Server-Sent Events, oldest first: `id:` is eventID or flowID, and
`data:` the record. A client that reconnects with `Last-Event-ID`, as browsers do, gets all later records that are still in
the log (`events.max`, `flows.max`). With `timeout`, a stream ends after so many seconds without a record. Comments keep idle
connections open. A reader is disconnected if the log has overwritten records that it has not read, or if it reads nothing
for a minute; `httpStreamsCut` in `/analyzer/json` counts this.

`/activeflows/{agent}/{name}/stream` sends the answer of `/activeflows/{agent}/{name}/json` every `interval` seconds. It ends
with an `event: error` when the flow definition is removed.

    curl -N 'http://localhost:8008/events/stream?thresholdID=elephant'
    new EventSource("events/stream").onmessage = message => console.log(JSON.parse(message.data))
)";

std::string heading(const Route& route) {
  std::string out = "### ";
  return out.append(methodName(route.method)).append(" ").append(route.pattern).append("\n\n");
}

std::string code(std::string_view text) {
  std::string out = "`";
  return out.append(text).append("`");
}

/// A type with a link to its record.
std::string typeText(std::string_view type) {
  if (type.starts_with('{') && type.ends_with('}')) {
    return "object: name → " + typeText(type.substr(1, type.size() - 2));
  }
  if (const auto bar = type.find('|'); bar != std::string_view::npos) {
    return typeText(type.substr(0, bar)) + " or " + typeText(type.substr(bar + 1));
  }
  if (type.ends_with("[]")) return "array of " + typeText(type.substr(0, type.size() - 2));
  if (findRecord(type) == nullptr) return std::string(type);
  return "[" + std::string(type) + "](#" + anchorOf(type) + ")";
}

std::string answerText(const Route& route) {
  if (route.media == kMediaJson) {
    if (!route.answer.empty()) return typeText(route.answer);
    return route.body.empty() ? "nothing" : "nothing, or " + typeText("Hints") + " with `hints=yes`";
  }
  return code(route.media.substr(0, route.media.find(';'))) +
         (route.answer.empty() ? "" : ": " + std::string(route.answer));
}

void appendRoute(std::string& out, const Route& route) {
  out += heading(route) + std::string(route.doc) + "\n\n";
  const auto query = queryParameters(route);
  for (const ParameterDoc& parameter : query) {
    out +=
        "- " + code(parameter.name == "*" ? "metric=value" : parameter.name) + ": " + std::string(parameter.doc) + "\n";
  }
  if (!query.empty()) out += "\n";
  if (!route.body.empty()) out += "Body: " + typeText(route.body) + ". ";
  out += "Answer: " + answerText(route) + ". Statuses:";
  for (const unsigned status : statusesOf(route)) out += " " + std::to_string(status);
  out += ".\n\n";
}

void appendRecord(std::string& out, const RecordDoc& record) {
  out += "### " + std::string(record.name) + "\n\n";
  if (!record.doc.empty()) out += std::string(record.doc) + "\n\n";
  out += "| member | type | |\n|---|---|---|\n";
  const std::string_view optional = record.name.ends_with("Body") ? "May be left out." : "Not always there.";
  for (const MemberDoc& member : record.members) {
    out += "| " + code(member.name) + " | " + typeText(member.type) + " | " + std::string(member.doc);
    if (!member.required) out.append(member.doc.empty() ? "" : " ").append(optional);
    out += " |\n";
  }
  out += "\n";
}

}  // namespace

std::string restReference(std::span<const Route> routes) {
  std::string out(kPreface);
  std::string_view family;
  for (const Route& route : routes) {
    if (route.page) continue;
    if (route.family != family) out += "\n## " + std::string(route.family) + "\n\n";
    family = route.family;
    appendRoute(out, route);
  }
  out += "## Records\n\n";
  for (const RecordDoc& record : records()) appendRecord(out, record);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace weir::api
