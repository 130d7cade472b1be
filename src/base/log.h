#pragma once
#include <string_view>

namespace weir::log {

/// Lines on standard error: `2020-03-09T23:31:24Z INFO: Listening, sFlow port 6343`. Thread: any.
void info(std::string_view line);
void warning(std::string_view line);
void error(std::string_view line);

}  // namespace weir::log
