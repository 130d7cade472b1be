#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "flow/key_functions.h"

namespace weir::flow {

/// A URL taken apart (RFC 3986 section 3, appendix B). Parts are as written, percent-escapes included; nullopt: not
/// there. They point into the text.
struct Uri {
  std::optional<std::string_view> scheme;     ///< without `:`
  std::optional<std::string_view> authority;  ///< user@host:port
  std::optional<std::string_view> user;
  std::optional<std::string_view> host;      ///< an IPv6 address with its brackets
  std::optional<std::string_view> port;      ///< as written
  std::string_view path;                     ///< may be empty
  std::optional<std::string_view> query;     ///< without `?`
  std::optional<std::string_view> fragment;  ///< without `#`

  [[nodiscard]] static Uri parse(std::string_view text);
  /// A scheme, and no path that begins with `/` behind it: `mailto:a@example.com`.
  [[nodiscard]] bool isOpaque() const { return scheme && !authority && !path.starts_with('/'); }
  /// Last segment of the path, where it is not empty.
  [[nodiscard]] std::optional<std::string_view> file() const;
  /// What stands behind the file's last dot.
  [[nodiscard]] std::optional<std::string_view> extension() const;
};

/// Scheme and host in lower case, dot segments removed (RFC 3986 6.2.2.1, 5.2.4). Writes at most text.size() octets to
/// `out`; the number written.
[[nodiscard]] std::size_t normalizeUri(std::string_view text, char* out);

[[nodiscard]] Expected<Node> makeUri(Forms& forms, std::vector<Argument>& arguments);

}  // namespace weir::flow
