#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

/// The marks that keys, key functions and filters share (docs/flow-definitions.md, docs/flow-keys.md): `\` escapes the
/// mark behind it, brackets nest.
namespace weir::flow {

/// A piece of an attribute's text and where it begins there.
struct Piece {
  std::string_view text;
  std::size_t position = 0;
};

/// A backslash before one of these means the mark itself; before anything else it stays.
[[nodiscard]] constexpr bool isMark(char c) {
  return std::string_view(":,[]&|()=!~'\\ ").find(c) != std::string_view::npos;
}

/// Text without its escapes.
[[nodiscard]] std::string withoutEscapes(std::string_view text);

/// Cuts blanks at both ends; an escaped blank at the end stays.
[[nodiscard]] Piece withoutBlanks(Piece piece);

/// Positions count characters, not octets: how many characters of UTF-8 text begin before `octets`.
[[nodiscard]] std::size_t characterPosition(std::string_view text, std::size_t octets);

/// Splits at `separator` where it stands outside brackets and is not escaped. There is always at least one piece.
/// Errors: a bracket without its partner.
[[nodiscard]] Expected<std::vector<Piece>> splitOutsideBrackets(Piece piece, char separator);

/// The elements of a comma list, blanks cut; blank text is the empty list. Errors: also an empty element.
[[nodiscard]] Expected<std::vector<Piece>> splitCommaList(std::string_view text);

}  // namespace weir::flow
