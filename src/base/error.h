#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace weir {

/// What is wrong with something a person wrote (a definition, a request body, a property), and where.
struct Error {
  std::string message;                   ///< one sentence, says what was expected
  std::string attribute;                 ///< the attribute, option or parameter at fault; may be empty
  std::optional<std::size_t> position;   ///< 0-based character offset in the text of that attribute

  /// "attribute: message (at character 12)".
  [[nodiscard]] std::string text() const {
    std::string out = attribute.empty() ? message : attribute + ": " + message;
    if (position) out += " (at character " + std::to_string(*position) + ")";
    return out;
  }
};

template <class T = void>
using Expected = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(std::string message, std::string attribute = {},
                                                 std::optional<std::size_t> position = {}) {
  return std::unexpected(Error{std::move(message), std::move(attribute), position});
}

}  // namespace weir
