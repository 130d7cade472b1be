#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/key_table.h"
#include "flow/lookup.h"
#include "flow/value.h"

namespace weir::flow {

/// Where a value of several possible forms lies in key bytes.
///   [tag, if there are several forms][payload, width octets]
/// The tag is the index into `forms`; numbers are little-endian, octets as they are, text is [length][octets]. What is
/// not used is zero, so equal values have equal octets.
struct Slot {
  std::uint16_t offset = 0;
  std::uint16_t width = 0;           ///< of the payload
  std::vector<std::uint16_t> forms;  ///< empty: never has a value
  [[nodiscard]] bool tagged() const { return forms.size() > 1; }
  [[nodiscard]] unsigned size() const { return width + (tagged() ? 1U : 0U); }
};

/// How values of one kind are shown: a type and its parameters.
struct Form {
  Type type = Type::number;
  std::uint8_t digits = 0;         ///< bits, hex
  std::int16_t prefix = -1;        ///< addresses of mask: are shown with `/prefix`
  NameOf names = nullptr;          ///< name
  std::uint16_t domain = 0;        ///< numbers from here on do not occur (bits, boolean) or have no name; 0 unknown
  std::vector<std::string> texts;  ///< choice
  std::vector<Slot> parts;         ///< joined
  std::string separator;           ///< joined

  friend bool operator==(const Form& a, const Form& b) {
    return a.type == b.type && a.digits == b.digits && a.prefix == b.prefix && a.names == b.names &&
           a.domain == b.domain && a.texts == b.texts && a.parts.empty() && b.parts.empty();
  }
};

/// The forms of one compiled definition, and the tables that it looks things up in. Built while compiling, constant
/// afterwards.
class Forms {
 public:
  /// The index of that form; a new one where it is not there yet.
  [[nodiscard]] std::uint16_t intern(Form form);
  [[nodiscard]] const Form& at(std::uint16_t index) const { return forms_[index]; }
  /// The index of that table in the definition's list of tables; a new one where it is not there yet.
  [[nodiscard]] std::uint16_t lookup(LookupName name);
  [[nodiscard]] const std::vector<LookupName>& lookups() const { return lookups_; }
  /// What was found while compiling that is legal but hardly meant (hints.h), each once, the first kMostHints: texts,
  /// and names that are no flow keys, which are cheap to note and dear to find the nearest key of.
  void hint(std::string text) { note(hints_, std::move(text)); }
  void unknownName(std::string_view name) { note(unknownNames_, std::string(name.substr(0, kMostOfName))); }
  [[nodiscard]] bool hasRoomForHints() const { return hints_.size() < kMostHints; }
  [[nodiscard]] const std::vector<std::string>& hints() const { return hints_; }
  [[nodiscard]] const std::vector<std::string>& unknownNames() const { return unknownNames_; }
  static constexpr std::size_t kMostHints = 20, kMostOfName = 64;

  /// Appends the text of a value (docs/flow-keys.md).
  void append(std::string& out, const Value& value) const;

  /// Key bytes. store() expects zeroed octets at slot.offset of `base` and a value of one of the slot's forms.
  void store(const Slot& slot, const Value& value, std::uint8_t* base) const;
  /// The value at a slot; it points into `base`.
  [[nodiscard]] Value load(const Slot& slot, const std::uint8_t* base) const;
  /// Whether what lies at a slot can be loaded and shown: for octets that did not come from store().
  [[nodiscard]] bool isValue(const Slot& slot, const std::uint8_t* base) const;

 private:
  std::vector<Form> forms_;
  std::vector<LookupName> lookups_;
  static void note(std::vector<std::string>& list, std::string text) {
    if (list.size() < kMostHints && std::find(list.begin(), list.end(), text) == list.end()) {
      list.push_back(std::move(text));
    }
  }
  std::vector<std::string> hints_, unknownNames_;
};

/// A value that a person wrote, as a number or as octets; nullopt: no value of that form looks like this. With
/// `lenient` also what filters take beyond the exact text: `0` for unknown, yes and no, MAC and IPv6 addresses in any
/// spelling.
struct Written {
  std::uint64_t number = 0;
  std::string octets;
};
[[nodiscard]] std::optional<Written> parseWritten(const Form& form, std::string_view text, bool lenient);

}  // namespace weir::flow
