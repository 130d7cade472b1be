#pragma once
#include <cstddef>
#include <cstdint>

#include "base/arena.h"

namespace weir::flow {

/// Counts distinct values, each given as a hash, over the current and the previous window of time: 16 octets and, once
/// there is something to count, a block of the arena, of 2 KiB at most.
///
/// Up to kListed values are counted exactly. Beyond, two generations of registers (Flajolet, Fusy, Gandouet, Meunier:
/// "HyperLogLog", AofA 2007), one a window, whose union is what is reported: standard error 1.04 / √1024 = 3.3 %.
/// Hashes come from a fixed function, so a count is the same in every run. Where the arena is used up a count stays as
/// it is. A plain value; a copy passes the block on. Thread: its owner's.
class DistinctCounter {
 public:
  /// `window`: number of the window in which the value was seen; never less than before.
  void add(std::uint64_t hash, std::int64_t window, Arena& arena);
  /// Distinct values of `window` and the one before it.
  [[nodiscard]] double estimate(std::int64_t window) const;
  /// Gives the memory back.
  void release(Arena& arena);

  static constexpr std::uint32_t kListed = 64;
  static constexpr std::uint32_t kRegisters = 1024;  ///< of a generation, one octet each

 private:
  static constexpr std::uint32_t kFirstListed = 8;

  // A list holds hashes whose lowest bit says that the value was seen in the current window. Registers: the generation
  // of the current window, then that of the previous one.
  [[nodiscard]] std::uint64_t* list() const { return static_cast<std::uint64_t*>(block_); }
  [[nodiscard]] std::uint8_t* registers() const { return static_cast<std::uint8_t*>(block_); }
  [[nodiscard]] std::size_t blockSize() const;
  /// Windows since the last value, as far as that is known.
  [[nodiscard]] std::uint16_t windowsSince(std::int64_t window) const;
  void moveTo(std::int64_t window, Arena& arena);
  void addToList(std::uint64_t hash, Arena& arena);
  bool growList(Arena& arena);
  bool becomeRegisters(Arena& arena);

  void* block_ = nullptr;
  std::uint16_t listed_ = 0;
  std::uint16_t capacity_ = 0;  // of the list
  std::uint16_t window_ = 0;    // its number modulo 2^16
  bool isRegisters_ = false;
};
static_assert(sizeof(DistinctCounter) == 16);

}  // namespace weir::flow
