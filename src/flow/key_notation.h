#pragma once
#include <vector>

#include "flow/key_table.h"

/// The notation of the table of flow keys: one function a source, and what refines it. Only for the files that list
/// keys.
namespace weir::flow {

constexpr std::uint8_t widthOf(Type type, unsigned octets) {
  switch (type) {
    case Type::boolean:
      return 1;
    case Type::mac:
      return 6;
    case Type::ip4:
      return 4;
    case Type::ip6:
      return 16;
    case Type::address:
      return 17;
    case Type::layers:
      return decode::kMaxLayers;
    case Type::interface:
      return 4;
    case Type::dataSource:
      return 8;
    case Type::text:
      return static_cast<std::uint8_t>(octets);
    default:
      return octets <= 2 ? static_cast<std::uint8_t>(octets) : octets <= 4 ? 4 : 8;
  }
}

struct Key : FlowKeyEntry {
  constexpr Key part(std::uint8_t shiftBits, std::uint64_t maskBits) const {
    Key k = *this;
    k.shift = shiftBits;
    k.mask = maskBits;
    return k;
  }
  constexpr Key digits(std::uint8_t n) const {
    Key k = *this;
    k.bits = n;
    return k;
  }
  constexpr Key named(NameOf nameOf, std::uint16_t limit) const {
    Key k = *this;
    k.type = Type::name;
    k.names = nameOf;
    k.domain = limit;
    return k;
  }
  /// Of a record field: another type than the record table says.
  constexpr Key as(Type type_, std::uint8_t octets = 4) const {
    Key k = *this;
    k.type = type_;
    k.width = widthOf(type_, octets);
    return k;
  }
  constexpr Key alias(std::string_view names_) const {
    Key k = *this;
    k.aliases = names_;
    return k;
  }
  constexpr Key is(std::string_view exampleText, std::string_view docText) const {
    Key k = *this;
    k.example = exampleText;
    k.doc = docText;
    return k;
  }
};

/// A field of a header layer.
constexpr Key field(std::string_view name, Type type, decode::Layer layer, std::uint8_t at, std::uint8_t size) {
  Key k;
  k.name = name;
  k.type = type;
  k.width = widthOf(type, size);
  k.source = Source::field;
  k.layered = true;
  k.layer = layer;
  k.at = at;
  k.size = size;
  return k;
}

/// What the decoder found out about a layer: LayerRef::value.
constexpr Key layerValue(std::string_view name, decode::Layer layer, std::uint8_t octets) {
  Key k = field(name, Type::number, layer, 0, octets);
  k.source = Source::layerValue;
  return k;
}

constexpr Key layerOffset(std::string_view name, decode::Layer layer, std::string_view doc) {
  Key k = field(name, Type::number, layer, 0, 2);
  k.source = Source::layerOffset;
  k.example = "14";
  k.doc = doc;
  return k;
}

/// Fields of flow records: `record.field` as wire/records.def has them, blanks between. Where a sample has several of
/// them, the first one counts. Type and width follow from the record table, if as() does not say otherwise.
constexpr Key recordKey(std::string_view name, std::string_view fields) {
  Key k;
  k.name = name;
  k.source = Source::recordField;
  k.fields = fields;
  return k;
}

/// A function of record fields.
constexpr Key recordFunction(std::string_view name, std::string_view fields, Type type, std::uint8_t octets,
                             Reader read) {
  Key k = recordKey(name, fields);
  k.type = type;
  k.width = widthOf(type, octets);
  k.source = Source::function;
  k.read = read;
  return k;
}

/// A function of a header layer.
constexpr Key layerFunction(std::string_view name, Type type, std::uint8_t octets, decode::Layer layer, Reader read) {
  Key k = field(name, type, layer, 0, octets);
  k.source = Source::function;
  k.read = read;
  return k;
}

/// A function of the whole sample.
constexpr Key sampleFunction(std::string_view name, Type type, std::uint8_t octets, Reader read) {
  Key k = layerFunction(name, type, octets, decode::Layer::eth, read);
  k.layered = false;
  return k;
}

/// One heading of the reference page.
struct Section {
  std::string_view title;
  std::span<const Key> keys;
};
[[nodiscard]] std::span<const Section> packetSections();
[[nodiscard]] std::span<const Section> recordSections();

/// Looks `fields` up in the record table: fills recordFields, and type, width and place where they are open. A name
/// that is not in the record table ends the program: the table of keys is wrong.
void resolveRecordFields(FlowKeyEntry& entry);
/// Keys of all record fields that no key of the table shows, named after record and field.
void appendOtherRecordFields(std::vector<FlowKeyEntry>& table);

}  // namespace weir::flow
