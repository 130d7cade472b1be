#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/rate_limit.h"

namespace weir::log {

/// Lines on standard error: `2020-03-09T23:31:24Z INFO: Listening, sFlow port 6343`. Time is the system's, in UTC.
/// Control characters and octets that are not UTF-8 are escaped, so that nothing received can forge a line or talk to
/// a terminal. Thread: any; a line is written as a whole.
void info(std::string_view line);
void warning(std::string_view line);
void error(std::string_view line);
/// Warnings and errors told so far. Thread: any.
[[nodiscard]] std::uint64_t problemsTold();

/// An error like these, told without taking memory: for when there is none. Thread: any.
void lastWords(const char* line);

/// A warning that may come as often as datagrams do: `limit` (one for each reason) lets a few a second through. After
/// lines were held back, the next one let through is preceded by `… suppressed M like it`.
void warning(RateLimit& limit, std::string_view line);

/// `line` as it is printed: `\n`, `\t`, `\r`, `\x1b`.
[[nodiscard]] std::string escaped(std::string_view line);

}  // namespace weir::log
