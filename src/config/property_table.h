#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::config {

enum class PropertyType : std::uint8_t {
  yesNo,      ///< yes or no
  integer,    ///< within [least, most]
  speed,      ///< a number above 0, or max
  choice,     ///< one of `choices`
  text,       ///< anything
  host,       ///< an IP address or a host name
  address,    ///< an IP address
  addresses,  ///< IP addresses, comma separated
  hosts,      ///< IP addresses or host names, comma separated
  origins,    ///< origins of pages as browsers write them, scheme://host or scheme://host:port, comma separated
  file,       ///< a file that can be read
  files,      ///< such files, comma separated
};

enum class PropertyStatus : std::uint8_t {
  works,
  later,    ///< accepted and checked, has no effect yet
  ignored,  ///< accepted for the sake of existing configurations, will never have an effect
};

/// One system property. The table of these makes validation, `--help` and docs/properties.md.
struct PropertyInfo {
  std::string_view name;
  std::string_view defaultText;  ///< as written in a file; in parentheses where it is a rule and not a value
  PropertyType type;
  PropertyStatus status;
  std::string_view meaning;  ///< one line, with the unit
  std::int64_t least = 0;    ///< integer only
  std::int64_t most = 0;
  std::string_view choices = {};  ///< choice only, separated by blanks
};

/// All known properties in the order in which they are shown.
[[nodiscard]] std::span<const PropertyInfo> propertyTable();
/// The property of that name, or nullptr.
[[nodiscard]] const PropertyInfo* findProperty(std::string_view name);

/// What a value of this property may be: "a number from 0 to 65535", "yes or no".
[[nodiscard]] std::string expectation(const PropertyInfo& info);
/// Empty, or what is wrong with `value`: `"70000", expected a number from 0 to 65535`. Files are opened to see whether
/// they can be read.
[[nodiscard]] std::optional<std::string> valueProblem(const PropertyInfo& info, std::string_view value);

/// For a name that is not in the table: the known name that was probably meant, or nullptr. A name whose first part
/// (before the first dot) no known property has is an app's own and probably right, so only one or two wrong letters
/// count there; a name that shares its first part with known ones always has a nearest.
[[nodiscard]] const PropertyInfo* nearestProperty(std::string_view name);
/// Whether some known property begins with the same part before the first dot.
[[nodiscard]] bool sharesPrefix(std::string_view name);

/// The text of docs/properties.md.
[[nodiscard]] std::string propertyReference();
/// The properties as `--help` lists them.
[[nodiscard]] std::string propertyHelp();

/// A whole number without sign or blanks, or nullopt.
[[nodiscard]] std::optional<std::int64_t> parseInteger(std::string_view text);
/// A plain decimal number (`12`, `0.5`, `1e3`), finite, or nullopt.
[[nodiscard]] std::optional<double> parseNumber(std::string_view text);

}  // namespace weir::config
