#include "wire/rt.h"

#include <array>

namespace weir::wire {

namespace {

struct RtType {
  FieldType type;
  bool counter;
};
// Position is the value type on the wire.
constexpr std::array<RtType, 7> kMetricTypes = {{{FieldType::str, false},
                                                 {FieldType::u32, true},
                                                 {FieldType::u64, true},
                                                 {FieldType::u32, false},
                                                 {FieldType::u64, false},
                                                 {FieldType::f32, false},
                                                 {FieldType::f64, false}}};
constexpr std::array<RtType, 8> kFlowTypes = {{{FieldType::str, false},
                                               {FieldType::mac, false},
                                               {FieldType::ip4, false},
                                               {FieldType::ip6, false},
                                               {FieldType::u32, false},
                                               {FieldType::u64, false},
                                               {FieldType::f32, false},
                                               {FieldType::f64, false}}};

std::span<const RtType> typesOf(bool flow) {
  return flow ? std::span<const RtType>(kFlowTypes) : std::span<const RtType>(kMetricTypes);
}

std::string_view text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::expected<RtReader, Fault> RtReader::open(const Sample& sample) {
  RtReader reader;
  reader.flow_ = sample.kind == SampleKind::rtFlow;
  reader.in_ = XdrReader(sample.body);
  reader.dataSource_ = text(reader.in_.opaque());
  if (reader.flow_) {
    reader.samplingRate_ = reader.in_.u32();
    reader.samplePool_ = reader.in_.u32();
  }
  reader.fieldCount_ = reader.left_ = reader.in_.u32();
  if (!reader.in_.ok()) return std::unexpected(Fault::sampleShort);
  return reader;
}

bool RtReader::next(RtField& field) {
  if (left_ == 0 || fault_ != kNoFault) return false;
  field.name = text(in_.opaque());
  field.valueType = in_.u32();
  const std::span<const RtType> types = typesOf(flow_);
  if (in_.ok() && field.valueType >= types.size()) {
    in_ = {};
    left_ = 0;
    return false;
  }
  if (in_.ok()) {
    field.counter = types[field.valueType].counter;
    field.value.type = types[field.valueType].type;
    field.value.name = field.name;
    readField(in_, field.value);
  }
  if (!in_.ok()) {
    fault_ = Fault::recordContent;
    return false;
  }
  --left_;
  return true;
}

std::uint32_t rtValueType(SampleKind kind, FieldType type, bool counter) {
  const std::span<const RtType> types = typesOf(kind == SampleKind::rtFlow);
  for (std::uint32_t i = 0; i < types.size(); ++i)
    if (types[i].type == type && types[i].counter == counter) return i;
  return 0xFFFFFFFF;
}

}  // namespace weir::wire
