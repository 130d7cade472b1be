#include "unit/engine/allocation_count.h"

#include <cstdlib>
#include <new>

// In a file of its own, so that no call of these is inlined where the compiler knows the matching one.
namespace {
thread_local std::size_t allocations = 0, freed = 0;

void give(void* p) {
  if (p != nullptr) ++freed;
  std::free(p);
}

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* p = alignment <= alignof(std::max_align_t)
                ? std::malloc(size == 0 ? 1 : size)
                : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) std::abort();
  return p;
}
}  // namespace

void* operator new(std::size_t size) {
  return counted(size, 1);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size, 1);
}
void operator delete(void* p) noexcept {
  give(p);
}
void operator delete(void* p, std::size_t) noexcept {
  give(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  give(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  give(p);
}

namespace weir::test {
std::size_t allocationCount() {
  return allocations;
}
std::ptrdiff_t liveAllocations() {
  return static_cast<std::ptrdiff_t>(allocations) - static_cast<std::ptrdiff_t>(freed);
}
}  // namespace weir::test
