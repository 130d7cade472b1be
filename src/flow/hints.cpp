#include "flow/hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/edit_distance.h"
#include "flow/foreign_words.h"
#include "flow/form.h"
#include "flow/key_table.h"
#include "json/read.h"

namespace weir::flow {

namespace {

constexpr std::array<std::string_view, 13> kMembers{
    "keys",      "value",   "values",        "filter",         "n", "t", "fs", "log", "dropped",
    "flowStart", "aggMode", "activeTimeout", "ipfixCollectors"};

/// The number as it was written, where it is another than the one that is used.
void hintOfRange(const boost::json::object& members, const char* name, double used, std::vector<std::string>& hints) {
  const auto* found = members.if_contains(name);
  if (found == nullptr) return;
  const auto written = json::readNumber(*found, name);
  if (written && *written != used)
    hints.push_back(fmt::format("{} {} is out of range: {} is used", name, *written, used));
}

/// `a`, or `a and b` of a comma list.
std::string spokenList(std::string_view list) {
  std::string out(list);
  if (const std::size_t comma = out.rfind(','); comma != std::string::npos) out.replace(comma, 1, " and ");
  return out;
}

std::string unknownKeyHint(std::string_view name) {
  std::string hint = fmt::format("\"{}\" is not a flow key, ", name);
  if (const std::string_view keys = keysOfForeignWord(name); !keys.empty()) {
    return hint +
           fmt::format("but {} {}", spokenList(keys), keys.find(',') == std::string_view::npos ? "is one" : "are");
  }
  std::vector<std::string_view> names;
  for (const FlowKeyEntry& entry : flowKeyTable()) names.push_back(entry.name);
  const std::string_view near = nearestName(name, names);
  return hint.append(near.empty() ? "but may be a field that applications send" : fmt::format("but {} is one", near));
}

}  // namespace

std::vector<std::string> memberHints(const boost::json::value& body, std::span<const std::string_view> read) {
  std::vector<std::string> hints;
  const auto* members = body.if_object();
  if (members == nullptr) return hints;
  constexpr std::size_t kMost = 10;
  for (const auto& member : *members) {
    const std::string_view name(member.key().data(), member.key().size());
    if (name == "name" || std::ranges::find(read, name) != read.end()) continue;
    if (hints.size() == kMost) break;
    const std::string_view near = nearestName(name, read);
    hints.push_back(fmt::format("\"{}\" is not a member and is ignored", name.substr(0, Forms::kMostOfName)) +
                    (near.empty() ? "" : fmt::format("; {} is one", near)));
  }
  return hints;
}

std::vector<std::string> hintsOf(const boost::json::value& body, const CompiledDefinition& compiled) {
  std::vector<std::string> hints;
  for (const std::string& name : compiled.unknownNames()) hints.push_back(unknownKeyHint(name));
  hints.insert(hints.end(), compiled.hints().begin(), compiled.hints().end());
  for (std::string& hint : memberHints(body, kMembers)) hints.push_back(std::move(hint));
  const auto* members = body.if_object();
  if (members == nullptr) return hints;
  const Definition& definition = compiled.definition();
  hintOfRange(*members, "n", definition.n, hints);
  hintOfRange(*members, "t", definition.t, hints);
  hintOfRange(*members, "activeTimeout", definition.activeTimeout, hints);
  return hints;
}

}  // namespace weir::flow
