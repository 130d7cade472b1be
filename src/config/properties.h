#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace weir::config {

/// One setting as it was written.
struct Assignment {
  std::string name;
  std::string value;
};

/// Something to tell about the configuration, as one line: "a.conf:3: http.port: "x", expected a number from 0 to
/// 65535".
struct Problem {
  bool fatal = false;     ///< false: a warning, the engine starts
  bool doubtful = false;  ///< a warning about what is probably a mistake: `weir --check` fails
  std::string text;
};

/// System properties: text pairs of any name, each with the place it came from. A plain value; not changed after start.
class Properties {
 public:
  struct Value {
    std::string text;
    std::string origin;  ///< "a.conf:3", "RTPROP" or "command line"
  };

  /// Sets or replaces. Later sources are stronger.
  void set(std::string name, std::string text, std::string origin);
  /// Reads lines `name=value`. Blanks around both, empty lines, lines beginning with `#` and the CR of CRLF are
  /// skipped; a line of another form is a problem of its own.
  void addText(std::string_view text, const std::string& file);
  /// The same from a file; one that cannot be read is a problem.
  void addFile(const std::string& path);
  /// Words `-Dname=value`, separated by blanks, as the environment variable RTPROP holds them. Other words belong to
  /// the Java machine of the original and are ignored.
  void addOptions(std::string_view text, const std::string& origin);

  [[nodiscard]] const std::map<std::string, Value, std::less<>>& all() const { return values_; }
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

  /// The value, else the table's default, else "". Of a default in parentheses (a rule): "".
  [[nodiscard]] std::string text(std::string_view name) const;
  /// The same as a type. A value that does not fit gives the default: check() has said so.
  [[nodiscard]] bool yes(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;

  /// Everything that is wrong: unreadable files, lines and values, properties in conflict (fatal); names that look
  /// misspelt and properties without effect (warnings). In the order of names.
  [[nodiscard]] std::vector<Problem> check() const;

 private:
  [[nodiscard]] std::string valueOrDefault(std::string_view name) const;

  std::map<std::string, Value, std::less<>> values_;
  std::vector<Problem> sourceProblems_;
};

/// Where properties come from. Command line beats RTPROP beats files beats defaults.
struct PropertySources {
  std::vector<Assignment> commandLine;
  std::string environment;           ///< the value of RTPROP
  std::vector<std::string> folders;  ///< searched for *.conf unless system.propertyFiles is given; absent ones skipped
};

/// The folders of an installation: /usr/local/sflow-rt/conf.d and /etc/weir.
[[nodiscard]] std::vector<std::string> defaultPropertyFolders();
/// RTPROP from the environment, or "".
[[nodiscard]] std::string environmentOptions();

/// Puts the sources together. In a folder sflow-rt.conf is read first, the others by name.
[[nodiscard]] Properties loadProperties(const PropertySources& sources);

}  // namespace weir::config
