#include "flow/definition.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <cctype>
#include <optional>

#include "flow/syntax.h"
#include "json/read.h"

namespace weir::flow {

namespace {

using boost::json::value;

// A member that is there and not null.
const value* member(const boost::json::object& body, std::string_view name) {
  const value* found = body.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

// A text, or an array of texts joined by commas.
Expected<std::string> readCommaList(const value& list, std::string_view attribute) {
  if (!list.is_array()) return json::readString(list, attribute);
  std::string joined;
  for (const value& element : list.get_array()) {
    auto text = json::readString(element, attribute);
    if (!text) return text;
    if (&element != &list.get_array().front()) joined += ',';
    joined += *text;
  }
  return joined;
}

bool isBlank(std::string_view text) {
  return withoutBlanks({text, 0}).text.empty();
}

Expected<std::vector<std::string>> splitList(std::string_view text, std::string_view attribute) {
  auto pieces = splitCommaList(text);
  if (!pieces) {
    return fail(pieces.error().message, std::string(attribute),
                characterPosition(text, pieces.error().position.value_or(0)));
  }
  std::vector<std::string> elements;
  for (const Piece& piece : *pieces) elements.emplace_back(piece.text);
  return elements;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Expected<CacheScope> scopeOf(const std::string& aggMode) {
  const std::string mode = lower(aggMode);
  if (mode == "agent") return CacheScope::agent;
  if (mode == "edge") return CacheScope::edge;
  if (mode.empty() || mode == "sum" || mode == "max" || mode == "core") return CacheScope::dataSource;
  return fail("expected AGENT, edge, core, max or sum", "aggMode");
}

/// Reads members one by one and remembers the first error.
class Members {
 public:
  explicit Members(const boost::json::object& body) : body_(body) {}

  void text(std::string_view name, std::string& out) { read(name, out, json::readString); }
  void flag(std::string_view name, bool& out) { read(name, out, json::readBool); }
  void list(std::string_view name, std::vector<std::string>& out) { read(name, out, json::readStringList); }
  void commaList(std::string_view name, std::string& out) { read(name, out, readCommaList); }
  void number(std::string_view name, double& out, double least, double most) {
    read(name, out, json::readNumber);
    out = std::clamp(out, least, most);
  }
  template <class T, class Read>
  void read(std::string_view name, T& out, Read readOne) {
    const value* found = member(body_, name);
    if (found == nullptr || error_) return;
    auto result = readOne(*found, name);
    if (result)
      out = std::move(*result);
    else
      error_ = std::move(result.error());
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const boost::json::object& body_;
  std::optional<Error> error_;
};

}  // namespace

Expected<Definition> Definition::fromJson(const boost::json::value& body) {
  if (!body.is_object()) return fail("expected a flow definition: an object with at least the member value");
  Definition d;
  std::string valuesText;
  double n = d.n;
  Members members(body.get_object());
  members.commaList("keys", d.keysText);
  members.text("value", d.value);
  members.commaList("values", valuesText);
  members.text("filter", d.filter);
  members.number("n", n, 5, 1000);
  members.number("t", d.t, 0.2, 600);
  members.text("fs", d.fs);
  members.flag("log", d.log);
  members.flag("flowStart", d.flowStart);
  members.number("activeTimeout", d.activeTimeout, 1, 1e9);
  members.flag("dropped", d.dropped);
  members.list("ipfixCollectors", d.ipfixCollectors);
  members.text("aggMode", d.aggMode);
  if (members.error()) return std::unexpected(*members.error());

  d.n = static_cast<unsigned>(n);
  if (isBlank(d.value)) return fail("expected what to count: bytes, frames or another numeric key", "value");
  if (isBlank(d.filter)) d.filter.clear();
  if (isBlank(d.keysText)) d.keysText.clear();
  auto keyList = splitList(d.keysText, "keys");
  if (!keyList) return std::unexpected(std::move(keyList.error()));
  d.keys = std::move(*keyList);
  auto valueList = splitList(valuesText, "values");
  if (!valueList) return std::unexpected(std::move(valueList.error()));
  d.values = std::move(*valueList);
  const auto scope = scopeOf(d.aggMode);
  if (!scope) return std::unexpected(scope.error());
  d.scope = *scope;
  return d;
}

void Definition::writeJson(JsonWriter& json) const {
  json.beginObject();
  json.member("keys", keysText).member("value", value);
  if (!values.empty()) {
    std::string joined;
    for (const std::string& each : values) joined += (joined.empty() ? "" : ",") + each;
    json.member("values", joined);
  }
  if (!filter.empty()) json.member("filter", filter);
  json.member("n", n).member("t", t).member("fs", fs).member("activeTimeout", activeTimeout);
  json.member("log", log).member("flowStart", flowStart);
  if (dropped) json.member("dropped", dropped);
  if (!aggMode.empty()) json.member("aggMode", aggMode);
  if (!ipfixCollectors.empty()) {
    json.key("ipfixCollectors").beginArray();
    for (const std::string& collector : ipfixCollectors) json.string(collector);
    json.endArray();
  }
  json.endObject();
}

}  // namespace weir::flow
