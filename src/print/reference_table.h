#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/record_table.h"

/// How the reference decoder (sflowtool 6.11) names and shows the fields of the records it prints, as its outputs
/// beside the shared captures show. Its spelling is kept as it is.
namespace weir::print {

/// How one field is shown.
enum class Shown : std::uint8_t {
  natural,     ///< by type: numbers in decimal (signed ones as if unsigned), f32 with 3 decimals, texts unless empty
  always,      ///< a text even when it is empty
  percentage,  ///< hundredths of a percent as percent with 2 decimals, -1 as "unknown"
  hex64,       ///< 16 hexadecimal digits
  uuid,        ///< 8-4-4-4-12 hexadecimal digits
  mplsStack,   ///< label.class.bottom.ttl of each entry, joined by dashes
  vlanStack,   ///< tag protocol and priority (without a separator), .drop eligible, .VLAN of each tag, joined by dashes
  appStatus,   ///< name of the result of an operation
  direction,   ///< name of a packet's direction
};

/// Whole records that are not shown field by field.
enum class Special : std::uint8_t {
  none,
  header,    ///< sampled_header
  payload,   ///< extended_80211_payload
  ethernet,  ///< the type first
  ip,        ///< sampled_ipv4 and sampled_ipv6: which ports are shown depends on the protocol
  gateway,
  user,
  lag,  ///< the four octets of the port state apart
  lanes,
  adapters,
};

/// A field with a name of its own. `name` stands as it is, without the record's prefix.
struct FieldAlias {
  std::string_view field;
  std::string_view name;
  Shown shown = Shown::natural;
};

/// One record that the reference prints. Fields that are not aliased are called prefix + the specification's name.
struct ReferenceRecord {
  wire::RecordSpace space;
  std::uint32_t tag;
  std::string_view kindKey;  ///< "extendedType", "flowSampleType" or none
  std::string_view kindValue;
  std::string_view prefix;
  std::span<const FieldAlias> aliases;
  Special special = Special::none;
};
[[nodiscard]] std::span<const ReferenceRecord> referenceRecords();

/// A field of a record as it is printed.
struct Column {
  std::string name;
  Shown shown = Shown::natural;
};

/// A record's specification and, when the reference prints it, its reference names, by field.
struct Layout {
  const wire::RecordSpec* spec = nullptr;
  const ReferenceRecord* reference = nullptr;  ///< nullptr: skipped by the reference, printed with the spec's names
  std::vector<Column> columns;                 ///< as many as the spec's fields
};
/// The layout of a known tag, or nullptr. Made once; thread: any.
[[nodiscard]] const Layout* layoutOf(wire::RecordSpace space, std::uint32_t tag);

}  // namespace weir::print
