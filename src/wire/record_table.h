#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "wire/field.h"

/// What is known of every record: a table made from records.def and record_variants.def.
namespace weir::wire {

/// Flow records stand in flow and discard samples, counter records in counters samples. Tags are separate per space.
enum class RecordSpace : std::uint8_t { flow, counter };

/// Where a structure is published.
enum class RecordStatus : std::uint8_t {
  standard,    ///< published structure of sflow.org
  deprecated,  ///< published and replaced
  draft,       ///< number reserved, layout published as a draft
  discussion,  ///< number reserved, layout known from the mailing list
  hostSflow,   ///< defined by that implementation, as the next ones
  sflowtool,
  openVswitch,
  broadcom,
  nvidia,
};
[[nodiscard]] std::string_view recordStatusName(RecordStatus status);

/// What further records of a kind mean that stand in one sample. (The specification lets a sample have several only of
/// those that describe a packet; agents send others, too.)
enum class RecordSeveral : std::uint8_t {
  first,     ///< nothing: the first sound record counts
  layers,    ///< layers of one packet: sFlow version 5, section 5.3, packet data
  numbered,  ///< the record's number says which queue it is of; of one number the first counts
  ownPort,   ///< another ifIndex than that of a data source of class 0: it is not about this port, but about a service
  ownVlan,   ///< another VLAN than that of a data source of class 1
};
/// The same in a sentence, for the documentation.
[[nodiscard]] std::string_view recordSeveralText(RecordSeveral several);

struct FieldSpec {
  FieldType type;
  std::string_view name;
  bool optional;  ///< left out by older agents; only at the end of a record
};

struct RecordSpec {
  RecordSpace space;
  std::uint32_t tag;
  std::string_view name;
  RecordStatus status;
  bool printedByReference;  ///< whether the reference decoder (sflowtool 6.11) prints it
  RecordSeveral several;
  std::span<const FieldSpec> fields;
  std::size_t minimumLength;  ///< octets of the shortest legal record: optional fields left out, counts zero
  bool fixedLength;           ///< no counted field, so minimumLength octets are always enough
};

/// All records in the order of the list, the version 5 layout of each.
[[nodiscard]] std::span<const RecordSpec> recordTable();
/// The layout of one record: of its space, tag and dialect, and of its length where two layouts share a tag (0:1013).
/// nullptr for a tag that is not known: skip the record and count it.
[[nodiscard]] const RecordSpec* recordSpec(RecordSpace space, const Record& record);
/// The version 5 layout for a tag, or nullptr.
[[nodiscard]] const RecordSpec* recordSpec(RecordSpace space, std::uint32_t tag);
/// The version 5 layout for a name, or nullptr.
[[nodiscard]] const RecordSpec* recordSpec(RecordSpace space, std::string_view name);
/// The space of the records of a sample.
[[nodiscard]] constexpr RecordSpace recordSpace(SampleKind kind) {
  return kind == SampleKind::counters ? RecordSpace::counter : RecordSpace::flow;
}

/// Reads the fields of one record in order. Optional fields that the record is too short for are not delivered.
/// Octets behind the last field are an extension of the structure and ignored (decoder rule 3).
class FieldReader {
 public:
  FieldReader(const RecordSpec& spec, const Record& record)
      : spec_(&spec), in_(record.data), size_(record.data.size()) {
    if (size_ < spec.minimumLength) fault_ = Fault::recordShort;
  }

  /// The next field; false at the end or at a fault.
  bool next(FieldValue& value);
  /// kNoFault, recordShort (shorter than the structure) or recordContent (a count or length that does not fit).
  [[nodiscard]] Fault fault() const { return fault_; }
  /// Octets not read yet: at the end, those of an extension.
  [[nodiscard]] std::size_t left() const { return in_.left(); }

 private:
  const RecordSpec* spec_;
  XdrReader in_;
  std::size_t size_;
  std::size_t index_ = 0;
  Fault fault_ = kNoFault;
};

/// What is wrong with a record, before anything of it is used: kNoFault, recordShort or recordContent.
[[nodiscard]] Fault checkRecord(const RecordSpec& spec, const Record& record);

/// Adds what is wrong with a record to `faults`: true. False: it is sound, as are records of unknown structures.
bool countFaults(RecordSpace space, const Record& record, FaultCounts& faults);
/// The same of all records of a sample that goes no further: what is malformed counts all the same.
void countFaults(RecordSpace space, RecordReader records, FaultCounts& faults);

/// Calls visit(const FieldValue&) for each field of a sound record; of a bad one, none (decoder rule 5).
template <class Visitor>
Fault forEachField(const RecordSpec& spec, const Record& record, Visitor&& visit) {
  if (const Fault fault = checkRecord(spec, record); fault != kNoFault) return fault;
  FieldReader fields(spec, record);
  FieldValue value;
  while (fields.next(value)) visit(static_cast<const FieldValue&>(value));
  return kNoFault;
}

}  // namespace weir::wire
