#include "agent_config/tokens.h"

namespace weir::agent {

namespace {

bool separates(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '=' || c == ';';
}

/// Cuts one line, its comment taken off.
class LineCutter {
 public:
  LineCutter(std::size_t number, std::vector<Token>& out, std::vector<Problem>& problems)
      : number_(number), out_(out), problems_(problems) {}

  void cut(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size()) {
      const char c = line[at];
      if (separates(c)) {
        ++at;
      } else if (c == '{' || c == '}') {
        add(line.substr(at++, 1), false);
      } else if (c == '"') {
        at = quoted(line, at + 1);
      } else {
        const std::size_t end = line.find_first_of(" \t\r=;{}\"", at);
        add(line.substr(at, end - at), false);
        at = end;
      }
    }
  }

 private:
  std::size_t quoted(std::string_view line, std::size_t at) {
    const std::size_t end = line.find('"', at);
    if (end == std::string_view::npos)
      problem("a quote is opened that does not end on its line (a # starts a comment even inside quotes)");
    add(line.substr(at, end - at), true);
    return end == std::string_view::npos ? end : end + 1;
  }
  void add(std::string_view text, bool quoted) {
    if (text.size() > kMaxTokenLength)
      return problem("a word of " + std::to_string(text.size()) + " characters; expected at most " +
                     std::to_string(kMaxTokenLength));
    out_.push_back({std::string(text), number_, quoted});
  }
  void problem(std::string message) { problems_.push_back({Problem::Severity::error, number_, std::move(message)}); }

  std::size_t number_;
  std::vector<Token>& out_;
  std::vector<Problem>& problems_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::vector<Problem>& problems) {
  std::vector<Token> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.size() > kMaxLineLength) {
      problems.push_back({Problem::Severity::error, number,
                          "a line of " + std::to_string(line.size()) + " characters; expected at most " +
                              std::to_string(kMaxLineLength)});
    } else {
      LineCutter(number, out, problems).cut(line.substr(0, line.find('#')));
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

}  // namespace weir::agent
