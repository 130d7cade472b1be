#include "api/markdown.h"

#include <algorithm>
#include <cstdint>

namespace weir::api {

namespace {

void appendEscaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
}

std::string_view withoutSpaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// A block is collected line by line and written when the next one begins.
class Blocks {
 public:
  void line(std::string_view line) {
    if (inComment_ || line.starts_with("<!--")) {
      inComment_ = line.find("-->") == line.npos;
    } else if (withoutSpaces(line).empty()) {
      end();
    } else if (line.starts_with('#')) {
      heading(line);
    } else if (line.starts_with("    ") && (kind_ == Kind::none || kind_ == Kind::code)) {
      begin(Kind::code);
      text_.append(line.substr(4)).append("\n");
    } else if (line.starts_with("- ")) {
      begin(Kind::list);
      endPiece();
      text_ = line.substr(2);
    } else if (line.starts_with('|')) {
      begin(Kind::table);
      row(line);
    } else {
      if (kind_ != Kind::list) begin(Kind::paragraph);
      text_.append(text_.empty() ? "" : " ").append(withoutSpaces(line));
    }
  }

  std::string finish() {
    end();
    return std::move(out_);
  }

 private:
  enum class Kind : std::uint8_t { none, paragraph, list, table, code };

  void begin(Kind kind) {
    if (kind_ == kind) return;
    end();
    kind_ = kind;
    if (kind == Kind::list) out_ += "<ul>\n";
    if (kind == Kind::table) out_ += "<div class=\"scroll\"><table>\n";
  }

  /// An item of a list.
  void endPiece() {
    if (!text_.empty()) out_ += "<li>" + htmlOfLine(text_) + "</li>\n";
    text_.clear();
  }

  void end() {
    if (kind_ == Kind::list) {
      endPiece();
      out_ += "</ul>\n";
    } else if (kind_ == Kind::table) {
      out_ += "</table></div>\n";
    } else if (kind_ == Kind::paragraph) {
      out_ += "<p>" + htmlOfLine(text_) + "</p>\n";
    } else if (kind_ == Kind::code) {
      out_ += "<pre>";
      appendEscaped(out_, text_);
      out_ += "</pre>\n";
    }
    kind_ = Kind::none;
    text_.clear();
    rows_ = 0;
  }

  void heading(std::string_view line) {
    end();
    const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
    const std::string tag = "h" + std::to_string(level);
    const std::string_view text = withoutSpaces(line.substr(level));
    out_ += "<" + tag + " id=\"" + anchorOf(text) + "\">" + htmlOfLine(text) + "</" + tag + ">\n";
  }

  void row(std::string_view line) {
    if (++rows_ == 2) return;  // |---|
    const std::string cell = rows_ == 1 ? "th" : "td";
    out_ += "<tr>";
    line.remove_prefix(1);
    for (std::size_t bar = line.find('|'); bar != line.npos; bar = line.find('|')) {
      out_ += "<" + cell + ">" + htmlOfLine(withoutSpaces(line.substr(0, bar))) + "</" + cell + ">";
      line.remove_prefix(bar + 1);
    }
    out_ += "</tr>\n";
  }

  std::string out_, text_;
  Kind kind_ = Kind::none;
  std::size_t rows_ = 0;
  bool inComment_ = false;
};

}  // namespace

std::string anchorOf(std::string_view heading) {
  std::string out;
  for (const char c : heading) {
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c + ('a' - 'A'));
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
      out += c;
    else if (c == ' ')
      out += '-';
  }
  return out;
}

std::string htmlOfLine(std::string_view text) {
  std::string out;
  bool bold = false;
  while (!text.empty()) {
    if (const std::size_t end = text.find('`', 1); text.front() == '`' && end != text.npos) {
      out += "<code>";
      appendEscaped(out, text.substr(1, end - 1));
      out += "</code>";
      text.remove_prefix(end + 1);
    } else if (text.starts_with("**")) {
      bold = !bold;
      out += bold ? "<b>" : "</b>";
      text.remove_prefix(2);
    } else if (const std::size_t middle = text.find("]("), close = text.find(')', middle);
               text.front() == '[' && close != text.npos && text.find(']') == middle) {
      out += "<a href=\"";
      appendEscaped(out, text.substr(middle + 2, close - middle - 2));
      out += "\">" + htmlOfLine(text.substr(1, middle - 1)) + "</a>";
      text.remove_prefix(close + 1);
    } else {
      appendEscaped(out, text.substr(0, 1));
      text.remove_prefix(1);
    }
  }
  return out + (bold ? "</b>" : "");
}

std::string htmlOf(std::string_view markdown) {
  Blocks blocks;
  while (!markdown.empty()) {
    const std::size_t end = std::min(markdown.find('\n'), markdown.size());
    blocks.line(markdown.substr(0, end));
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
  }
  return blocks.finish();
}

}  // namespace weir::api
