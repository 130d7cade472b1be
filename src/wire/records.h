#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "wire/record_table.h"

/// Every record of records.def as a struct with the names of the specification, for code that fills in or reads a whole
/// record: `if_counters c; readRecord(record, c)` and `writer.add(c)`. (The sample path reads with flow_records.h.)
/// Texts and octets point into the datagram they were read from.
namespace weir::wire {

/// A counted list as it stands on the wire, its count apart; u32 lists: 4 octets each, big-endian.
struct Counted {
  std::uint32_t count = 0;
  Bytes bytes;
};

namespace detail {
// clang-format off
template <FieldType> struct FieldMember;
template <> struct FieldMember<FieldType::u32> { using Member = std::uint32_t; };
template <> struct FieldMember<FieldType::i32> { using Member = std::int32_t; };
template <> struct FieldMember<FieldType::u64> { using Member = std::uint64_t; };
template <> struct FieldMember<FieldType::f32> { using Member = float; };
template <> struct FieldMember<FieldType::f64> { using Member = double; };
template <> struct FieldMember<FieldType::ip4> { using Member = std::array<std::uint8_t, 4>; };
template <> struct FieldMember<FieldType::ip6> { using Member = std::array<std::uint8_t, 16>; };
template <> struct FieldMember<FieldType::mac> { using Member = std::array<std::uint8_t, 6>; };
template <> struct FieldMember<FieldType::op4> { using Member = std::array<std::uint8_t, 4>; };
template <> struct FieldMember<FieldType::op16> { using Member = std::array<std::uint8_t, 16>; };
template <> struct FieldMember<FieldType::opaque> { using Member = Bytes; };
template <> struct FieldMember<FieldType::str> { using Member = std::string_view; };
template <> struct FieldMember<FieldType::addr> { using Member = IpAddress; };
template <> struct FieldMember<FieldType::u32s> { using Member = Counted; };
template <> struct FieldMember<FieldType::aspath> { using Member = Counted; };
template <> struct FieldMember<FieldType::lanes> { using Member = Counted; };
template <> struct FieldMember<FieldType::adapters> { using Member = Counted; };
template <> struct FieldMember<FieldType::pdus> { using Member = Counted; };
// clang-format on

template <class T>
requires std::is_integral_v<T>
void toValue(const T& member, FieldValue& value) {
  value.number = static_cast<std::uint64_t>(
      static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(member));
}
template <class T>
requires std::is_floating_point_v<T>
void toValue(const T& member, FieldValue& value) {
  value.real = static_cast<double>(member);
}
template <std::size_t N>
void toValue(const std::array<std::uint8_t, N>& member, FieldValue& value) {
  value.bytes = member;
}
inline void toValue(const Bytes& member, FieldValue& value) {
  value.bytes = member;
}
inline void toValue(const std::string_view& member, FieldValue& value) {
  value.bytes = Bytes(reinterpret_cast<const std::uint8_t*>(member.data()), member.size());
}
inline void toValue(const IpAddress& member, FieldValue& value) {
  value.bytes = Bytes(member.octets).first(static_cast<std::size_t>(member.bits()) / 8);
}
inline void toValue(const Counted& member, FieldValue& value) {
  value.number = member.count;
  value.bytes = member.bytes;
}

template <class T>
requires std::is_arithmetic_v<T>
void fromValue(const FieldValue& value, T& member) {
  member = std::is_floating_point_v<T> ? static_cast<T>(value.real) : static_cast<T>(value.number);
}
template <std::size_t N>
void fromValue(const FieldValue& value, std::array<std::uint8_t, N>& member) {
  if (value.bytes.size() == N) std::memcpy(member.data(), value.bytes.data(), N);
}
inline void fromValue(const FieldValue& value, Bytes& member) {
  member = value.bytes;
}
inline void fromValue(const FieldValue& value, std::string_view& member) {
  member = value.text();
}
inline void fromValue(const FieldValue& value, IpAddress& member) {
  member = value.address();
}
inline void fromValue(const FieldValue& value, Counted& member) {
  member = {static_cast<std::uint32_t>(value.number), value.bytes};
}
}  // namespace detail

// The structs: struct if_counters { static constexpr RecordSpace kSpace; static constexpr std::uint32_t kTag;
// std::uint32_t ifIndex{}; ... };
#define WEIR_RECORD(space, enterprise, format, name, status, reference, several) \
  struct name {                                                                  \
    static constexpr RecordSpace kSpace = RecordSpace::space;                    \
    static constexpr std::uint32_t kTag = tag(enterprise, format);
#define WEIR_FIELD(type, name) detail::FieldMember<FieldType::type>::Member name{};
#define WEIR_OPTIONAL_FIELD(type, name) WEIR_FIELD(type, name)
#define WEIR_END \
  }              \
  ;
#include "wire/records.def"
#undef WEIR_RECORD
#undef WEIR_FIELD
#undef WEIR_OPTIONAL_FIELD
#undef WEIR_END

// visitMembers(record, visit) calls visit(FieldType, member) for each member in order, for every struct above.
#define WEIR_RECORD(space, enterprise, format, name, status, reference, several) \
  template <class R, class Visitor>                                              \
  requires std::is_same_v<std::remove_const_t<R>, name>                          \
  void visitMembers(R& record, Visitor&& visit) {
#define WEIR_FIELD(type, name) visit(FieldType::type, record.name);
#define WEIR_OPTIONAL_FIELD(type, name) WEIR_FIELD(type, name)
#define WEIR_END }
#include "wire/records.def"
#undef WEIR_RECORD
#undef WEIR_FIELD
#undef WEIR_OPTIONAL_FIELD
#undef WEIR_END

/// Reads a version 5 record whose tag is R::kTag. Members that an older agent left out keep their value.
/// kNoFault, recordShort or recordContent; in case of a fault nothing is changed.
template <class R>
[[nodiscard]] Fault readRecord(const Record& record, R& out) {
  const RecordSpec& spec = *recordSpec(R::kSpace, R::kTag);
  if (const Fault fault = checkRecord(spec, record); fault != kNoFault) return fault;
  FieldReader fields(spec, record);
  FieldValue value;
  visitMembers(out, [&](FieldType, auto& member) {
    if (fields.next(value)) detail::fromValue(value, member);
  });
  return kNoFault;
}

/// Writes the data of a record, without its tag and length.
template <class R>
void writeRecordData(XdrWriter& out, const R& record) {
  visitMembers(record, [&](FieldType type, const auto& member) {
    FieldValue value;
    value.type = type;
    detail::toValue(member, value);
    writeField(out, value);
  });
}

}  // namespace weir::wire
