#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weir {

/// Memory for tables that grow and are given back, taken from one reserved range of addresses and faulted in ahead of
/// need by Prefaulter: the first touch of a page costs many times a later one, most of all in a virtual machine.
/// Blocks come in size classes (four a power of two, so at most a quarter is wasted) and are reused by class.
/// Thread: allocate and free on the owner thread; prefault() on any one other thread.
class Arena {
 public:
  /// Reserves (does not touch) `reserve` bytes of addresses.
  explicit Arena(std::size_t reserve = kDefaultReserve);
  /// What each of `count` arenas may reserve here: kDefaultReserve, or where addresses are limited (ulimit -v) or each
  /// has to be backed by memory (vm.overcommit_memory=2) about half of what can be had, divided. 0: less than 16 MiB
  /// each.
  [[nodiscard]] static std::size_t affordableReserve(unsigned count);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// 64-byte aligned, contents undefined. nullptr when the range is used up: the caller stays at its size.
  [[nodiscard]] void* allocate(std::size_t size);
  void free(void* block, std::size_t size);

  /// Bytes handed out and not given back, class rounding included.
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

  /// Faults in the next huge page of the range when less than `ahead` bytes of it are ready. True when it did something.
  bool prefault(std::size_t ahead);

  static constexpr std::size_t kDefaultReserve = std::size_t{1} << 36;

 private:
  static constexpr unsigned kClasses = 160;
  struct FreeBlock {
    FreeBlock* next;
  };
  static unsigned classOf(std::size_t size, std::size_t& rounded);

  static constexpr std::size_t kHugePage = std::size_t{2} << 20;

  void* mapped_ = nullptr;
  std::byte* base_ = nullptr;            // on the boundary of a huge page
  std::size_t reserve_;
  std::atomic<std::size_t> top_{0};      // handed out from the range so far; written by the owner
  std::atomic<std::size_t> ready_{0};    // faulted in so far; written by prefault()
  std::atomic<std::size_t> used_{0};
  std::array<FreeBlock*, kClasses> free_{};
};

}  // namespace weir
