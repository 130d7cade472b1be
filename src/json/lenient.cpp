#include "json/lenient.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/utf8.h"

namespace weir::json {

namespace {

namespace bj = boost::json;

/// Within UTF-8: not the first octet of a character.
bool continuesCharacter(char c) {
  return (c & 0xC0) == 0x80;
}

bool equalsIgnoringCase(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

/// RFC 8259 section 6, to the letter.
bool isJsonNumber(std::string_view t, bool& whole) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < t.size() && t[i] >= '0' && t[i] <= '9') ++i;
    return i - begin;
  };
  if (i < t.size() && t[i] == '-') ++i;
  const std::size_t first = i;
  const std::size_t n = digits();
  if (n == 0 || (n > 1 && t[first] == '0')) return false;
  whole = true;
  if (i < t.size() && t[i] == '.') {
    whole = false;
    ++i;
    if (digits() == 0) return false;
  }
  if (i < t.size() && (t[i] == 'e' || t[i] == 'E')) {
    whole = false;
    ++i;
    if (i < t.size() && (t[i] == '-' || t[i] == '+')) ++i;
    if (digits() == 0) return false;
  }
  return i == t.size();
}

/// Writes the UTF-8 of a code point that is no surrogate; returns the number of octets, 1 to 4.
std::size_t encodeUtf8(std::uint32_t c, char* out) {
  const auto put = [&](std::size_t i, std::uint32_t bits) { out[i] = static_cast<char>(bits); };
  if (c < 0x80) return put(0, c), 1;
  if (c < 0x800) return put(0, 0xC0 | c >> 6), put(1, 0x80 | (c & 0x3F)), 2;
  if (c < 0x10000) return put(0, 0xE0 | c >> 12), put(1, 0x80 | (c >> 6 & 0x3F)), put(2, 0x80 | (c & 0x3F)), 3;
  put(0, 0xF0 | c >> 18), put(1, 0x80 | (c >> 12 & 0x3F)), put(2, 0x80 | (c >> 6 & 0x3F)), put(3, 0x80 | (c & 0x3F));
  return 4;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  /// Octet offset of the member that `attribute` means, or of the deepest on the way to it.
  std::size_t find(std::string_view attribute) {
    wanted_ = attribute;
    (void)read();
    return foundAt_;
  }

  Expected<bj::value> read() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    bj::value result;
    if (value(result)) {
      skipBlanks();
      if (at_ == text_.size()) return result;
      expected("the end of the text");
    }
    // Positions count characters, not octets.
    const auto before = text_.substr(0, std::min(errorAt_, text_.size()));
    const auto characters = std::ranges::count_if(before, std::not_fn(continuesCharacter));
    return fail(std::move(error_), {}, static_cast<std::size_t>(characters));
  }

 private:
  bool error(std::size_t at, std::string message) {
    errorAt_ = at;
    error_ = std::move(message);
    return false;
  }
  bool expected(std::string_view what) {
    std::string message = "expected ";
    message += what;
    if (at_ >= text_.size()) return error(text_.size(), message + ", but the text ends here");
    const auto size = std::max<std::size_t>(1, sequenceLength());
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c >= 0x20 && (c < 0x7F || size > 1)) message += ", not '" + std::string(text_.substr(at_, size)) + "'";
    return error(at_, std::move(message));
  }

  [[nodiscard]] int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }
  /// Of the UTF-8 sequence here, or 0.
  [[nodiscard]] std::size_t sequenceLength() const {
    const auto* begin = reinterpret_cast<const unsigned char*>(text_.data());
    return utf8Length(begin + at_, begin + text_.size());
  }
  void skipBlanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool value(bj::value& out) {
    skipBlanks();
    if (++values_ > kMaxValues) return error(at_, "more than " + std::to_string(kMaxValues) + " values");
    switch (peek()) {
      case '{':
        return object(out.emplace_object());
      case '[':
        return array(out.emplace_array());
      case '"':
      case '\'':
        return string(out.emplace_string());
      default:
        return bare(out);
    }
  }

  bool enter() {
    if (depth_ == kMaxDepth) return error(at_, "nested deeper than " + std::to_string(kMaxDepth));
    ++depth_;
    ++at_;
    return true;
  }
  void leave() {
    --depth_;
    ++at_;
  }
  /// After a member or element: true if another one may follow (`close` is then looked for again: trailing comma).
  bool separator(char close, bool& more) {
    skipBlanks();
    more = peek() == ',' || peek() == ';';
    if (more) {
      ++at_;
    } else if (peek() != close) {
      return expected(close == '}' ? "',' or '}'" : "',' or ']'");
    }
    return true;
  }

  /// Names may hold dots, so paths are compared as a whole.
  void pass(std::string_view name, std::size_t at) {
    if (depth_ > 1) path_ += '.';
    path_ += name;
    const bool onTheWay =
        wanted_.starts_with(path_) && (wanted_.size() == path_.size() || wanted_[path_.size()] == '.');
    if (!onTheWay || path_.size() < foundLength_) return;
    foundLength_ = path_.size();
    foundAt_ = at;
  }

  bool object(bj::object& out) {
    if (!enter()) return false;
    for (bool more = true; more;) {
      skipBlanks();
      if (peek() == '}') break;
      bj::string name;
      const std::size_t nameAt = at_;
      if (!memberName(name)) return false;
      const std::size_t parent = path_.size();
      if (!wanted_.empty()) pass({name.data(), name.size()}, nameAt);
      skipBlanks();
      if (peek() != ':' && peek() != '=') return expected("':' behind the name \"" + std::string(name) + "\"");
      if (text_[at_++] == '=' && peek() == '>') ++at_;
      bj::value member;
      if (!value(member)) return false;
      path_.resize(parent);
      out.insert_or_assign(name, std::move(member));
      if (!separator('}', more)) return false;
    }
    leave();
    return true;
  }

  bool array(bj::array& out) {
    if (!enter()) return false;
    for (bool more = true; more;) {
      skipBlanks();
      if (peek() == ']') break;
      if (!value(out.emplace_back(nullptr))) return false;
      if (!separator(']', more)) return false;
    }
    leave();
    return true;
  }

  bool memberName(bj::string& out) {
    if (peek() == '"' || peek() == '\'') return string(out);
    std::string_view word;
    if (!bareWord(word)) return false;
    if (word.empty()) return expected("a name or '}'");
    out = word;
    return true;
  }

  /// Leaves the position behind the word; the word is empty where there is none.
  bool bareWord(std::string_view& out) {
    const std::size_t begin = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || std::string_view(",:;=[]{}\"").contains(c)) break;
      const std::size_t n = sequenceLength();
      if (n == 0) return error(at_, "expected UTF-8");
      at_ += n;
    }
    out = text_.substr(begin, at_ - begin);
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.remove_suffix(1);
    return true;
  }

  bool bare(bj::value& out) {
    const std::size_t begin = at_;
    std::string_view word;
    if (!bareWord(word)) return false;
    if (word.empty()) return expected("a value");
    bool whole = false;
    if (isJsonNumber(word, whole)) return number(begin, word, whole, out);
    if (equalsIgnoringCase(word, "true")) {
      out = true;
    } else if (equalsIgnoringCase(word, "false")) {
      out = false;
    } else if (equalsIgnoringCase(word, "null")) {
      out = nullptr;
    } else {
      auto unsignedWord = word;
      if (word[0] == '-' || word[0] == '+') unsignedWord.remove_prefix(1);
      for (const auto* refused : {"nan", "inf", "infinity"}) {
        if (equalsIgnoringCase(unsignedWord, refused)) return error(begin, "expected a finite number");
      }
      out = word;
    }
    return true;
  }

  bool number(std::size_t begin, std::string_view word, bool whole, bj::value& out) {
    const char* end = word.data() + word.size();
    std::int64_t i = 0;
    std::uint64_t u = 0;
    double d = 0;
    if (whole && std::from_chars(word.data(), end, i).ec == std::errc()) {
      out = i;
    } else if (whole && word[0] != '-' && std::from_chars(word.data(), end, u).ec == std::errc()) {
      out = u;
    } else if (std::from_chars(word.data(), end, d).ec == std::errc()) {
      out = d;
    } else if (isTiny(word)) {
      out = word[0] == '-' ? -0.0 : 0.0;
    } else {
      return error(begin, "expected a number below 1.8e308");
    }
    return true;
  }

  /// Of a number out of a double's range: is it too small rather than too large? Its decimal exponent says so.
  static bool isTiny(std::string_view word) {
    const std::size_t e = word.find_first_of("eE");
    if (e != std::string_view::npos) return word.substr(e + 1).starts_with('-');
    return word.starts_with("0.") || word.starts_with("-0.");
  }

  bool string(bj::string& out) {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    for (;;) {
      const std::size_t run = at_;
      while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\\' &&
             (static_cast<unsigned char>(text_[at_]) >= 0x20 || text_[at_] == '\t')) {
        const std::size_t n = sequenceLength();
        if (n == 0) return error(at_, "expected UTF-8");
        at_ += n;
      }
      out.append(text_.substr(run, at_ - run));
      if (peek() == quote) break;
      if (peek() != '\\') {
        return error(
            at_, std::string("expected ") + quote + " that ends the text begun at " +
                     std::to_string(std::ranges::count_if(text_.substr(0, begin), std::not_fn(continuesCharacter))));
      }
      if (!escape(out)) return false;
    }
    ++at_;
    return true;
  }

  bool escape(bj::string& out) {
    static constexpr std::string_view kNames = "\"\\/'bfnrt";
    static constexpr std::string_view kValues = "\"\\/'\b\f\n\r\t";
    ++at_;
    if (const int c = peek(); c >= 0) {
      if (const auto i = kNames.find(static_cast<char>(c)); i != std::string_view::npos) {
        out.push_back(kValues[i]);
        ++at_;
        return true;
      }
    }
    if (peek() != 'u') return expected("one of \\\" \\\\ \\/ \\' \\b \\f \\n \\r \\t \\u");
    const std::size_t begin = at_ - 1;
    std::optional<std::uint32_t> unit = hexUnit();
    if (!unit) return expected("four hex digits");
    if (*unit >= 0xD800 && *unit <= 0xDBFF) {
      std::optional<std::uint32_t> low;
      if (peek() == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == 'u') {
        ++at_;
        low = hexUnit();
      }
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return error(begin, "expected a low surrogate behind the high one");
      unit = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
    } else if (*unit >= 0xDC00 && *unit <= 0xDFFF) {
      return error(begin, "expected a high surrogate before the low one");
    }
    char buffer[4];
    out.append(std::string_view(buffer, encodeUtf8(*unit, buffer)));
    return true;
  }

  /// At 'u': moves behind the four digits.
  std::optional<std::uint32_t> hexUnit() {
    ++at_;
    const auto digits = text_.substr(std::min(at_, text_.size()), 4);
    std::uint32_t unit = 0;
    if (digits.size() < 4 || !std::isxdigit(static_cast<unsigned char>(digits[0]))) return std::nullopt;
    const auto result = std::from_chars(digits.data(), digits.data() + 4, unit, 16);
    if (result.ec != std::errc() || result.ptr != digits.data() + 4) return std::nullopt;
    at_ += 4;
    return unit;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  std::size_t errorAt_ = 0;
  std::string error_;

  // of find()
  std::string_view wanted_;
  std::string path_;
  std::size_t foundAt_ = 0, foundLength_ = 0;
};

/// Moves behind one octet.
void advance(Place& place, char c) {
  if (c == '\n') {
    place = {place.line + 1, 0};
  } else if (!continuesCharacter(c)) {
    ++place.character;
  }
}

}  // namespace

Expected<bj::value> parseLenient(std::string_view text) {
  return Reader(text).read();
}

Place placeOf(std::string_view text, std::size_t position) {
  Place place;
  for (const char c : text) {
    if (!continuesCharacter(c) && position-- == 0) break;
    advance(place, c);
  }
  return place;
}

Place placeOfMember(std::string_view text, std::string_view attribute) {
  Place place;
  for (const char c : text.substr(0, Reader(text).find(attribute))) advance(place, c);
  return place;
}

}  // namespace weir::json
