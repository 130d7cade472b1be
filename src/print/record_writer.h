#pragma once
#include <string_view>

#include "print/line_writer.h"
#include "print/sampled_header.h"
#include "wire/record_table.h"

namespace weir::print {

/// Writes records as elements of a sample: those that the reference decoder prints with its names and values, faults
/// included (reference_table.h), all others with the specification's field names; of an unknown tag, the octets.
/// Members beyond the reference:
///   - a field of a printed record that the reference leaves out or shows wrong, under the specification's name;
///   - dst_as_path_segments, where the reference runs the segments of a path together;
///   - `data`: the octets of a record whose tag is unknown;
///   - `fault`: the name of what is wrong with a record. Its fields are shown as far as they could be read.
class RecordWriter {
 public:
  /// `prefix`: of the reference's names in this sample. `memory` as in writeSampledHeader.
  RecordWriter(LineWriter& out, wire::RecordSpace space, std::string_view prefix, const DatagramMemory* memory)
      : out_(out), space_(space), prefix_(prefix), memory_(memory) {}

  /// One element. `fault`: known before reading, when the record runs out of its sample.
  void write(const wire::Record& record, wire::Fault fault = wire::kNoFault);

 private:
  struct Fields;

  void writeBody(const wire::Record& record, wire::Fault& fault);
  void writeColumns(const Fields& fields);
  void writeSpecial(const Fields& fields);
  void writeShown(const wire::FieldValue& value, const Fields& fields, std::size_t index);
  void writeNatural(std::string_view name, const wire::FieldValue& value, bool skipEmpty);
  void writeCorrected(const wire::FieldValue& value);
  void writeUnlessZero(const wire::FieldValue* value);
  void writePdus(const wire::FieldValue& value);

  void writeHeader(const Fields& fields);
  void writePayload(const Fields& fields);
  void writeEthernet(const Fields& fields);
  void writeIp(const Fields& fields);
  void writeGateway(const Fields& fields);
  void writeUser(const Fields& fields);
  void writeLag(const Fields& fields);
  void writeLanes(const Fields& fields);
  void writeAdapters(const Fields& fields);

  template <class Write>
  void specNames(Write&& write) {
    out_.setPrefix({});
    write();
    out_.setPrefix(prefix_);
  }
  void named(std::string_view prefix, std::string_view name, const wire::FieldValue* value);

  LineWriter& out_;
  wire::RecordSpace space_;
  std::string_view prefix_;
  const DatagramMemory* memory_;
  unsigned depth_ = 0;
};

}  // namespace weir::print
