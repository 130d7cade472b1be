#pragma once
#include <string>
#include <string_view>

#include "http/message.h"

namespace weir::api {

/// Compact JSON laid out with `blanks` a level, in the style of org.json: a line for each member or
/// element, but a container of one stays on its line. The text is trusted to be JSON without white space.
[[nodiscard]] std::string indentJson(std::string_view compact, unsigned blanks);
/// The same done to an answer, when it is JSON; `blanks` up to 16. Thread: any.
void indentBody(http::Response& response, unsigned blanks);

}  // namespace weir::api
