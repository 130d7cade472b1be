#include "http/date.h"

namespace weir::http {

namespace {

constexpr const char* kFormat = "%a, %d %b %Y %H:%M:%S GMT";

}  // namespace

std::string dateText(std::time_t time) {
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[40];
  // The names are those of the C locale; nothing in this program sets another.
  return {text, std::strftime(text, sizeof text, kFormat, &utc)};
}

std::optional<std::time_t> parseDate(std::string_view text) {
  std::tm utc{};
  const std::string whole(text);
  const char* end = strptime(whole.c_str(), kFormat, &utc);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&utc);
}

const std::string& DateText::now() {
  const std::time_t now = std::time(nullptr);
  if (now != at_) {
    at_ = now;
    text_ = dateText(now);
  }
  return text_;
}

}  // namespace weir::http
