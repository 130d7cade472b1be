#include "json/lenient.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <random>
#include <string>

namespace weir::json {
namespace {

namespace bj = boost::json;

struct Case {
  const char* text;
  const char* strict;  ///< the same as strict JSON
};

class Lenient : public testing::TestWithParam<Case> {};

TEST_P(Lenient, reads_as_its_strict_form) {
  const auto value = parseLenient(GetParam().text);
  ASSERT_TRUE(value) << value.error().text();
  EXPECT_EQ(*value, bj::parse(GetParam().strict)) << bj::serialize(*value);
}

INSTANTIATE_TEST_SUITE_P(
    Spec, Lenient,
    testing::Values(
        Case{"{keys:'ipsource,ipdestination',value:'frames'}", R"({"keys":"ipsource,ipdestination","value":"frames"})"},
        Case{"{keys:ipsource;value:bytes}", R"({"keys":"ipsource","value":"bytes"})"},
        Case{"{a=1,b=>2;c : 3,}", R"({"a":1,"b":2,"c":3})"}, Case{"[1;2,]", "[1,2]"},
        Case{"{log:'true',n:'10'}", R"({"log":"true","n":"10"})"}, Case{"{value: 1250000.0}", R"({"value":1250000.0})"},
        Case{"{log:TRUE,x:False,y:Null}", R"({"log":true,"x":false,"y":null})"},
        Case{"{external:[0.0.0.0/0,'::/0']}", R"({"external":["0.0.0.0/0","::/0"]})"},
        Case{"{my group : [ 10.0.0.0/8 ]}", R"({"my group":["10.0.0.0/8"]})"}, Case{"[it's]", R"(["it's"])"},
        Case{"['it\\'s']", R"(["it's"])"},
        Case{"{a:007,b:+5,c:.5,d:1.,e:0x10,f:-}", R"({"a":"007","b":"+5","c":".5","d":"1.","e":"0x10","f":"-"})"},
        Case{"{a:1,a:2}", R"({"a":2})"}, Case{"{\"a\":1,'a':{b:1},a:[3]}", R"({"a":[3]})"},
        Case{"\xEF\xBB\xBF{}", "{}"}, Case{"  {\r\n}\t", "{}"},
        Case{"'\\u00e9\\uD83D\\uDE00'", "\"\xC3\xA9\xF0\x9F\x98\x80\""}, Case{"\"a\tb\"", R"("a\tb")"},
        Case{"{\xC3\xA9:\xC3\xA9}", "{\"\xC3\xA9\":\"\xC3\xA9\"}"}, Case{"[1e-400,-1e-400]", "[0.0,-0.0]"},
        Case{"{'':1}", R"({"":1})"}, Case{"word", R"("word")"},
        Case{"[NaNo, information]", R"(["NaNo","information"])"}),
    [](const auto& p) { return "case" + std::to_string(p.index); });

struct Wrong {
  std::string text;
  std::size_t position;
  const char* says;
};

class Refused : public testing::TestWithParam<Wrong> {};

TEST_P(Refused, says_where_and_what_was_expected) {
  const auto value = parseLenient(GetParam().text);
  ASSERT_FALSE(value) << bj::serialize(*value);
  EXPECT_EQ(value.error().position, GetParam().position) << value.error().message;
  EXPECT_NE(value.error().message.find(GetParam().says), std::string::npos) << value.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Spec, Refused,
    testing::Values(Wrong{"", 0, "expected a value, but the text ends here"}, Wrong{"   ", 3, "a value"},
                    Wrong{"{", 1, "a name or '}'"}, Wrong{"{a}", 2, "':' behind the name \"a\", not '}'"},
                    Wrong{"{a:}", 3, "a value, not '}'"}, Wrong{"{a:1 \"b\":2}", 5, "',' or '}'"},
                    Wrong{"{a:1", 4, "',' or '}'"}, Wrong{"[1,,2]", 3, "a value"}, Wrong{"[,]", 1, "a value"},
                    Wrong{"[1 [", 3, "',' or ']'"}, Wrong{"{a:::/0}", 3, "a value, not ':'"},
                    Wrong{"{} x", 3, "the end of the text"}, Wrong{"'abc", 4, "that ends the text begun at 0"},
                    Wrong{"'a\nb'", 2, "that ends the text"}, Wrong{"['\xC3\xA9', nan]", 6, "a finite number"},
                    Wrong{"[-Infinity]", 1, "a finite number"}, Wrong{"[+inf]", 1, "a finite number"},
                    Wrong{"[1e400]", 1, "below 1.8e308"}, Wrong{"'\\q'", 2, "one of"},
                    Wrong{"'\\u12'", 3, "four hex digits"}, Wrong{"'\\u12", 3, "four hex digits"},
                    Wrong{"'\\u-123'", 3, "four hex digits"}, Wrong{"'\\uD83D'", 1, "a low surrogate"},
                    Wrong{"'\\uD83D\\u0041'", 1, "a low surrogate"}, Wrong{"'\\uDE00'", 1, "a high surrogate"},
                    Wrong{"'a\xFF'", 2, "UTF-8"}, Wrong{"[a\xC3]", 2, "UTF-8"}, Wrong{"'\xED\xA0\x80'", 1, "UTF-8"},
                    Wrong{std::string("[\0]", 3), 1, "a value"}),
    [](const auto& p) { return "case" + std::to_string(p.index); });

TEST(LenientBounds, nesting_of_32_and_no_deeper) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(parseLenient(nested(32)));
  const auto tooDeep = parseLenient(nested(33));
  ASSERT_FALSE(tooDeep);
  EXPECT_EQ(tooDeep.error().position, 32u);
  EXPECT_NE(tooDeep.error().message.find("deeper than 32"), std::string::npos);
  EXPECT_FALSE(parseLenient(std::string(1'000'000, '[')));
}

TEST(LenientBounds, number_of_values) {
  std::string text = "[";
  for (std::size_t i = 0; i < kMaxValues; ++i) text += "0,";
  EXPECT_FALSE(parseLenient(text + "]"));
}

/// A random document as strict JSON, with every kind of value, escape and white space.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string value(int depth = 0) {
    switch (pick(depth > 4 ? 6 : 8)) {
      case 0:
        return blank() + std::to_string(static_cast<std::int64_t>(random_()) >> pick(64)) + blank();
      case 1:
        return blank() + std::to_string(random_()) + blank();
      case 2:
        return number();
      case 3:
        return string();
      case 4:
        return "true";
      case 5:
        return pick(2) == 0 ? "false" : "null";
      case 6:
        return list('[', ']', [&] { return value(depth + 1); });
      default:
        return list('{', '}', [&] { return string() + blank() + ":" + value(depth + 1); });
    }
  }

 private:
  std::uint64_t pick(std::uint64_t n) { return random_() % n; }
  std::string blank() { return std::string(pick(3), " \t\n\r"[pick(4)]); }
  std::string number() {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, pick(2) == 0 ? "%.*e" : "%.*f", static_cast<int>(pick(9)),
                  (static_cast<double>(pick(2'000'001)) - 1e6) * std::pow(10, static_cast<double>(pick(21)) - 10));
    return buffer;
  }
  std::string string() {
    static const char* const kPieces[] = {"a",
                                          "keys",
                                          " ",
                                          ",",
                                          "'",
                                          "=",
                                          "\\\"",
                                          "\\\\",
                                          "\\/",
                                          "\\n",
                                          "\\u0000",
                                          "\\u00E9",
                                          "\xC3\xA9",
                                          "\xE2\x82\xAC",
                                          "\xF0\x9F\x98\x80",
                                          "\\uD83D\\uDE00",
                                          "\x7F",
                                          "{",
                                          "]",
                                          "nan"};
    std::string out = "\"";
    for (auto n = pick(12); n > 0; --n) out += kPieces[pick(std::size(kPieces))];
    return out + "\"";
  }
  template <class Item>
  std::string list(char open, char close, Item item) {
    std::string out = blank() + open + blank();
    for (auto n = pick(5); n > 0; --n) out += item() + blank() + (n > 1 ? "," : "") + blank();
    return out + close + blank();
  }

  std::mt19937_64 random_;
};

/// Equal in kind and value. Doubles within two units in the last place: Boost.JSON 1.81 does not round correctly, we
/// do.
::testing::AssertionResult same(const bj::value& a, const bj::value& b) {
  const auto fault = [&] {
    return ::testing::AssertionFailure() << bj::serialize(a) << " is not " << bj::serialize(b);
  };
  if (a.kind() != b.kind()) return fault();
  if (a.is_double()) {
    const double gap = std::fabs(std::nextafter(b.get_double(), INFINITY) - b.get_double()) * 2;
    return std::fabs(a.get_double() - b.get_double()) <= gap ? ::testing::AssertionSuccess() : fault();
  }
  if (a.is_array()) {
    if (a.get_array().size() != b.get_array().size()) return fault();
    for (std::size_t i = 0; i < a.get_array().size(); ++i) {
      if (auto r = same(a.get_array()[i], b.get_array()[i]); !r) return r;
    }
    return ::testing::AssertionSuccess();
  }
  if (a.is_object()) {
    if (a.get_object().size() != b.get_object().size()) return fault();
    for (const auto& [name, member] : a.get_object()) {
      const auto* other = b.get_object().if_contains(name);
      if (other == nullptr) return fault();
      if (auto r = same(member, *other); !r) return r;
    }
    return ::testing::AssertionSuccess();
  }
  return a == b ? ::testing::AssertionSuccess() : fault();
}

TEST(LenientProperty, strict_json_reads_as_with_boost) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const std::string text = Writer(seed).value();
    boost::system::error_code ec;
    const bj::value strict = bj::parse(text, ec);
    ASSERT_FALSE(ec) << text;
    const auto value = parseLenient(text);
    ASSERT_TRUE(value) << value.error().text() << " in " << text;
    ASSERT_TRUE(same(*value, strict)) << text;
  }
}

TEST(LenientProperty, damaged_text_never_harms) {
  std::mt19937 random(1);
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::string text = Writer(seed).value();
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
    text.resize(random() % text.size() + 1);
    if (const auto value = parseLenient(text); !value) {
      ASSERT_TRUE(value.error().position);
      ASSERT_LE(*value.error().position, text.size());
      ASSERT_FALSE(value.error().message.empty());
    }
  }
}

TEST(Place, of_an_error) {
  const std::string text = "{a:1,\n b:'\u00e9\u00e9' 5}";
  const auto value = parseLenient(text);
  ASSERT_FALSE(value);
  const Place place = placeOf(text, value.error().position.value());
  EXPECT_EQ(place.line, 2u);
  EXPECT_EQ(place.character, 8u) << "characters, not octets";
  EXPECT_EQ(placeOf("", 0).line, 1u);
  EXPECT_EQ(placeOf("a\nb", 99).line, 2u);
}

TEST(Place, of_a_member) {
  const std::string text =
      "{flows:{\n"
      "  a:{keys:x},\n"
      "  'a.b':{\n"
      "    keys:x,\n"
      "    value:{keys:y}}},\n"
      " keys:[{a:1},\n"
      "  {a:2}]}";
  const auto line = [&](const char* attribute) { return placeOfMember(text, attribute).line; };
  EXPECT_EQ(line("flows"), 1u);
  EXPECT_EQ(line("flows.a"), 2u);
  EXPECT_EQ(line("flows.a.keys"), 2u);
  EXPECT_EQ(line("flows.a.b"), 3u);
  EXPECT_EQ(line("flows.a.b.keys"), 4u);
  EXPECT_EQ(line("flows.a.b.value.keys"), 5u);
  EXPECT_EQ(line("flows.a.b.nosuch"), 3u) << "the deepest on the way";
  EXPECT_EQ(line("keys"), 6u);
  EXPECT_EQ(line("nosuch"), 1u);
  EXPECT_EQ(line(""), 1u);
  EXPECT_EQ(placeOfMember("{a:1,\na:2}", "a").line, 2u) << "the last one wins";
  EXPECT_EQ(placeOfMember(text, "flows.a.b.keys").character, 4u);
}

}  // namespace
}  // namespace weir::json
