#include "wire/field.h"

#include <array>

namespace weir::wire {

namespace {

constexpr std::array<std::string_view, 18> kTypeNames = {"u32",  "i32",  "u64",    "f32",   "f64",      "ip4",
                                                         "ip6",  "mac",  "op4",    "op16",  "opaque",   "str",
                                                         "u32s", "addr", "aspath", "lanes", "adapters", "pdus"};
static_assert(kTypeNames.size() == static_cast<std::size_t>(FieldType::pdus) + 1);

constexpr std::array<std::string_view, kLaneFields> kLaneNames = {
    "index",         "tx_bias_current", "tx_power",     "tx_power_min", "tx_power_max",
    "tx_wavelength", "rx_power",        "rx_power_min", "rx_power_max", "rx_wavelength"};

Bytes readAddress(XdrReader& in) {
  switch (in.u32()) {
    case 0:
      return {};
    case 1:
      return in.fixed(4);
    case 2:
      return in.fixed(16);
    default:
      in.fail();  // its size is unknown
      return {};
  }
}

void writeAddress(XdrWriter& out, Bytes octets) {
  out.u32(octets.size() == 4 ? 1 : octets.size() == 16 ? 2 : 0);
  if (octets.size() == 4 || octets.size() == 16) out.fixed(octets);
}

void skipSegments(XdrReader& in, std::uint64_t segments) {
  for (; segments != 0 && in.ok(); --segments) {
    in.u32();
    in.fixed(std::size_t{4} * in.count(4));
  }
}

void skipAdapters(XdrReader& in, std::uint64_t adapters) {
  for (; adapters != 0 && in.ok(); --adapters) {
    in.u32();
    in.fixed(std::size_t{8} * in.count(8));
  }
}

void skipRecords(XdrReader& in, std::uint32_t records) {
  for (; records != 0 && in.ok(); --records) {
    in.u32();
    in.opaque();
  }
}

void skipPdus(XdrReader& in, std::uint64_t pdus) {
  for (; pdus != 0 && in.ok(); --pdus) skipRecords(in, in.count(8));
}

// A count of elements whose sizes differ, and the octets that hold them.
template <class Skip>
void readCounted(XdrReader& in, FieldValue& value, std::size_t minimum, Skip skip) {
  value.number = in.count(minimum);
  const Bytes rest = in.rest();
  skip(in, value.number);
  if (in.ok()) value.bytes = rest.first(rest.size() - in.left());
}

}  // namespace

std::string_view fieldTypeName(FieldType type) {
  return kTypeNames[static_cast<std::size_t>(type)];
}

std::string_view laneFieldName(std::size_t i) {
  return i < kLaneNames.size() ? kLaneNames[i] : std::string_view{};
}

void readField(XdrReader& in, FieldValue& value) {
  value.number = 0;
  value.real = 0;
  value.bytes = {};
  switch (value.type) {
    case FieldType::u32:
      value.number = in.u32();
      break;
    case FieldType::i32:
      value.number = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(in.u32())});
      break;
    case FieldType::u64:
      value.number = in.u64();
      break;
    case FieldType::f32:
      value.real = static_cast<double>(in.f32());
      break;
    case FieldType::f64:
      value.real = in.f64();
      break;
    case FieldType::ip4:
    case FieldType::op4:
      value.bytes = in.fixed(4);
      break;
    case FieldType::ip6:
    case FieldType::op16:
      value.bytes = in.fixed(16);
      break;
    case FieldType::mac:
      if (const Bytes octets = in.fixed(8); octets.size() == 8) value.bytes = octets.first(6);
      break;
    case FieldType::opaque:
    case FieldType::str:
      value.bytes = in.opaque();
      break;
    case FieldType::u32s:
      value.number = in.count(4);
      value.bytes = in.fixed(std::size_t{4} * value.number);
      break;
    case FieldType::addr:
      value.bytes = readAddress(in);
      break;
    case FieldType::lanes:
      value.number = in.count(kLaneSize);
      value.bytes = in.fixed(kLaneSize * value.number);
      break;
    case FieldType::aspath:
      readCounted(in, value, 8, skipSegments);
      break;
    case FieldType::adapters:
      readCounted(in, value, 8, skipAdapters);
      break;
    case FieldType::pdus:
      readCounted(in, value, 4, skipPdus);
      break;
  }
}

void writeField(XdrWriter& out, const FieldValue& value) {
  switch (value.type) {
    case FieldType::u32:
    case FieldType::i32:
      out.u32(static_cast<std::uint32_t>(value.number));
      break;
    case FieldType::u64:
      out.u64(value.number);
      break;
    case FieldType::f32:
      out.f32(static_cast<float>(value.real));
      break;
    case FieldType::f64:
      out.f64(value.real);
      break;
    case FieldType::ip4:
    case FieldType::op4:
    case FieldType::ip6:
    case FieldType::op16:
    case FieldType::mac:
      // A value of another size would shift every field behind it.
      if (padded(value.bytes.size()) != minimumSize(value.type)) return out.fail();
      out.fixed(value.bytes);
      break;
    case FieldType::opaque:
    case FieldType::str:
      out.opaque(value.bytes);
      break;
    case FieldType::u32s:
      out.u32(static_cast<std::uint32_t>(value.bytes.size() / 4));
      out.fixed(value.bytes);
      break;
    case FieldType::addr:
      writeAddress(out, value.bytes);
      break;
    case FieldType::lanes:
      out.u32(static_cast<std::uint32_t>(value.bytes.size() / kLaneSize));
      out.fixed(value.bytes);
      break;
    case FieldType::aspath:
    case FieldType::adapters:
    case FieldType::pdus:
      out.u32(static_cast<std::uint32_t>(value.number));
      out.fixed(value.bytes);
      break;
  }
}

bool AsPathReader::next(Segment& segment) {
  if (left_ == 0) return false;
  --left_;
  segment.type = flat_ ? kSequence : in_.u32();
  segment.asNumbers = flat_ ? in_.rest() : in_.fixed(std::size_t{4} * in_.count(4));
  return in_.ok();
}

bool AdapterReader::next(Adapter& adapter) {
  if (left_ == 0) return false;
  --left_;
  adapter.ifIndex = in_.u32();
  adapter.macs = in_.fixed(std::size_t{8} * in_.count(8));
  return in_.ok();
}

bool PduReader::next(RecordReader& records) {
  if (left_ == 0) return false;
  --left_;
  const std::uint32_t announced = in_.count(8);
  const Bytes rest = in_.rest();
  skipRecords(in_, announced);
  if (!in_.ok()) return false;
  records = RecordReader(rest.first(rest.size() - in_.left()), announced);
  return true;
}

}  // namespace weir::wire
