#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// Appends JSON to a string: the one writer of every answer. Commas are its business; balance is the caller's.
/// indent 0 is compact; above 0, org.json style: one member or element a line.
/// Text is taken as UTF-8; octets that are not valid UTF-8 are written as U+FFFD, control characters escaped.
/// Doubles: shortest form that reads back; whole values without `.0`; NaN and infinities are written as 0 (callers
/// leave such members out).
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out, unsigned indent = 0) : out_(out), indent_(indent) {}

  JsonWriter& beginObject();
  JsonWriter& endObject();
  JsonWriter& beginArray();
  JsonWriter& endArray();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& number(double value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& unsignedInteger(std::uint64_t value);
  JsonWriter& boolean(bool value);
  /// Text that is already JSON.
  JsonWriter& raw(std::string_view json);
  /// Makes room for so many octets more, where the caller knows: large answers then grow once.
  void reserve(std::size_t octets) { out_.reserve(out_.size() + octets); }

  JsonWriter& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonWriter& member(std::string_view name, const char* text) { return key(name).string(text); }
  JsonWriter& member(std::string_view name, double value) { return key(name).number(value); }
  JsonWriter& member(std::string_view name, bool value) { return key(name).boolean(value); }
  JsonWriter& member(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  JsonWriter& member(std::string_view name, std::uint64_t value) { return key(name).unsignedInteger(value); }
  JsonWriter& member(std::string_view name, int value) { return key(name).integer(value); }
  JsonWriter& member(std::string_view name, unsigned value) { return key(name).unsignedInteger(value); }

 private:
  void separate();
  void open(char c);
  void close(char c);
  void newLine();

  std::string& out_;
  unsigned indent_;
  unsigned depth_ = 0;
  bool first_ = true;  // nothing written yet at this depth
  bool afterKey_ = false;
};

/// Appends a JSON string, quotes included.
void appendJsonString(std::string& out, std::string_view text);
/// Appends a number as JsonWriter::number does.
void appendJsonNumber(std::string& out, double value);

}  // namespace weir
