#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "wire/field.h"
#include "wire/record_table.h"

namespace weir::captures {

/// A value for each field of a record, as it is encoded and as JSON: the encoded value never passes a reader. Values
/// follow from tag and position, so no two fields of a record have the same.
class RecordValues {
 public:
  explicit RecordValues(const wire::RecordSpec& spec);
  RecordValues(const RecordValues&) = delete;
  RecordValues& operator=(const RecordValues&) = delete;

  /// In the order of the record's fields; valid as long as this.
  [[nodiscard]] std::span<const wire::FieldValue> values() const { return values_; }
  /// The fields under their names.
  [[nodiscard]] const boost::json::object& json() const { return json_; }

 private:
  void add(const wire::FieldSpec& field, std::uint32_t seed);
  void counted(wire::FieldValue& value, std::uint32_t seed);
  Bytes keep(std::vector<std::uint8_t> octets);

  std::deque<std::vector<std::uint8_t>> octets_;
  std::vector<wire::FieldValue> values_;
  boost::json::object json_;
};

/// Enterprise and format of a tag: `4413:1`.
[[nodiscard]] std::string tagText(std::uint32_t tag);
/// Lower-case hexadecimal digits.
[[nodiscard]] std::string hexText(Bytes octets);

}  // namespace weir::captures
