#include "flow/filter_parser.h"

#include <cctype>

#include "flow/expression.h"
#include "flow/foreign_words.h"

namespace weir::flow {

namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Expected<FilterTree> parse() {
    auto tree = parseAny(0);
    if (!tree) return tree;
    if (at_ == text_.size()) return tree;
    if (text_[at_] == ')') return fail("unbalanced parenthesis: expected a ( before this )", {}, at_);
    return fail("expected & or | or the end", {}, at_);
  }

 private:
  void skipBlanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  [[nodiscard]] bool here(char c) const { return at_ < text_.size() && text_[at_] == c; }

  Expected<FilterTree> parseAny(unsigned depth) { return parseList(FilterTree::Kind::any, '|', depth); }

  Expected<FilterTree> parseList(FilterTree::Kind kind, char separator, unsigned depth) {
    FilterTree list;
    list.kind = kind;
    for (;;) {
      auto item = kind == FilterTree::Kind::any ? parseList(FilterTree::Kind::all, '&', depth) : parseFactor(depth);
      if (!item) return item;
      // (a|b)|c is a|b|c
      if (item->kind == kind) {
        for (FilterTree& child : item->children) list.children.push_back(std::move(child));
      } else {
        list.children.push_back(std::move(*item));
      }
      skipBlanks();
      if (!here(separator)) break;
      ++at_;
    }
    if (list.children.size() != 1) return list;
    FilterTree only = std::move(list.children.front());
    return only;
  }

  Expected<FilterTree> parseFactor(unsigned depth) {
    skipBlanks();
    if (!here('(')) return parseComparison();
    if (depth >= kMaxNesting) return fail("expected at most 32 parentheses inside each other", {}, at_);
    const std::size_t open = at_++;
    auto tree = parseAny(depth + 1);
    if (!tree) return tree;
    skipBlanks();
    if (at_ == text_.size()) return fail("unbalanced parenthesis: expected a ) for this (", {}, open);
    if (!here(')')) return fail("expected & or | or )", {}, at_);
    ++at_;
    return tree;
  }

  Expected<FilterTree> parseComparison() {
    FilterTree tree;
    auto left = hereQuote() ? parseQuoted() : parseLeft();
    if (!left) return std::unexpected(std::move(left.error()));
    tree.left = withoutBlanks(*left);
    if (tree.left.text.empty()) return fail("expected a flow key", {}, tree.left.position);
    skipBlanks();
    tree.negated = here('!');
    if (tree.negated) ++at_;
    if (!here('=') && !here('~')) return fail("expected =, !=, ~ or !~", {}, at_);
    tree.pattern = here('~');
    ++at_;
    do {
      auto right = parseRight(tree.pattern);
      if (!right) return std::unexpected(std::move(right.error()));
      tree.rights.push_back(std::move(*right));
      skipBlanks();
    } while (here(',') && ++at_ != 0);
    return tree;
  }

  // Up to the operator.
  Expected<Piece> parseLeft() {
    const std::size_t begin = at_;
    std::vector<std::size_t> open;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        ++at_;
      } else if (c == '[') {
        open.push_back(at_);
      } else if (c == ']') {
        if (open.empty()) return fail("unbalanced bracket: expected a [ before this ]", {}, at_);
        open.pop_back();
      } else if (open.empty()) {
        const bool isOperator =
            c == '=' || c == '~' ||
            (c == '!' && at_ + 1 < text_.size() && (text_[at_ + 1] == '=' || text_[at_ + 1] == '~'));
        if (isOperator) return Piece{text_.substr(begin, at_ - begin), begin};
        if (c == '&' || c == '|' || c == '(' || c == ')') break;
      }
    }
    if (!open.empty()) return fail("unbalanced bracket: expected a ] for this [", {}, open.back());
    at_ = std::min(at_, text_.size());
    const std::string_view left = withoutBlanks({text_.substr(begin, at_ - begin), begin}).text;
    if (left.empty()) {
      const bool twice = begin > 0 && here(text_[begin - 1]);
      return fail(twice ? "expected a flow key or (: one & or | joins conditions" : "expected a flow key or (", {},
                  begin);
    }
    return fail("expected =, !=, ~ or !~" + exampleFor(left), {}, at_);
  }

  /// How a condition of a pcap filter is written here, where it is one: `src host 10.0.0.1`, `tcp`.
  static std::string exampleFor(std::string_view condition) {
    if (const auto number = protocolNumber(condition); !number.empty()) {
      return ", as in ipprotocol=" + std::string(number);
    }
    const std::size_t blank = condition.rfind(' ');
    if (blank == std::string_view::npos) return {};
    const std::string_view keys = keysOfForeignWord(condition.substr(0, blank));
    if (keys.empty()) return {};
    std::string example = ", as in ";
    for (const char c : keys)
      example.append(c == ',' ? "=" + std::string(condition.substr(blank + 1)) + "|" : std::string(1, c));
    return example.append("=").append(condition.substr(blank + 1));
  }

  [[nodiscard]] bool hereQuote() const { return here('\'') || here('"'); }

  // Between two of the same quotation mark, single or double.
  Expected<Piece> parseQuoted() {
    const char mark = text_[at_];
    const std::size_t open = at_++;
    const std::size_t begin = at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == mark) {
        const Piece piece{text_.substr(begin, at_ - begin), begin};
        ++at_;
        return piece;
      }
    }
    return fail(std::string("expected a closing ") + mark + " for this one", {}, open);
  }

  Expected<Right> parseRight(bool pattern) {
    skipBlanks();
    if (hereQuote()) {
      auto piece = parseQuoted();
      if (!piece) return std::unexpected(std::move(piece.error()));
      return Right{pattern ? std::string(piece->text) : withoutEscapes(piece->text), piece->position};
    }
    auto piece = pattern ? parsePattern() : parseValue();
    if (!piece) return std::unexpected(std::move(piece.error()));
    *piece = withoutBlanks(*piece);
    if (piece->text.empty())
      return fail(pattern ? "expected a regular expression" : "expected a value", {}, piece->position);
    return Right{pattern ? std::string(piece->text) : withoutEscapes(piece->text), piece->position};
  }

  // Up to , & | or a ) that closes nothing of the value: be(0) is one value.
  Expected<Piece> parseValue() {
    const std::size_t begin = at_;
    if (here('=')) return fail("expected a value: one = compares", {}, at_);
    if (here('(') || here('~')) return fail("expected a value", {}, at_);
    std::vector<std::size_t> open;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        ++at_;
      } else if (c == '(') {
        open.push_back(at_);
      } else if (c == ')') {
        if (open.empty()) break;
        open.pop_back();
      } else if (c == ',' || c == '&' || c == '|') {
        break;
      }
    }
    if (!open.empty()) return fail("unbalanced parenthesis: expected a ) for this (", {}, open.back());
    at_ = std::min(at_, text_.size());
    return Piece{text_.substr(begin, at_ - begin), begin};
  }

  // A regular expression: inside its own brackets the marks of the filter mean nothing.
  Expected<Piece> parsePattern() {
    const std::size_t begin = at_;
    std::vector<std::size_t> open;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        ++at_;
      } else if (c == '[') {
        const std::size_t bracket = at_;
        if (!skipClass()) return fail("unbalanced bracket: expected a ] for this [", {}, bracket);
      } else if (c == '{') {
        skipQuantifier();
      } else if (c == '(') {
        open.push_back(at_);
      } else if (c == ')') {
        if (open.empty()) break;
        open.pop_back();
      } else if (open.empty() && (c == ',' || c == '&' || c == '|')) {
        break;
      }
    }
    if (!open.empty()) return fail("unbalanced parenthesis: expected a ) for this (", {}, open.back());
    at_ = std::min(at_, text_.size());
    return Piece{text_.substr(begin, at_ - begin), begin};
  }

  // From the [ of a character class to its ].
  bool skipClass() {
    ++at_;
    if (here('^')) ++at_;
    if (here(']')) ++at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == ']')
        return true;
    }
    return false;
  }

  // The comma of {1,3} ends no pattern.
  void skipQuantifier() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[end])) != 0 || text_[end] == ','))
      ++end;
    if (end < text_.size() && text_[end] == '}') at_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Expected<FilterTree> parseFilter(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace weir::flow
