#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::agent {

/// What is wrong with a configuration file, or not what its author may think.
struct Problem {
  enum class Severity { warning, error };
  Severity severity = Severity::error;
  std::size_t line = 0;  ///< from 1
  std::string message;
};

/// A word of the configuration, or one brace.
struct Token {
  std::string text;
  std::size_t line = 0;  ///< from 1
  bool quoted = false;   ///< stood in double quotes: never a brace
  [[nodiscard]] bool isBrace(char brace) const { return !quoted && text.size() == 1 && text[0] == brace; }
};

inline constexpr std::size_t kMaxLineLength = 2048;
inline constexpr std::size_t kMaxTokenLength = 255;

/// Cuts a configuration into tokens: blanks, line ends, `=` and `;` separate, braces are tokens of
/// their own, `#` starts a comment even inside quotes, double quotes group characters within a line. Lines and tokens
/// that are too long and quotes that do not end are added to `problems`.
[[nodiscard]] std::vector<Token> tokenize(std::string_view text, std::vector<Problem>& problems);

}  // namespace weir::agent
