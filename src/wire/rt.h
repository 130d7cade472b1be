#pragma once
#include <cstdint>
#include <expected>
#include <string_view>

#include "wire/field.h"

namespace weir::wire {

/// One metric of an rtmetric sample or one field of an rtflow sample.
struct RtField {
  std::string_view name;        ///< any octets
  std::uint32_t valueType = 0;  ///< as sent; the two kinds of sample number them differently
  bool counter = false;         ///< rtmetric: a cumulative counter, else a gauge or a text
  FieldValue value;             ///< type str, mac, ip4, ip6, u32, u64, f32 or f64
};

/// Reads the real-time samples of InMon (4300:1002 rtmetric and 4300:1003 rtflow; inmon.com, "Real-time metrics and
/// flows"). Copies nothing.
class RtReader {
 public:
  /// sample.kind must be rtMetric or rtFlow. Fault: sampleShort.
  [[nodiscard]] static std::expected<RtReader, Fault> open(const Sample& sample);

  [[nodiscard]] std::string_view dataSource() const { return dataSource_; }
  [[nodiscard]] std::uint32_t samplingRate() const { return samplingRate_; }  ///< rtflow: 1 in N
  [[nodiscard]] std::uint32_t samplePool() const { return samplePool_; }      ///< rtflow
  [[nodiscard]] std::uint32_t fieldCount() const { return fieldCount_; }      ///< as announced

  /// The next field; false at the end or at a fault. An unknown value type hides where the next field begins: it ends
  /// the sample without being a fault.
  bool next(RtField& field);
  /// kNoFault, or recordContent when a field runs out of the sample.
  [[nodiscard]] Fault fault() const { return fault_; }
  /// Fields not read, as announced.
  [[nodiscard]] std::uint32_t remaining() const { return left_; }

 private:
  XdrReader in_;
  std::string_view dataSource_;
  std::uint32_t samplingRate_ = 0;
  std::uint32_t samplePool_ = 0;
  std::uint32_t fieldCount_ = 0;
  std::uint32_t left_ = 0;
  Fault fault_ = kNoFault;
  bool flow_ = false;
};

/// Value type of a field as numbered in an rtmetric or rtflow sample; 0xFFFFFFFF where it has none.
[[nodiscard]] std::uint32_t rtValueType(SampleKind kind, FieldType type, bool counter);

}  // namespace weir::wire
