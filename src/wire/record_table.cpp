#include "wire/record_table.h"

#include <algorithm>
#include <array>

namespace weir::wire {

namespace {

constexpr bool printed = true;
constexpr bool unprinted = false;

// First expansion: the fields of each record.
#define WEIR_RECORD(space, enterprise, format, name, status, reference, several) \
  constexpr FieldSpec fields_##space##_##name[] = {
#define WEIR_VARIANT(variant, enterprise, format, name) constexpr FieldSpec fields_##variant##_##name[] = {
#define WEIR_FIELD(type, name) {FieldType::type, #name, false},
#define WEIR_OPTIONAL_FIELD(type, name) {FieldType::type, #name, true},
#define WEIR_END \
  }              \
  ;
#include "wire/record_variants.def"
#include "wire/records.def"
#undef WEIR_RECORD
#undef WEIR_VARIANT
#undef WEIR_FIELD
#undef WEIR_OPTIONAL_FIELD
#undef WEIR_END

constexpr RecordSpec makeSpec(RecordSpace space, std::uint32_t tag, std::string_view name, RecordStatus status,
                              bool reference, RecordSeveral several, std::span<const FieldSpec> fields) {
  RecordSpec spec{space, tag, name, status, reference, several, fields, 0, true};
  for (const FieldSpec& field : fields) {
    if (!field.optional) spec.minimumLength += minimumSize(field.type);
    if (!fixedSize(field.type)) spec.fixedLength = false;
  }
  return spec;
}

// Second expansion: the records.
#define WEIR_RECORD(space, enterprise, format, name, status, reference, several)                \
  makeSpec(RecordSpace::space, tag(enterprise, format), #name, RecordStatus::status, reference, \
           RecordSeveral::several, fields_##space##_##name),
#define WEIR_FIELD(type, name)
#define WEIR_OPTIONAL_FIELD(type, name)
#define WEIR_END
constexpr RecordSpec kRecords[] = {
#include "wire/records.def"
};
#undef WEIR_RECORD

#define WEIR_VARIANT(variant, enterprise, format, name)                                            \
  constexpr RecordSpec kSpec_##variant##_##name =                                                  \
      makeSpec(RecordSpace::flow, tag(enterprise, format), #name, RecordStatus::standard, printed, \
               RecordSeveral::first, fields_##variant##_##name);
#include "wire/record_variants.def"
#undef WEIR_VARIANT
#undef WEIR_FIELD
#undef WEIR_OPTIONAL_FIELD
#undef WEIR_END

constexpr std::size_t kRecordCount = std::size(kRecords);

// Tags in order with the place of their record, per space: a lookup is a binary search in some hundred octets.
struct TagIndex {
  struct Entry {
    std::uint32_t tag = 0xFFFFFFFF;
    std::uint32_t place = 0;
  };
  std::array<Entry, kRecordCount> entries{};
  std::size_t size = 0;

  constexpr explicit TagIndex(RecordSpace space) {
    for (std::uint32_t i = 0; i < kRecordCount; ++i)
      if (kRecords[i].space == space) entries[size++] = {kRecords[i].tag, i};
    std::sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(size),
              [](const Entry& a, const Entry& b) { return a.tag < b.tag; });
  }
  [[nodiscard]] const RecordSpec* find(std::uint32_t tag) const {
    const auto end = entries.begin() + static_cast<std::ptrdiff_t>(size);
    const auto at =
        std::lower_bound(entries.begin(), end, tag, [](const Entry& e, std::uint32_t t) { return e.tag < t; });
    return at != end && at->tag == tag ? &kRecords[at->place] : nullptr;
  }
};
constexpr TagIndex kFlowIndex(RecordSpace::flow);
constexpr TagIndex kCounterIndex(RecordSpace::counter);

const RecordSpec* legacySpec(const Record& record) {
  switch (record.tag) {
    case tag(0, 1):
      return &kSpec_legacy_sampled_header;
    case tag(0, 1003):
      return record.dialect == Dialect::v2 ? &kSpec_v2_extended_gateway : &kSpec_v4_extended_gateway;
    case tag(0, 1004):
      return &kSpec_legacy_extended_user;
    case tag(0, 1005):
      return &kSpec_legacy_extended_url;
    default:
      return nullptr;
  }
}

// 0:1013 as published is 8 + pad4(n) octets; with a whole sampled_header in it, 20 + pad4(n).
bool holdsSampledHeader(Bytes data) {
  if (data.size() < 20) return false;
  if (data.size() == 8 + padded(loadBe32(data.data() + 4))) return false;
  return data.size() == 20 + padded(loadBe32(data.data() + 16));
}

}  // namespace

std::string_view recordStatusName(RecordStatus status) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "standard", "deprecated", "draft", "discussion", "host-sflow", "sflowtool", "Open vSwitch", "Broadcom", "NVIDIA"};
  return kNames[static_cast<std::size_t>(status)];
}

std::string_view recordSeveralText(RecordSeveral several) {
  static constexpr std::array<std::string_view, 5> kTexts = {
      "the first sound one counts",
      "layers of one packet, whose octets count once",
      "each counts by its number, of one number the first",
      "the one of the data source's own ifIndex counts, others are of other ports or of services",
      "the one of the data source's own VLAN counts",
  };
  return kTexts[static_cast<std::size_t>(several)];
}

std::span<const RecordSpec> recordTable() {
  return kRecords;
}

const RecordSpec* recordSpec(RecordSpace space, std::uint32_t tag) {
  return (space == RecordSpace::flow ? kFlowIndex : kCounterIndex).find(tag);
}

const RecordSpec* recordSpec(RecordSpace space, const Record& record) {
  if (space == RecordSpace::flow) {
    if (record.dialect != Dialect::v5)
      if (const RecordSpec* spec = legacySpec(record); spec != nullptr) return spec;
    if (record.tag == tag(0, 1013) && holdsSampledHeader(record.data)) return &kSpec_header_extended_80211_payload;
  }
  return recordSpec(space, record.tag);
}

const RecordSpec* recordSpec(RecordSpace space, std::string_view name) {
  const auto at = std::find_if(std::begin(kRecords), std::end(kRecords),
                               [&](const RecordSpec& spec) { return spec.space == space && spec.name == name; });
  return at == std::end(kRecords) ? nullptr : at;
}

bool FieldReader::next(FieldValue& value) {
  if (fault_ != kNoFault || index_ == spec_->fields.size()) return false;
  const FieldSpec& field = spec_->fields[index_];
  if (field.optional && in_.left() < minimumSize(field.type)) return false;
  value.type = field.type;
  value.name = field.name;
  readField(in_, value);
  if (!in_.ok()) {
    fault_ = Fault::recordContent;
    return false;
  }
  ++index_;
  return true;
}

Fault checkRecord(const RecordSpec& spec, const Record& record) {
  if (record.data.size() < spec.minimumLength) return Fault::recordShort;
  if (spec.fixedLength) return kNoFault;
  FieldReader fields(spec, record);
  FieldValue value;
  while (fields.next(value)) {
  }
  return fields.fault();
}

bool countFaults(RecordSpace space, const Record& record, FaultCounts& faults) {
  const RecordSpec* spec = recordSpec(space, record);
  const Fault fault = spec == nullptr ? kNoFault : checkRecord(*spec, record);
  if (fault == kNoFault) return false;
  faults.add(fault);
  return true;
}

void countFaults(RecordSpace space, RecordReader records, FaultCounts& faults) {
  Record record;
  while (records.next(record)) (void)countFaults(space, record, faults);
  if (records.fault() != kNoFault) faults.add(records.fault());
}

}  // namespace weir::wire
