#include "agent_host/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

namespace weir::agent {

std::optional<std::string> readText(const std::string& path, std::size_t limit) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  std::string out;
  ssize_t n = 0;
  do {
    const std::size_t at = out.size();
    out.resize(std::min(at + 16 * 1024, limit));
    n = ::read(fd, out.data() + at, out.size() - at);
    out.resize(at + static_cast<std::size_t>(n > 0 ? n : 0));
  } while (n > 0 && out.size() < limit);
  ::close(fd);
  if (n < 0) return std::nullopt;
  return out;
}

std::optional<std::uint64_t> readNumber(const std::string& path) {
  const auto text = readText(path, 64);
  if (!text || text->empty() || (*text)[0] < '0' || (*text)[0] > '9') return std::nullopt;
  return number(*text);
}

bool nextLine(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const std::size_t end = text.find('\n');
  line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return true;
}

bool nextWord(std::string_view& text, std::string_view& word) {
  const std::size_t start = text.find_first_not_of(" \t\n");
  if (start == std::string_view::npos) return false;
  text.remove_prefix(start);
  const std::size_t end = text.find_first_of(" \t\n");
  word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end);
  return true;
}

std::uint64_t number(std::string_view word) {
  const bool negative = word.starts_with('-');
  if (negative) word.remove_prefix(1);
  std::uint64_t value = 0;
  (void)std::from_chars(word.data(), word.data() + word.size(), value);
  return negative ? ~value + 1 : value;
}

std::optional<std::uint64_t> valueOf(std::string_view text, std::string_view name) {
  for (std::string_view line; nextLine(text, line);) {
    std::string_view word;
    if (!nextWord(line, word)) continue;
    if (word.ends_with(':')) word.remove_suffix(1);
    if (word == name && nextWord(line, word)) return number(word);
  }
  return std::nullopt;
}

}  // namespace weir::agent
