#include "api/json_indent.h"

#include <algorithm>

#include "http/response.h"

#include <cstdint>
#include <vector>

namespace weir::api {

namespace {

/// Index behind the string that begins at `i`.
std::size_t behindString(std::string_view text, std::size_t i) {
  for (++i; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\') ++i;
  }
  return i + 1 < text.size() ? i + 1 : text.size();
}

/// Of each container, in the order of their opening: does it hold more than one thing?
std::vector<bool> findLongContainers(std::string_view text) {
  std::vector<bool> isLong;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i = behindString(text, i);
      continue;
    }
    if (c == '{' || c == '[') {
      open.push_back(isLong.size());
      isLong.push_back(false);
    } else if ((c == '}' || c == ']') && !open.empty()) {
      open.pop_back();
    } else if (c == ',' && !open.empty()) {
      isLong[open.back()] = true;
    }
    ++i;
  }
  return isLong;
}

}  // namespace

std::string indentJson(std::string_view text, unsigned blanks) {
  const std::vector<bool> isLong = findLongContainers(text);
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  std::vector<bool> open;
  std::size_t container = 0;
  std::size_t level = 0;  // a container on one line does not indent what is in it
  const auto newLine = [&] { out.append("\n").append(level * blanks, ' '); };
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t end = behindString(text, i);
      out.append(text.substr(i, end - i));
      i = end;
      continue;
    }
    if ((c == '}' || c == ']') && !open.empty()) {
      if (open.back()) {
        --level;
        newLine();
      }
      open.pop_back();
    }
    out.push_back(c);
    if (c == '{' || c == '[') {
      open.push_back(container < isLong.size() && isLong[container]);
      ++container;
      if (open.back()) {
        ++level;
        newLine();
      }
    } else if (c == ',') {
      newLine();
    } else if (c == ':') {
      out.push_back(' ');
    }
    ++i;
  }
  return out;
}

void indentBody(http::Response& response, unsigned blanks) {
  if (response.contentType == http::kMediaJson) response.body = indentJson(response.body, std::min(blanks, 16u));
}

}  // namespace weir::api
