#include "flow/syntax.h"

namespace weir::flow {

namespace {
constexpr bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
}  // namespace

std::string withoutEscapes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && isMark(text[i + 1])) ++i;
    out += text[i];
  }
  return out;
}

Piece withoutBlanks(Piece piece) {
  while (!piece.text.empty() && isBlank(piece.text.front())) {
    piece.text.remove_prefix(1);
    ++piece.position;
  }
  while (!piece.text.empty() && isBlank(piece.text.back())) {
    std::size_t backslashes = 0;
    while (backslashes + 1 < piece.text.size() && piece.text[piece.text.size() - 2 - backslashes] == '\\')
      ++backslashes;
    if (backslashes % 2 != 0) break;
    piece.text.remove_suffix(1);
  }
  return piece;
}

Expected<std::vector<Piece>> splitOutsideBrackets(Piece piece, char separator) {
  std::vector<Piece> pieces;
  std::vector<std::size_t> open;
  std::size_t begin = 0;
  const std::string_view text = piece.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '[') {
      open.push_back(i);
    } else if (c == ']') {
      if (open.empty()) return fail("unbalanced bracket: expected a [ before this ]", {}, piece.position + i);
      open.pop_back();
    } else if (c == separator && open.empty()) {
      pieces.push_back({text.substr(begin, i - begin), piece.position + begin});
      begin = i + 1;
    }
  }
  if (!open.empty()) return fail("unbalanced bracket: expected a ] for this [", {}, piece.position + open.back());
  pieces.push_back({text.substr(begin), piece.position + begin});
  return pieces;
}

std::size_t characterPosition(std::string_view text, std::size_t octets) {
  std::size_t count = octets > text.size() ? octets - text.size() : 0;
  for (const char c : text.substr(0, octets)) count += (c & 0xC0) != 0x80;
  return count;
}

Expected<std::vector<Piece>> splitCommaList(std::string_view text) {
  if (withoutBlanks({text, 0}).text.empty()) return std::vector<Piece>{};
  auto pieces = splitOutsideBrackets({text, 0}, ',');
  if (!pieces) return pieces;
  for (Piece& piece : *pieces) {
    const std::size_t begin = piece.position;
    piece = withoutBlanks(piece);
    if (piece.text.empty()) return fail("expected no empty element in the list", {}, begin);
  }
  return pieces;
}

}  // namespace weir::flow
