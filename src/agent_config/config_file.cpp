#include "agent_config/config_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "agent_config/setting_table.h"

namespace weir::agent {

namespace {

constexpr std::size_t kMaxDepth = 3;

/// Recursive descent over the tokens. After a mistake it goes on behind the setting or block at fault.
class Parser {
 public:
  Parser(const std::vector<Token>& tokens, ConfigFile& out) : tokens_(tokens), out_(out) {}

  void parse() {
    if (tokens_.empty()) return error(1, "the file is empty; expected sFlow { ... }");
    if (lowerCase(tokens_[0].text) != "sflow" || tokens_.size() < 2 || !tokens_[1].isBrace('{'))
      return error(tokens_[0].line, "found \"" + tokens_[0].text + "\"; expected sFlow { ... }");
    at_ = 2;
    block("", 1);
    // Its group may stand outside, before or behind the block.
    if (out_.settings.nflog && out_.settings.nflog->group == 0) {
      warning(nflogLine_, "nflog has no effect without its group: nflog { group=NUMBER }");
      out_.settings.nflog.reset();
    }
    if (at_ < tokens_.size())
      error(tokens_[at_].line, "found \"" + tokens_[at_].text + "\" behind the closing brace of sFlow { }");
  }

 private:
  [[nodiscard]] bool atEnd() const { return at_ >= tokens_.size(); }

  void block(const std::string& name, std::size_t depth) {
    const std::size_t opened = tokens_[at_ - 1].line;
    while (!atEnd()) {
      const Token& token = tokens_[at_++];
      if (token.isBrace('}')) return;
      if (token.isBrace('{')) {
        error(token.line, "found { without the name of a block before it; a pattern with braces stands in quotes");
        skipBlock();
      } else if (!atEnd() && tokens_[at_].isBrace('{')) {
        ++at_;
        enter(name, token, depth);
      } else {
        setting(name, token);
      }
    }
    warning(opened, "the block " + (name.empty() ? std::string("sFlow") : name) +
                        " { is not closed; a } is missing at the end");
  }

  void enter(const std::string& parent, const Token& token, std::size_t depth) {
    const BlockInfo* info = depth < kMaxDepth ? findBlock(parent, token.text) : nullptr;
    if (info == nullptr) {
      if (const SettingInfo* setting = findSetting(parent, token.text)) {
        notABlock(*setting, token);
      } else {
        unknown(parent, token, "block");
      }
      return skipBlock();
    }
    if (info->status == SettingStatus::absent && parent.empty())
      warning(token.line, std::string(info->name) + " { } has no effect: weir-agent has no module for " +
                              std::string(info->meaning));
    info->enter(out_.settings);
    const std::size_t line = token.line;
    block(std::string(info->name), depth + 1);
    if (info->name == "collector" && out_.settings.collectors.back().host.empty())
      error(line, "collector { } without ip=ADDRESS");
    if (info->name == "nflog") nflogLine_ = line;
  }

  void setting(const std::string& block, const Token& token) {
    const SettingInfo* info = findSetting(block, token.text);
    if (info == nullptr) {
      if (const BlockInfo* known = findBlock(block, token.text)) {
        error(token.line, "\"" + token.text + "\" is a block: " + std::string(known->name) + " { ... }");
      } else {
        unknown(block, token, "setting");
      }
      if (!atEnd() && !tokens_[at_].isBrace('}')) ++at_;
      return;
    }
    if (atEnd() || tokens_[at_].isBrace('}') || tokens_[at_].isBrace('{'))
      return error(token.line, token.text + " has no value; expected " + expectation(*info));
    value(*info, token, tokens_[at_++]);
  }

  void value(const SettingInfo& info, const Token& name, const Token& token) {
    SettingValue value;
    if (!readValue(info, token.text, value))
      return error(token.line,
                   name.text + "=" + token.text + ": expected " + expectation(info) + patternAdvice(info, token));
    if (info.name.ends_with('.')) value.suffix = lowerCase(std::string_view(name.text).substr(info.name.size()));
    if (info.status == SettingStatus::absent && !insideAbsentBlock(info))
      warning(name.line, name.text + " has no effect here: " + std::string(info.meaning));
    if (info.type == SettingType::path && !std::filesystem::exists(token.text))
      warning(token.line, name.text + "=" + token.text + ": there is no such file");
    info.apply(out_.settings, value);
  }

  static std::string patternAdvice(const SettingInfo& info, const Token& token) {
    if (info.type != SettingType::pattern) return "";
    return " (" + patternProblem(token.text).value_or("") + ")";
  }

  static bool insideAbsentBlock(const SettingInfo& info) {
    const BlockInfo* block = findBlock("", info.block);
    return info.block == "port" || (block != nullptr && block->status == SettingStatus::absent);
  }

  /// A setting with a brace behind it: of a block without effect that does not matter.
  void notABlock(const SettingInfo& info, const Token& token) {
    const std::string message = token.text + " takes a value, not a block: " + std::string(info.name) + "=" +
                                expectation(info) +
                                (info.type == SettingType::pattern ? "; a pattern with braces stands in quotes" : "");
    insideAbsentBlock(info) ? warning(token.line, message) : error(token.line, message);
  }

  void unknown(const std::string& block, const Token& token, const char* what) {
    const std::string nearest = nearestWord(block, token.text);
    const std::string place = block.empty() ? "sFlow { }" : block + " { }";
    error(token.line,
          "\"" + token.text + "\" is not a " + what + " of " + place +
              (nearest.empty() ? "; docs/agent-settings.md lists them" : "; did you mean \"" + nearest + "\"?"));
  }

  /// Behind an opening brace: to behind its closing one.
  void skipBlock() {
    for (std::size_t depth = 1; depth > 0 && !atEnd(); ++at_) {
      if (tokens_[at_].isBrace('{')) ++depth;
      if (tokens_[at_].isBrace('}')) --depth;
    }
  }

  void error(std::size_t line, std::string message) {
    out_.problems.push_back({Problem::Severity::error, line, std::move(message)});
  }
  void warning(std::size_t line, std::string message) {
    out_.problems.push_back({Problem::Severity::warning, line, std::move(message)});
  }

  const std::vector<Token>& tokens_;
  ConfigFile& out_;
  std::size_t at_ = 0;
  std::size_t nflogLine_ = 1;
};

}  // namespace

bool ConfigFile::usable() const {
  return std::none_of(problems.begin(), problems.end(),
                      [](const Problem& p) { return p.severity == Problem::Severity::error; });
}

ConfigFile parseConfig(std::string_view text) {
  ConfigFile out;
  const std::vector<Token> tokens = tokenize(text, out.problems);
  Parser(tokens, out).parse();
  if (out.usable() && out.settings.collectors.empty() && !out.settings.dnsSd)
    out.problems.push_back(
        {Problem::Severity::error, 1, "no collector: expected collector { ip=ADDRESS } or dns-sd { } in sFlow { }"});
  std::stable_sort(out.problems.begin(), out.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return out;
}

Expected<ConfigFile> readConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("cannot read the configuration: " + std::string(std::strerror(errno)), path);
  std::string text(kMaxConfigSize + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail("cannot read the configuration: " + std::string(std::strerror(errno)), path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxConfigSize) return fail("larger than 1 MiB: is this a configuration?", path);
  return parseConfig(text);
}

std::string problemText(const std::string& path, const Problem& problem) {
  return path + ":" + std::to_string(problem.line) + ": " + problem.message;
}

}  // namespace weir::agent
