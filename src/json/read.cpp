#include "json/read.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

#include "base/json_writer.h"

namespace weir::json {

namespace bj = boost::json;

namespace {

std::string_view trimmed(std::string_view t) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!t.empty() && blank(t.front())) t.remove_prefix(1);
  while (!t.empty() && blank(t.back())) t.remove_suffix(1);
  return t;
}

std::string lower(std::string_view t) {
  std::string out(t);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

auto failAt(std::string_view attribute, std::string message) {
  return fail(std::move(message), std::string(attribute));
}

std::string_view view(const bj::value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

}  // namespace

Expected<double> parseNumber(std::string_view text, std::string_view attribute) {
  auto t = trimmed(text);
  if (t.starts_with('+') && !t.starts_with("+-")) t.remove_prefix(1);
  double out = 0;
  const auto result = std::from_chars(t.data(), t.data() + t.size(), out);
  if (t.empty() || result.ec != std::errc() || result.ptr != t.data() + t.size() || !std::isfinite(out)) {
    return failAt(attribute, "expected a number, not \"" + std::string(text.substr(0, 100)) + "\"");
  }
  return out;
}

Expected<std::int64_t> parseInteger(std::string_view text, std::string_view attribute) {
  auto t = trimmed(text);
  if (t.starts_with('+') && !t.starts_with("+-")) t.remove_prefix(1);
  std::int64_t out = 0;
  const auto result = std::from_chars(t.data(), t.data() + t.size(), out);
  if (!t.empty() && result.ec == std::errc() && result.ptr == t.data() + t.size()) return out;
  const auto number = parseNumber(text, attribute);
  if (number && *number == std::floor(*number) && std::fabs(*number) < 9.2e18)
    return static_cast<std::int64_t>(*number);
  return failAt(attribute, "expected a whole number, not \"" + std::string(text.substr(0, 100)) + "\"");
}

Expected<std::string> readString(const bj::value& value, std::string_view attribute) {
  std::string out;
  switch (value.kind()) {
    case bj::kind::string:
      return std::string(view(value));
    case bj::kind::bool_:
      return std::string(value.get_bool() ? "true" : "false");
    case bj::kind::int64:
      return std::to_string(value.get_int64());
    case bj::kind::uint64:
      return std::to_string(value.get_uint64());
    case bj::kind::double_:
      appendJsonNumber(out, value.get_double());
      return out;
    default:
      return failAt(attribute, "expected a text");
  }
}

Expected<double> readNumber(const bj::value& value, std::string_view attribute) {
  switch (value.kind()) {
    case bj::kind::int64:
      return static_cast<double>(value.get_int64());
    case bj::kind::uint64:
      return static_cast<double>(value.get_uint64());
    case bj::kind::double_:
      return value.get_double();
    case bj::kind::string:
      return parseNumber(view(value), attribute);
    default:
      return failAt(attribute, "expected a number");
  }
}

Expected<bool> readBool(const bj::value& value, std::string_view attribute) {
  std::string word;
  if (const auto text = readString(value, attribute)) word = lower(trimmed(*text));
  if (word == "true" || word == "yes" || word == "1") return true;
  if (word == "false" || word == "no" || word == "0") return false;
  return failAt(attribute, "expected true or false");
}

Expected<std::vector<std::string>> readStringList(const bj::value& value, std::string_view attribute) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view element) {
    if (const auto t = trimmed(element); !t.empty()) out.emplace_back(t);
  };
  if (value.is_array()) {
    for (const bj::value& element : value.get_array()) {
      const auto text = readString(element, attribute);
      if (!text) return std::unexpected(text.error());
      add(*text);
    }
    return out;
  }
  const auto text = readString(value, attribute);
  if (!text) return failAt(attribute, "expected a list or a text with commas");
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    add(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return out;
}

}  // namespace weir::json
