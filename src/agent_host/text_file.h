#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::agent {

/// The start of a small file of /proc, /sys or a cgroup, at most `limit` octets; nothing if it cannot be read.
[[nodiscard]] std::optional<std::string> readText(const std::string& path, std::size_t limit = 1 << 20);
/// A file that holds one number; nothing if it does not (`max`).
[[nodiscard]] std::optional<std::uint64_t> readNumber(const std::string& path);

/// Takes the next line, or the next word of a line, off the front of `text`. False at the end.
bool nextLine(std::string_view& text, std::string_view& line);
bool nextWord(std::string_view& text, std::string_view& word);
/// The leading decimal digits as a number; 0 for none. A minus sign gives the two's complement.
[[nodiscard]] std::uint64_t number(std::string_view word);
/// `name value` lines (`cpu.stat`, `vmstat`, `MemTotal: 5 kB`): the number behind `name`, or nothing.
[[nodiscard]] std::optional<std::uint64_t> valueOf(std::string_view text, std::string_view name);

}  // namespace weir::agent
