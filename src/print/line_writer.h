#pragma once
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"
#include "base/json_writer.h"

namespace weir::print {

/// Writes one line of compact JSON whose values are strings, as the reference decoder prints them. Names are trusted
/// (they come from our tables), texts are escaped. Members of elements of a discard sample carry a prefix.
class LineWriter {
 public:
  explicit LineWriter(std::string& out) : out_(out) {}

  void beginObject() { separate(), out_.push_back('{'); }
  void endObject() { out_.push_back('}'); }
  void beginArray() { separate(), out_.push_back('['); }
  void endArray() { out_.push_back(']'); }
  /// The name of a member; a value, an object or an array must follow.
  void key(std::string_view name) { key(prefix_, name); }

  /// Prefix of all names from here on.
  void setPrefix(std::string_view prefix) { prefix_ = prefix; }
  [[nodiscard]] std::string_view prefix() const { return prefix_; }

  /// Values: alone in an array or behind key().
  void text(std::string_view any) { separate(), appendJsonString(out_, any); }
  void number(std::uint64_t v) {
    quoted([&] { appendNumber(v); });
  }
  void signedNumber(std::int64_t v) {
    quoted([&] { appendNumber(v); });
  }
  void real(double v, int decimals);
  void hex(Bytes octets) {
    quoted([&] { appendHex(octets); });
  }
  /// Upper-case digits, octets joined by dashes: how packet bytes are printed.
  void dashedHex(Bytes octets);
  void address(const IpAddress& a) { address({a.octets.data(), static_cast<std::size_t>(a.bits()) / 8}); }
  /// 4 octets: dotted quad; 16: eight groups of four digits; others: empty.
  void address(Bytes octets);

  /// Members.
  void member(std::string_view name, std::string_view any) { key(name), text(any); }
  void member(std::string_view name, std::uint64_t v) { key(name), number(v); }
  void member(std::string_view name, std::uint32_t v) { key(name), number(v); }
  void signedMember(std::string_view name, std::int64_t v) { key(name), signedNumber(v); }
  void hexMember(std::string_view name, Bytes octets) { key(name), hex(octets); }
  void addressMember(std::string_view name, Bytes octets) { key(name), address(octets); }
  /// "a:b", as data sources and tags are written.
  void pairMember(std::string_view name, std::uint32_t a, std::uint32_t b);

  /// Whatever `write` appends to out(), in quotes: digits and plain ASCII only.
  template <class Write>
  void quoted(Write&& write) {
    separate();
    out_.push_back('"');
    write();
    out_.push_back('"');
  }
  template <class Number>
  void appendNumber(Number v) {
    char buffer[24];
    out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
  }
  /// Lower-case digits.
  void appendHex(Bytes octets);
  [[nodiscard]] std::string& out() { return out_; }

 private:
  // A value follows another value, an opening bracket or a key: the last character tells which.
  void separate() {
    const char last = out_.empty() || out_.back() == '\n' ? '{' : out_.back();
    if (last != '{' && last != '[' && last != ':') out_.push_back(',');
  }
  void key(std::string_view prefix, std::string_view name);

  std::string& out_;
  std::string_view prefix_;
};

}  // namespace weir::print
