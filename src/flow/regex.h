#pragma once
#include <memory>
#include <string_view>

#include "base/error.h"

namespace weir::flow {

/// A regular expression that a whole text must match (Perl syntax, which covers the Java syntax of the original for
/// what filters use). Immutable; a copy shares the program. Thread: any.
class Regex {
 public:
  /// Error: message and position in `pattern`.
  [[nodiscard]] static Expected<Regex> compile(std::string_view pattern);
  /// False as well when matching would take longer than the bound that protects the engine. Does not allocate, save for
  /// a thread's first call.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  struct Code;
  explicit Regex(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;
};

}  // namespace weir::flow
