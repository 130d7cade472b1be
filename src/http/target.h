#pragma once
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace weir::http {

/// Splits a request target (`/metric/ALL/max:load_one/json?os_name=linux`, or the absolute form that proxies are sent)
/// into the path and query of `request`, and its authority where it is absolute. The path is split at `/` before
/// percent-decoding; `;` and `,` mean nothing here. In the query, `+` is a blank. Error: a bad escape, text that is not
/// UTF-8 or a bad authority, with its position in the target.
[[nodiscard]] Expected<void> parseTarget(std::string_view target, Request& request);

}  // namespace weir::http
