#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::http {

/// The header fields of a message, in order; names are compared without regard to case (RFC 9110 section 5.1).
class Headers {
 public:
  void add(std::string_view name, std::string_view value);
  /// Makes room for so many fields, and octets of their names and values.
  void reserve(std::size_t fields, std::size_t octets) {
    fields_.reserve(fields);
    text_.reserve(octets);
  }
  /// The value of the first field of this name, without blanks around it; empty when there is none.
  [[nodiscard]] std::string_view operator[](std::string_view name) const;
  /// How many fields have this name.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return count(name) > 0; }

 private:
  struct Field {
    std::uint32_t at, name, value;  ///< where it stands in text_, octets of its name and value
  };
  [[nodiscard]] bool isNamed(const Field& field, std::string_view name) const;

  std::string text_;
  std::vector<Field> fields_;
};

}  // namespace weir::http
