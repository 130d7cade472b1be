#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <set>
#include <string>
#include <utility>

#include "flow/key_notation.h"
#include "wire/record_table.h"

/// How keys and the record table (wire/records.def) go together.
namespace weir::flow {

namespace {

using wire::FieldType;
using wire::RecordSpec;

// As the text of a key: a value of 63 octets and its length.
constexpr std::uint8_t kFieldTextWidth = 64;

std::pair<Type, std::uint8_t> typeOf(FieldType type) {
  switch (type) {
    case FieldType::u64:
      return {Type::number, 8};
    case FieldType::ip4:
      return {Type::ip4, 4};
    case FieldType::ip6:
    case FieldType::op16:
      return {Type::ip6, 16};
    case FieldType::mac:
      return {Type::mac, 6};
    case FieldType::addr:
      return {Type::address, 17};
    case FieldType::str:
    case FieldType::opaque:
      return {Type::text, kFieldTextWidth};
    default:
      return {Type::number, 4};
  }
}

[[noreturn]] void isUnknown(std::string_view field) {
  std::fprintf(stderr, "flow key table: there is no record field '%.*s'\n", static_cast<int>(field.size()),
               field.data());
  std::abort();
}

RecordField recordFieldOf(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) isUnknown(text);
  const RecordSpec* spec = wire::recordSpec(wire::RecordSpace::flow, text.substr(0, dot));
  if (spec == nullptr) isUnknown(text);
  const auto at = std::find_if(spec->fields.begin(), spec->fields.end(),
                               [&](const wire::FieldSpec& field) { return field.name == text.substr(dot + 1); });
  if (at == spec->fields.end()) isUnknown(text);
  return {spec->tag, static_cast<std::uint8_t>(at - spec->fields.begin())};
}

// A field of a record without lists and texts lies at a fixed place: no need to walk there.
void setPlace(FlowKeyEntry& entry) {
  const RecordField& field = entry.recordFields[0];
  const RecordSpec& spec = *wire::recordSpec(wire::RecordSpace::flow, field.tag);
  if (entry.recordFieldCount != 1 || !spec.fixedLength) return;
  std::size_t at = 0;
  for (std::size_t i = 0; i < field.index; ++i) at += wire::minimumSize(spec.fields[i].type);
  const FieldType type = spec.fields[field.index].type;
  entry.source = Source::record;
  entry.recordTag = field.tag;
  entry.recordSize = static_cast<std::uint8_t>(spec.minimumLength);
  entry.at = static_cast<std::uint8_t>(at);
  entry.size = type == FieldType::mac ? 6 : static_cast<std::uint8_t>(wire::minimumSize(type));
}

// `navtimingconnectstart` of extended_nav_timing.connectStart.
std::string nameOf(const RecordSpec& spec, std::string_view field) {
  std::string_view record = spec.name;
  if (record.starts_with("extended_")) record.remove_prefix(9);
  std::string name;
  for (const std::string_view part : {record, field}) {
    for (const char c : part) {
      if (c != '_') name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return name;
}

std::string_view exampleOf(Type type) {
  switch (type) {
    case Type::text:
      return "text";
    case Type::ip6:
      return "FE80::A00:27FF:FEB8:326D";
    default:
      return "1";
  }
}

// Sampled headers are shown by the keys of their layers; octets of a frame and samples inside a record are no values.
bool isValue(const RecordSpec& spec, const wire::FieldSpec& field) {
  const std::uint32_t tag = spec.tag;
  const bool isHeader = tag >= wire::tag(0, 1) && tag <= wire::tag(0, 4);
  return !isHeader && field.type != FieldType::pdus && !(tag == wire::tag(0, 1013) && field.type == FieldType::opaque);
}

}  // namespace

void resolveRecordFields(FlowKeyEntry& entry) {
  std::string_view rest = entry.fields;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (entry.recordFieldCount == kMaxRecordFields) isUnknown(rest);
    entry.recordFields[entry.recordFieldCount++] = recordFieldOf(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (entry.source != Source::recordField) return;
  const RecordField& first = entry.recordFields[0];
  const auto [type, width] = typeOf(wire::recordSpec(wire::RecordSpace::flow, first.tag)->fields[first.index].type);
  if (entry.width == 0) {
    entry.width = width;
    if (entry.names == nullptr) entry.type = type;
  }
  setPlace(entry);
}

void appendOtherRecordFields(std::vector<FlowKeyEntry>& table) {
  std::set<std::pair<std::uint32_t, std::size_t>> shown;
  for (const FlowKeyEntry& entry : table) {
    for (std::size_t i = 0; i < entry.recordFieldCount; ++i) {
      shown.emplace(entry.recordFields[i].tag, entry.recordFields[i].index);
    }
  }
  static std::deque<std::string> texts;  // the table's texts live as long as the program
  for (const RecordSpec& spec : wire::recordTable()) {
    if (spec.space != wire::RecordSpace::flow) continue;
    for (std::size_t i = 0; i < spec.fields.size(); ++i) {
      const wire::FieldSpec& field = spec.fields[i];
      if (shown.count({spec.tag, i}) != 0 || !isValue(spec, field)) continue;
      const std::string& path = texts.emplace_back(std::string(spec.name) + '.' + std::string(field.name));
      FlowKeyEntry& entry = table.emplace_back(recordKey(texts.emplace_back(nameOf(spec, field.name)), path));
      resolveRecordFields(entry);
      entry.section = "Other records";
      entry.doc = texts.emplace_back("field " + std::string(field.name) + " of record " + std::string(spec.name));
      entry.example = exampleOf(entry.type);
    }
  }
}

}  // namespace weir::flow
