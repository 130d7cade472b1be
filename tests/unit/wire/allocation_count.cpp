#include "unit/wire/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

// In a file of its own, so that no call of these is inlined where the compiler knows the matching one.
namespace {
std::atomic<std::size_t> allocations{0};
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(size == 0 ? 1 : size); p != nullptr) return p;
  std::abort();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}

namespace weir::test {
std::size_t allocationCount() {
  return allocations.load();
}
}  // namespace weir::test
