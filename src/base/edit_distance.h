#pragma once
#include <cstddef>
#include <string_view>

namespace weir {

/// Steps (insert, delete, replace, swap of neighbours) from one text to the other: restricted Damerau-Levenshtein.
/// Costs the product of the lengths.
[[nodiscard]] std::size_t editDistance(std::string_view a, std::string_view b);

}  // namespace weir
