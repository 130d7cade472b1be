#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace weir::flow {

/// What matching has cost this thread since its start beyond the usual, in steps of backtracking (some nanoseconds
/// each): the same for the same patterns and texts. Patterns that are not nested, on texts of a usual length, cost
/// nothing of it.
[[nodiscard]] std::uint64_t patternEffort();

/// A regular expression that a whole text must match (Perl syntax, which covers the Java syntax of the original for
/// what filters use). Immutable; a copy shares the program. Thread: any.
class Regex {
 public:
  /// Error: message and position in `pattern`.
  [[nodiscard]] static Expected<Regex> compile(std::string_view pattern);
  /// False as well when matching would take longer than the bound that protects the engine. Adds to patternEffort().
  /// Does not allocate, save for a thread's first call.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  struct Code;
  explicit Regex(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;
};

}  // namespace weir::flow
