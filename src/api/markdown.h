#pragma once
#include <string>
#include <string_view>

namespace weir::api {

/// Markdown as our own reference is written in, as HTML: headings with the ids that links name them by, paragraphs,
/// lists, tables, indented code, `code`, **bold** and links. Comments are left out, all else is shown as it stands.
[[nodiscard]] std::string htmlOf(std::string_view markdown);
/// The same of a piece of a line.
[[nodiscard]] std::string htmlOfLine(std::string_view text);
/// The id of a heading: "GET /flow/json" → "get-flowjson".
[[nodiscard]] std::string anchorOf(std::string_view heading);

}  // namespace weir::api
