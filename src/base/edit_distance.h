#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace weir {

/// Steps (insert, delete, replace, swap of neighbours) from one text to the other: restricted Damerau-Levenshtein.
/// Costs the product of the lengths.
[[nodiscard]] std::size_t editDistance(std::string_view a, std::string_view b);

/// The name that a word was probably meant to be, whatever their case: of a short word one letter may be wrong, of a
/// longer one three. Empty: none of them, or the word has more than kMostOfName octets.
inline constexpr std::size_t kMostOfName = 64;
[[nodiscard]] std::string_view nearestName(std::string_view word, std::span<const std::string_view> names);

}  // namespace weir
