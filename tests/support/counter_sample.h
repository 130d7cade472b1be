#pragma once
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "wire/datagram.h"

namespace weir::test {

/// The data of one record, field by field.
struct RecordBytes {
  std::vector<std::uint8_t> bytes;

  RecordBytes& u32(std::uint32_t v) {
    bytes.resize(bytes.size() + 4);
    storeBe32(bytes.data() + bytes.size() - 4, v);
    return *this;
  }
  RecordBytes& u64(std::uint64_t v) {
    return u32(static_cast<std::uint32_t>(v >> 32)).u32(static_cast<std::uint32_t>(v));
  }
  RecordBytes& f32(float v) { return u32(std::bit_cast<std::uint32_t>(v)); }
  RecordBytes& f64(double v) { return u64(std::bit_cast<std::uint64_t>(v)); }
  RecordBytes& str(std::string_view text) {
    u32(static_cast<std::uint32_t>(text.size()));
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.resize((bytes.size() + 3) & ~std::size_t{3});
    return *this;
  }
  RecordBytes& octets(std::initializer_list<std::uint8_t> list) {
    bytes.insert(bytes.end(), list);
    return *this;
  }
};

/// A counters sample made of records; owns its bytes.
class CounterSample {
 public:
  explicit CounterSample(std::uint32_t cls = 0, std::uint32_t index = 1) {
    sample_.kind = wire::SampleKind::counters;
    sample_.source = {cls, index};
  }
  CounterSample& add(std::uint32_t tag, const RecordBytes& record) {
    all_.u32(tag).u32(static_cast<std::uint32_t>(record.bytes.size()));
    all_.bytes.insert(all_.bytes.end(), record.bytes.begin(), record.bytes.end());
    ++sample_.recordCount;
    return *this;
  }
  /// Valid as long as this object.
  const wire::Sample& sample() {
    sample_.records = wire::RecordReader(all_.bytes, sample_.recordCount);
    return sample_;
  }

 private:
  wire::Sample sample_;
  RecordBytes all_;
};

/// An if_counters record (0:1). Fields that are not given are zero.
struct Interface {
  std::uint32_t index = 1, type = 6;
  std::uint64_t speed = 10'000'000'000;
  std::uint32_t direction = 1, status = 3;
  std::uint64_t inOctets = 0, outOctets = 0;
  std::uint32_t inUcast = 0, inMulticast = 0, inBroadcast = 0, inDiscards = 0, outUcast = 0;

  [[nodiscard]] RecordBytes record() const {
    RecordBytes r;
    r.u32(index).u32(type).u64(speed).u32(direction).u32(status);
    r.u64(inOctets).u32(inUcast).u32(inMulticast).u32(inBroadcast).u32(inDiscards).u32(0).u32(0);
    r.u64(outOctets).u32(outUcast).u32(0).u32(0).u32(0).u32(0).u32(0);
    return r;
  }
};

}  // namespace weir::test
