#pragma once
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// As header fields have it, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
[[nodiscard]] std::string dateText(std::time_t time);
/// Of that form only, which all have sent since 1999; nothing for any other text.
[[nodiscard]] std::optional<std::time_t> parseDate(std::string_view text);

/// The Date header, made once a second.
class DateText {
 public:
  [[nodiscard]] const std::string& now();

 private:
  std::time_t at_ = 0;
  std::string text_;
};

}  // namespace weir::http
