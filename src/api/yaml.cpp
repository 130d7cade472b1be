#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/description.h"

namespace weir::api {

namespace {

namespace bj = boost::json;

/// Words that readers of YAML 1.1 take for booleans or null.
constexpr std::array<std::string_view, 9> kWords{"y", "n", "yes", "no", "on", "off", "true", "false", "null"};

/// A name that any reader of YAML takes for that text without quotes.
bool isPlain(std::string_view name) {
  const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto isPart = [&](char c) { return isLetter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && isLetter(name.front()) && std::ranges::all_of(name, isPart) &&
         std::ranges::find(kWords, name) == kWords.end();
}

bool isBlock(const bj::value& value) {
  return (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
}

void write(std::string& out, const bj::value& value, std::size_t indent);

void writeMember(std::string& out, std::string_view name, const bj::value& value, std::size_t indent) {
  out += isPlain(name) ? std::string(name) : bj::serialize(bj::string(name));
  out += ':';
  if (isBlock(value)) {
    out.append("\n").append(indent + 2, ' ');
  } else {
    out += ' ';
  }
  write(out, value, indent + 2);
}

/// The first line of a block stands where `out` ends; further ones are indented.
void write(std::string& out, const bj::value& value, std::size_t indent) {
  if (!isBlock(value)) {
    out += bj::serialize(value);  // numbers, quoted text, {} and [] are YAML as they are
    return;
  }
  bool first = true;
  const auto next = [&] {
    if (!first) out.append("\n").append(indent, ' ');
    first = false;
  };
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      next();
      writeMember(out, name, member, indent);
    }
    return;
  }
  for (const bj::value& element : value.get_array()) {
    next();
    out += "- ";
    write(out, element, indent + 2);
  }
}

}  // namespace

std::string yamlFromJson(std::string_view json) {
  std::string out;
  bj::parse_options options;
  options.max_depth = 64;
  write(out, bj::parse(json, {}, options), 0);
  return out + "\n";
}

}  // namespace weir::api
