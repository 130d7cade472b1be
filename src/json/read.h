#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

/// Members of request bodies, as tolerant as clients of sFlow-RT need. The attribute goes into the error.
namespace weir::json {

/// A text; a number or boolean becomes its text (`80` → "80").
[[nodiscard]] Expected<std::string> readString(const boost::json::value& value, std::string_view attribute);
/// A finite number, also as text ("10", " 1.5", "1e6").
[[nodiscard]] Expected<double> readNumber(const boost::json::value& value, std::string_view attribute);
/// true or false, also as text in any mix of cases, "yes" and "no", and the numbers 1 and 0.
[[nodiscard]] Expected<bool> readBool(const boost::json::value& value, std::string_view attribute);
/// An array of texts or numbers, or one text with commas between; blanks around an element are cut, empty ones left
/// out.
[[nodiscard]] Expected<std::vector<std::string>> readStringList(const boost::json::value& value,
                                                                std::string_view attribute);
/// The whole of `text` as a finite number, blanks around it allowed, or an error.
[[nodiscard]] Expected<double> parseNumber(std::string_view text, std::string_view attribute);
/// The whole of `text` as a whole number; "5.0" is one.
[[nodiscard]] Expected<std::int64_t> parseInteger(std::string_view text, std::string_view attribute);

}  // namespace weir::json
