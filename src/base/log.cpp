#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <ctime>
#include <memory>

#include "base/utf8.h"

namespace weir::log {

namespace {

spdlog::logger& logger() {
  static const std::unique_ptr<spdlog::logger> instance = [] {
    auto made = std::make_unique<spdlog::logger>("weir", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%SZ %v", spdlog::pattern_time_type::utc, "\n"));
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

std::atomic<std::uint64_t> problems{0};

// The level is part of the text: spdlog's own names are in lower case.
void write(spdlog::level::level_enum level, std::string_view name, std::string_view line) {
  std::string text(name);
  text += ": ";
  text += escaped(line);
  logger().log(level, spdlog::string_view_t(text.data(), text.size()));
}

// Appends as much as fits; the place behind it.
std::size_t put(std::array<char, 512>& to, std::size_t at, std::string_view text) {
  const std::size_t size = std::min(text.size(), to.size() - at);
  std::memcpy(to.data() + at, text.data(), size);
  return at + size;
}

void appendEscaped(std::string& out, unsigned char c) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\x";
      out.push_back(kDigits[c >> 4]);
      out.push_back(kDigits[c & 15]);
  }
}

}  // namespace

void lastWords(const char* line) {
  std::array<char, 32> time{};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%SZ ERROR: ", &utc);
  std::array<char, 512> text{};
  const std::size_t size = put(text, put(text, put(text, 0, time.data()), line), "\n");
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), size);  // nothing is left to be done
}

std::string escaped(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  const auto* p = reinterpret_cast<const unsigned char*>(line.data());
  const auto* end = p + line.size();
  while (p < end) {
    const std::size_t n = utf8Length(p, end);
    // U+0080 to U+009F (C2 80 to C2 9F) are control characters too: terminals obey them.
    const bool control = n == 0 || *p < 0x20 || *p == 0x7F || (n == 2 && *p == 0xC2 && p[1] < 0xA0);
    const std::size_t taken = n == 0 ? 1 : n;
    if (control) {
      for (std::size_t i = 0; i < taken; ++i) appendEscaped(out, p[i]);
    } else {
      out.append(reinterpret_cast<const char*>(p), taken);
    }
    p += taken;
  }
  return out;
}

void info(std::string_view line) {
  write(spdlog::level::info, "INFO", line);
}
void warning(std::string_view line) {
  problems.fetch_add(1, std::memory_order_relaxed);
  write(spdlog::level::warn, "WARNING", line);
}
void error(std::string_view line) {
  problems.fetch_add(1, std::memory_order_relaxed);
  write(spdlog::level::err, "ERROR", line);
}
std::uint64_t problemsTold() {
  return problems.load(std::memory_order_relaxed);
}

void warning(RateLimit& limit, std::string_view line) {
  const auto verdict = limit.admit(monotonicNow());
  if (!verdict.admitted) return;
  if (verdict.suppressed != 0) warning("\xE2\x80\xA6 suppressed " + std::to_string(verdict.suppressed) + " like it");
  warning(line);
}

}  // namespace weir::log
