#pragma once
#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string_view>

#include "base/error.h"

namespace weir::json {

inline constexpr std::size_t kMaxDepth = 32;          ///< nested arrays and objects
inline constexpr std::size_t kMaxValues = 4'000'000;  ///< of one text: bounds memory at some 100 bytes a value

/// Reads JSON as people and clients of sFlow-RT write it. Beyond RFC 8259:
///  - strings in single quotes, with \' ; a tab inside a string
///  - names and texts without quotes, up to one of , : ; = [ ] { } " or the end of the line; blanks around them are cut
///  - `=` or `=>` for `:`, `;` for `,`, and a comma behind the last member or element
///  - true, false and null in any mix of cases; a byte order mark
/// A bare word that is not a JSON number is a text: `007`, `+5`, `10.0.0.0/8`. NaN and infinities are refused, as are
/// numbers too large for a double. Of members with one name the last wins. Whole numbers become int64, above that
/// uint64, then double; doubles are correctly rounded. Error: what was expected, position in characters (not octets).
/// Include <boost/json/value.hpp> to use the result.
[[nodiscard]] Expected<boost::json::value> parseLenient(std::string_view text);

/// A place in a text, as people look for it.
struct Place {
  std::size_t line = 1;       ///< from 1
  std::size_t character = 0;  ///< of the line, from 0, not octets
};
/// Of an error of parseLenient(text).
[[nodiscard]] Place placeOf(std::string_view text, std::size_t position);
/// Of the member that an attribute such as `flows.elephant.keys` means, in a text that parseLenient reads; of the
/// deepest member on the way where it is not there.
[[nodiscard]] Place placeOfMember(std::string_view text, std::string_view attribute);

}  // namespace weir::json
