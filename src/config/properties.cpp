#include "config/properties.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "config/property_table.h"

namespace weir::config {

namespace {

constexpr std::size_t kMaxFileBytes = 1U << 20;
constexpr std::string_view kPropertyFiles = "system.propertyFiles";

std::string_view trimmed(std::string_view text) {
  const auto isBlank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f'; };
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

/// A property that means nothing without another.
struct Dependence {
  std::string_view name;
  std::string_view needs;
};
constexpr Dependence kDependences[] = {
    {"sflow.file.speed", "sflow.file"},
    {"sflow.file.loop", "sflow.file"},
    {"snmp.authpasswd", "snmp.authprotocol"},
    {"snmp.privpasswd", "snmp.privprotocol"},
};

std::vector<std::string> filesOf(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".conf") out.push_back(it->path().string());
  const auto first = [](const std::string& path) { return !path.ends_with("/sflow-rt.conf"); };
  std::sort(out.begin(), out.end(), [&](const std::string& a, const std::string& b) {
    return std::pair(first(a), std::string_view(a)) < std::pair(first(b), std::string_view(b));
  });
  return out;
}

std::vector<std::string> splitList(const std::string& list) {
  std::vector<std::string> out;
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t end = rest.find(',');
    if (const auto item = trimmed(rest.substr(0, end)); !item.empty()) out.emplace_back(item);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

void Properties::set(std::string name, std::string text, std::string origin) {
  values_.insert_or_assign(std::move(name), Value{std::move(text), std::move(origin)});
}

void Properties::addText(std::string_view text, const std::string& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::string origin = file + ":" + std::to_string(number);
    const std::size_t equals = line.find('=');
    const std::string_view name = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) {
      sourceProblems_.push_back({true, false, origin + ": \"" + std::string(line) + "\", expected name=value"});
      continue;
    }
    set(std::string(name), std::string(trimmed(line.substr(equals + 1))), origin);
  }
}

void Properties::addFile(const std::string& path) {
  const auto unreadable = [&](const std::string& why) {
    sourceProblems_.push_back({true, false, path + ": cannot be read: " + why});
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unreadable("is a directory");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable(std::strerror(errno));
  std::string content(kMaxFileBytes + 1, 0);
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > kMaxFileBytes) return unreadable("larger than 1 MiB, expected a property file");
  addText(content, path);
}

void Properties::addOptions(std::string_view text, const std::string& origin) {
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \t\n\r");
    if (begin == std::string_view::npos) return;
    text.remove_prefix(begin);
    std::string_view word = text.substr(0, text.find_first_of(" \t\n\r"));
    text.remove_prefix(word.size());
    if (!word.starts_with("-D")) continue;
    word.remove_prefix(2);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      sourceProblems_.push_back({true, false, origin + ": \"-D" + std::string(word) + "\", expected -Dname=value"});
      continue;
    }
    set(std::string(word.substr(0, equals)), std::string(word.substr(equals + 1)), origin);
  }
}

const Properties::Value* Properties::find(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? nullptr : &it->second;
}

std::string Properties::valueOrDefault(std::string_view name) const {
  const PropertyInfo* info = findProperty(name);
  const Value* value = find(name);
  if (value != nullptr && (info == nullptr || !valueProblem(*info, value->text))) return value->text;
  if (info == nullptr || info->defaultText.starts_with('(')) return {};
  return std::string(info->defaultText);
}

std::string Properties::text(std::string_view name) const {
  const Value* value = find(name);
  return value != nullptr ? value->text : valueOrDefault(name);
}
bool Properties::yes(std::string_view name) const {
  return valueOrDefault(name) == "yes";
}
std::int64_t Properties::integer(std::string_view name) const {
  return parseInteger(valueOrDefault(name)).value_or(0);
}

std::vector<Problem> Properties::check() const {
  std::vector<Problem> out = sourceProblems_;
  for (const auto& [name, value] : values_) {
    const std::string where = value.origin + ": " + name + ": ";
    const PropertyInfo* info = findProperty(name);
    if (info == nullptr) {
      if (const PropertyInfo* nearest = nearestProperty(name))
        out.push_back({false, true, where + "unknown property, nearest is " + std::string(nearest->name)});
      continue;
    }
    if (info->status == PropertyStatus::ignored) {
      out.push_back({false, false, where + "has no effect in weir"});
      continue;
    }
    // Its files have been read already, and those that could not be are told.
    const auto problem = name == kPropertyFiles ? std::nullopt : valueProblem(*info, value.text);
    if (problem) {
      out.push_back({true, false, where + *problem});
      continue;
    }
    for (const auto& d : kDependences)
      if (d.name == name && text(d.needs).empty())
        out.push_back({true, false, where + "has no meaning without " + std::string(d.needs)});
    if (info->status == PropertyStatus::later && value.text != info->defaultText)
      out.push_back({false, false, where + "has no effect in this version"});
  }
  return out;
}

std::vector<std::string> defaultPropertyFolders() {
  return {"/usr/local/sflow-rt/conf.d", "/etc/weir"};
}

std::string environmentOptions() {
  const char* options = std::getenv("RTPROP");
  return options == nullptr ? std::string() : std::string(options);
}

Properties loadProperties(const PropertySources& sources) {
  Properties strong;  // what may name the files
  strong.addOptions(sources.environment, "RTPROP");
  for (const auto& [name, value] : sources.commandLine) strong.set(name, value, "command line");

  Properties out;
  if (const auto* files = strong.find(kPropertyFiles)) {
    for (const auto& path : splitList(files->text)) out.addFile(path);
  } else {
    for (const auto& folder : sources.folders)
      for (const auto& path : filesOf(folder)) out.addFile(path);
  }
  out.addOptions(sources.environment, "RTPROP");
  for (const auto& [name, value] : sources.commandLine) out.set(name, value, "command line");
  return out;
}

}  // namespace weir::config
