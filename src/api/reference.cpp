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

The resources are those of sFlow-RT, and what weir adds. The server itself tells them: `/api/` is this page,
`/api/api.yml` is an OpenAPI 3.1 description made from the same table.

## What all resources share

- **Methods.** HEAD does what GET does, without the body. POST does what PUT does, but for `/flow/validate`. OPTIONS tells
  the methods. Other methods are answered 405, unknown paths 404.
- **Bodies** are JSON whatever their Content-Type says, read leniently: names and texts without quotes or in single ones,
  `=` or `=>` for `:`, `;` for `,`, trailing commas, numbers and booleans as text. Unknown members are ignored.
- **Answers** are compact JSON in UTF-8, indented where `http.json.indent` says so. A member without a value is absent.
  What is refused has a body `{"error": …, "attribute": …, "position": …}` that says what was expected, and where.
- **Bounds.** 16 KiB of request line and headers (beyond: 414 or 431), 64 MiB of body (413), JSON nested deeper than 32
  (400), more connections than it can hold (503).
- **Changes** (PUT, POST, DELETE) are answered 403 with `http.readonly=yes`. DELETE of an unknown name is 204.
- **Pages of other sites** may read, and change nothing: a PUT, POST or DELETE whose `Origin` is neither the `Host` that it
  was sent to nor one of `http.origins`, or without an `Origin` whose `Sec-Fetch-Site` is `cross-site` or `same-site`, is
  answered 403 with the reason. A page can change something only where `Host` is an IP address, `localhost`, the name of the
  machine or one of `http.hosts`. Requests without these two headers, those of programs, are not concerned.
- **gzip.** Answers of 1,400 octets and more are compressed for clients that send `Accept-Encoding: gzip`.
- **Path prefix.** Pages and answers hold relative links only, so the server works behind a proxy at any prefix.
- **Agents** in a path: `ALL`, `TOPOLOGY`, `EDGE`, `CORE` (of the topology: its agents, its ports that are not ends of
  links, and those that are), addresses and host names; a list is separated by `;` or `,`.
- **Metrics** in a path: `[operation:][dataSource.]name`, a list separated by `,` or `;`. The data source is the ifIndex of
  a port, or `class.index`: `2.1` is the host itself, `3.n` a virtual machine or container. Operations, of `/metric` only:
  max (without one), min, sum, avg, var, sdev, med, q1, q2, q3, iqr, any. Of `/table` only: `sort:name:n` keeps the first n
  rows by that column, descending when n is negative, and `sort:name:-` all of them, descending; `null:name` may be missing.
- **Filters**: query parameters `metric=value` with `*` for any text. The same name twice is "or", different names are
  "and". A metric that a port lacks is looked up at its host, so `host_name=leaf*` selects ports too.

## Waiting for records

`/events/json` and `/flows/json` answer at once with the matching records after the cursor (`eventID`, `flowID`), newest
first. With none, they wait up to `timeout` seconds, and then answer `[]`. The first record of an answer holds the next
cursor. A cursor beyond the newest record counts as none: the server was restarted.

`/events/stream` and `/flows/stream` are the same logs as Server-Sent Events, oldest first: `id:` is eventID or flowID, and
`data:` the record. A client that was away sends `Last-Event-ID`, as browsers do by themselves, and gets whatever is still
in the log (`events.max`, `flows.max`) behind it. With `timeout`, a stream ends when nothing came for so many seconds.
A comment keeps silent connections open. A reader that is so slow that the log has run over what it has not seen, or that
takes nothing for a minute, is cut off; `httpStreamsCut` in `/analyzer/json` counts them.

`/activeflows/{agent}/{name}/stream` sends what `/activeflows/{agent}/{name}/json` answers, every `interval` seconds. When
the flow is removed, an `event: error` ends it.

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
  if (route.media == kMediaJson) return route.answer.empty() ? "nothing" : typeText(route.answer);
  return code(route.media.substr(0, route.media.find(';'))) +
         (route.answer.empty() ? "" : ": " + std::string(route.answer));
}

void appendRoute(std::string& out, const Route& route) {
  out += heading(route) + std::string(route.doc) + "\n\n";
  for (const ParameterDoc& parameter : route.query) {
    out +=
        "- " + code(parameter.name == "*" ? "metric=value" : parameter.name) + ": " + std::string(parameter.doc) + "\n";
  }
  if (!route.query.empty()) out += "\n";
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
