#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "flow/match.h"
#include "flow/syntax.h"

namespace weir::flow {

/// A filter as it is written (docs/flow-definitions.md): what it says, not yet what that means.
///   expr   := term ( '|' term )*           cmp   := key op value ( ',' value )*
///   term   := factor ( '&' factor )*       op    := '=' | '!=' | '~' | '!~'
///   factor := '(' expr ')' | cmp
struct FilterTree {
  enum class Kind : std::uint8_t { any, all, comparison };
  Kind kind = Kind::comparison;
  std::vector<FilterTree> children;  ///< any, all

  Piece left;            ///< comparison: a flow key or key function
  bool negated = false;  ///< != and !~
  bool pattern = false;  ///< ~ and !~
  std::vector<Right> rights;
};

/// Errors carry the position of what was not expected.
[[nodiscard]] Expected<FilterTree> parseFilter(std::string_view text);

}  // namespace weir::flow
