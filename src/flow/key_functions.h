#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/expression.h"

namespace weir::flow {

/// One argument of a key function, read as its signature says.
struct Argument {
  std::string text;          ///< t, d, n: without escapes
  std::size_t position = 0;  ///< in the attribute's text
  bool isKey = false;
  Node key;  ///< k
};

/// One key function: the whole of what is known about it.
struct KeyFunction {
  std::string_view name;
  /// One letter an argument: k key, t text (may be empty), d delimiter (not empty), n number. `?` behind it: may be
  /// left out; `+`: once or more.
  std::string_view signature;
  std::string_view usage;  ///< `prefix:<key>:<delimiter>:<n>`
  std::string_view example;
  std::string_view doc;
  /// Builds the node.
  Expected<Node> (*make)(Forms& forms, std::vector<Argument>& arguments) = nullptr;
};

[[nodiscard]] std::span<const KeyFunction> keyFunctionTable();
[[nodiscard]] const KeyFunction* findKeyFunction(std::string_view name);

}  // namespace weir::flow
