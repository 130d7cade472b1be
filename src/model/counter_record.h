#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "model/counter_state.h"
#include "wire/record_table.h"

/// How CounterState holds values and previous counters, for the files that are its parts.
namespace weir::model {

inline constexpr std::size_t kMaxFields = 40;
inline constexpr std::uint64_t kAbsent = 0x7FF8000000000000;  ///< a NaN
inline constexpr std::uint32_t kAllOnes32 = 0xFFFFFFFF;
inline constexpr std::uint64_t kAllOnes64 = 0xFFFFFFFFFFFFFFFF;

[[nodiscard]] inline double asNumber(std::uint64_t slot) {
  return std::bit_cast<double>(slot);
}
[[nodiscard]] inline std::uint64_t asSlot(double number) {
  return std::bit_cast<std::uint64_t>(number);
}

/// Previous raw value of a counter; all ones for a counter that the agent does not have, whatever its width.
inline std::uint64_t loadPrevious(const std::uint8_t* previous, const SlotSpec& slot) {
  if (slot.wide) {
    std::uint64_t v;
    std::memcpy(&v, previous + slot.previous, sizeof v);
    return v;
  }
  std::uint32_t v;
  std::memcpy(&v, previous + slot.previous, sizeof v);
  return v == kAllOnes32 ? kAllOnes64 : v;
}
inline void storePrevious(std::uint8_t* previous, const SlotSpec& slot, std::uint64_t value) {
  if (slot.wide) {
    std::memcpy(previous + slot.previous, &value, sizeof value);
  } else {
    const auto narrow = static_cast<std::uint32_t>(value);
    std::memcpy(previous + slot.previous, &narrow, sizeof narrow);
  }
}

/// The fields of one record or list element as read.
struct CounterState::RawRecord {
  std::array<wire::FieldValue, kMaxFields> fields;
  std::size_t count = 0;

  wire::Fault read(const wire::Record& record) {
    const wire::RecordSpec& spec = *wire::recordSpec(wire::RecordSpace::counter, record.tag);
    if (const wire::Fault fault = wire::checkRecord(spec, record); fault != wire::kNoFault) return fault;
    wire::FieldReader reader(spec, record);
    count = 0;
    while (count < kMaxFields && reader.next(fields[count])) ++count;
    return wire::kNoFault;
  }
  void readElement(const std::uint8_t* words, std::size_t n) {
    count = n;
    for (std::size_t i = 0; i < n; ++i) {
      fields[i] = {};
      fields[i].number = loadBe32(words + 4 * i);
    }
  }
  // All ones for a counter that is not there.
  [[nodiscard]] std::uint64_t counter(const SlotSpec& slot) const {
    if (slot.field >= count) return kAllOnes64;
    const std::uint64_t v = fields[slot.field].number;
    return !slot.wide && v == kAllOnes32 ? kAllOnes64 : v;
  }
};

}  // namespace weir::model
