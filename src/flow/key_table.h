#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "flow/sample_fields.h"
#include "flow/value.h"

namespace weir::flow {

/// Shows a number by its name; empty where it has none. The text lives as long as the program.
using NameOf = std::string_view (*)(std::uint64_t number);

/// Reads a key that is more than a field at a fixed place. `occurrence` is the `.N` suffix. Fills number, or data and
/// size. False: the sample has no such value.
using Reader = bool (*)(const SampleFields& sample, unsigned occurrence, Scratch& scratch, Value& value);

/// Where a key comes from.
enum class Source : std::uint8_t {
  field,        ///< `size` octets at `at` of a header layer, then >> shift & mask
  layerValue,   ///< LayerRef::value >> shift & mask
  layerOffset,  ///< where the layer begins, octets from the start of the packet
  record,       ///< `size` octets at `at` of the sample's record `recordTag`; all ones in four octets mean unknown
  recordField,  ///< the first of `recordFields` that the sample has; read from the front of the record
  function,     ///< `read`
};

/// A field of a flow record, by its place in the record table (wire/record_table.h).
struct RecordField {
  std::uint32_t tag = 0;
  std::uint8_t index = 0;
};
inline constexpr std::size_t kMaxRecordFields = 5;

/// One flow key: the whole of what is known about it. The table makes the compiler's look-up, the list of keys seen,
/// the reference page (docs/flow-keys.md) and a test.
struct FlowKeyEntry {
  std::string_view name;
  std::string_view aliases;  ///< names of the same key, blanks between
  Type type = Type::number;
  std::uint8_t width = 0;  ///< octets in a flow key: 1, 2, 4 or 8 for numbers; text: the most octets, length included
  std::uint8_t bits = 0;   ///< type bits: digits; hex: digits
  Source source = Source::field;
  bool layered = false;  ///< takes a layer suffix
  decode::Layer layer = decode::Layer::eth;
  std::uint8_t at = 0, size = 0, shift = 0;
  std::uint64_t mask = ~std::uint64_t{0};
  std::uint32_t recordTag = 0;
  std::uint8_t recordSize = 0;  ///< source record: shorter records are damaged
  /// Record fields that the key shows or is made of: `record.field` as wire/records.def has them, blanks between.
  std::string_view fields;
  std::array<RecordField, kMaxRecordFields> recordFields{};  ///< the same
  std::uint8_t recordFieldCount = 0;
  Reader read = nullptr;
  NameOf names = nullptr;
  std::uint16_t domain = 0;  ///< type name: numbers from here on have no name
  std::string_view section;  ///< heading of the reference page
  std::string_view example;
  std::string_view doc;

  /// Usable as a flow value and in range: and bits:.
  [[nodiscard]] constexpr bool numeric() const { return isNumeric(type); }
};

/// KeysSeen has room for so many; a test keeps the table smaller.
inline constexpr std::size_t kMaxFlowKeys = 640;

/// All keys, in the order of the reference page.
[[nodiscard]] std::span<const FlowKeyEntry> flowKeyTable();

/// The key of that name or alias, without layer suffix; nullptr for none: such a name is legal and never has a value.
[[nodiscard]] const FlowKeyEntry* findFlowKey(std::string_view name);

/// What users are told a type is: "IPv4", "number", …
[[nodiscard]] std::string_view typeName(Type type);

/// docs/flow-keys.md.
[[nodiscard]] std::string flowKeysMarkdown();

}  // namespace weir::flow
