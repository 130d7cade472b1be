#pragma once
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "wire/datagram.h"
#include "wire/xdr.h"

namespace weir::wire {

/// How a field is encoded (sFlow version 5, XDR). The names are those of the .def lists.
enum class FieldType : std::uint8_t {
  u32,
  i32,
  u64,
  f32,
  f64,
  ip4,       ///< 4 octets
  ip6,       ///< 16 octets
  mac,       ///< 6 octets and 2 of padding
  op4,       ///< 4 octets
  op16,      ///< 16 octets
  opaque,    ///< counted octets
  str,       ///< counted octets that are text; may be any octets all the same
  u32s,      ///< counted u32
  addr,      ///< u32 type, then 0, 4 or 16 octets
  aspath,    ///< counted segments: see AsPathReader
  lanes,     ///< counted lanes of kLaneFields u32 each
  adapters,  ///< counted adapters: see AdapterReader
  pdus,      ///< counted lists of flow records: see PduReader
};
[[nodiscard]] std::string_view fieldTypeName(FieldType type);
/// Fewest octets a field of this type takes.
[[nodiscard]] constexpr std::size_t minimumSize(FieldType type) {
  switch (type) {
    case FieldType::u64:
    case FieldType::f64:
    case FieldType::mac:
      return 8;
    case FieldType::ip6:
    case FieldType::op16:
      return 16;
    default:
      return 4;
  }
}
/// Whether every value of this type takes minimumSize octets.
[[nodiscard]] constexpr bool fixedSize(FieldType type) {
  return type < FieldType::opaque;
}

/// One value as read or to be written. `bytes` points into the datagram that was read.
struct FieldValue {
  FieldType type = FieldType::u32;
  std::string_view name;     ///< the specification's field name
  std::uint64_t number = 0;  ///< u32, u64; i32 sign-extended; u32s, aspath, lanes, adapters, pdus: the count
  double real = 0;           ///< f32, f64
  Bytes bytes;  ///< the octets of all others: without padding and length; of counted things, what follows the count

  [[nodiscard]] std::int64_t integer() const { return static_cast<std::int64_t>(number); }
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  [[nodiscard]] IpAddress address() const {
    return bytes.size() == 4    ? IpAddress::v4(bytes.data())
           : bytes.size() == 16 ? IpAddress::v6(bytes.data())
                                : IpAddress{};
  }
  /// The i-th of a u32s.
  [[nodiscard]] std::uint32_t at(std::size_t i) const { return loadBe32(bytes.data() + 4 * i); }
};

/// Reads one value of value.type. Where it does not fit, the reader has failed and the value is zero or empty.
void readField(XdrReader& in, FieldValue& value);
/// Writes one value; the count of a counted thing is taken from `number` (u32s, lanes: from the size of `bytes`).
void writeField(XdrWriter& out, const FieldValue& value);

/// Segments of an `aspath`, or the flat list of version 2 as one AS_SEQUENCE.
/// The spans were checked when the field was read; a segment that lies all the same ends the walk.
class AsPathReader {
 public:
  static constexpr std::uint32_t kSet = 1, kSequence = 2;
  struct Segment {
    std::uint32_t type = kSequence;  ///< 1 AS_SET, 2 AS_SEQUENCE; 3 and 4 are confederation sequence and set
    Bytes asNumbers;                 ///< u32 each
    [[nodiscard]] std::size_t size() const { return asNumbers.size() / 4; }
    [[nodiscard]] std::uint32_t at(std::size_t i) const { return loadBe32(asNumbers.data() + 4 * i); }
  };

  AsPathReader() = default;
  AsPathReader(std::uint32_t segments, Bytes bytes) : in_(bytes), left_(segments) {}
  [[nodiscard]] static AsPathReader flat(Bytes asNumbers) {
    AsPathReader reader(asNumbers.empty() ? 0 : 1, asNumbers);
    reader.flat_ = true;
    return reader;
  }
  bool next(Segment& segment);

 private:
  XdrReader in_;
  std::uint32_t left_ = 0;
  bool flat_ = false;
};

/// Adapters of host_adapters (0:2001).
class AdapterReader {
 public:
  struct Adapter {
    std::uint32_t ifIndex = 0;
    Bytes macs;  ///< 8 octets each, the last two padding
    [[nodiscard]] std::size_t size() const { return macs.size() / 8; }
    [[nodiscard]] Bytes mac(std::size_t i) const { return macs.subspan(8 * i, 6); }
  };
  explicit AdapterReader(const FieldValue& adapters)
      : in_(adapters.bytes), left_(static_cast<std::uint32_t>(adapters.number)) {}
  bool next(Adapter& adapter);

 private:
  XdrReader in_;
  std::uint32_t left_;
};

/// Lists of flow records inside extended_80211_aggregation (0:1016). Their records may hold such lists again: code that
/// follows them bounds the depth (2 is enough).
class PduReader {
 public:
  explicit PduReader(const FieldValue& pdus) : in_(pdus.bytes), left_(static_cast<std::uint32_t>(pdus.number)) {}
  bool next(RecordReader& records);

 private:
  XdrReader in_;
  std::uint32_t left_;
};

/// Names of the ten u32 of a lane of sfp (0:10), in order.
inline constexpr std::size_t kLaneFields = 10;
inline constexpr std::size_t kLaneSize = 4 * kLaneFields;
[[nodiscard]] std::string_view laneFieldName(std::size_t i);

}  // namespace weir::wire
