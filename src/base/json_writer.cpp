#include "base/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace weir {

void appendJsonString(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out.push_back('"');
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = p + text.size();
  while (p < end) {
    const auto* run = p;
    while (p < end && *p >= 0x20 && *p < 0x7F && *p != '"' && *p != '\\') ++p;
    out.append(reinterpret_cast<const char*>(run), static_cast<std::size_t>(p - run));
    if (p == end) break;
    if (*p == '"' || *p == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(*p++));
    } else if (*p < 0x20 || *p == 0x7F) {
      switch (*p) {
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
          out += "\\u00";
          out.push_back(kDigits[*p >> 4]);
          out.push_back(kDigits[*p & 15]);
      }
      ++p;
    } else if (const std::size_t n = utf8Length(p, end); n != 0) {
      out.append(reinterpret_cast<const char*>(p), n);
      p += n;
    } else {
      out += "\xEF\xBF\xBD";
      ++p;
    }
  }
  out.push_back('"');
}

void appendJsonNumber(std::string& out, double value) {
  char buffer[40];
  if (!std::isfinite(value)) value = 0;
  if (value == std::floor(value) && std::fabs(value) < 9.0e15) {
    const char* end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(value)).ptr;
    out.append(buffer, static_cast<std::size_t>(end - buffer));
  } else {
    out.append(buffer, static_cast<std::size_t>(std::to_chars(buffer, buffer + sizeof buffer, value).ptr - buffer));
  }
}

void JsonWriter::newLine() {
  out_.push_back('\n');
  out_.append(static_cast<std::size_t>(depth_) * indent_, ' ');
}

void JsonWriter::separate() {
  if (afterKey_) {
    afterKey_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!first_) out_.push_back(',');
  if (indent_ != 0) newLine();
  first_ = false;
}

void JsonWriter::open(char c) {
  separate();
  out_.push_back(c);
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char c) {
  --depth_;
  if (indent_ != 0 && !first_) newLine();
  out_.push_back(c);
  first_ = false;
}

JsonWriter& JsonWriter::beginObject() { return open('{'), *this; }
JsonWriter& JsonWriter::endObject() { return close('}'), *this; }
JsonWriter& JsonWriter::beginArray() { return open('['), *this; }
JsonWriter& JsonWriter::endArray() { return close(']'), *this; }

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  appendJsonString(out_, name);
  out_ += indent_ != 0 ? ": " : ":";
  afterKey_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  appendJsonString(out_, text);
  return *this;
}
JsonWriter& JsonWriter::number(double value) {
  separate();
  appendJsonNumber(out_, value);
  return *this;
}
JsonWriter& JsonWriter::integer(std::int64_t value) {
  separate();
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  return *this;
}
JsonWriter& JsonWriter::unsignedInteger(std::uint64_t value) {
  separate();
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  return *this;
}
JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}
JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace weir
