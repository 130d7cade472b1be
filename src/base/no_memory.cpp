#include "base/no_memory.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace weir {

thread_local unsigned MayRunOut::depth_ = 0;

namespace {

std::atomic<void*> reserve = nullptr;
std::size_t reserveSize = 0;
void (*endProcess)() = nullptr;

void onNoMemory() {
  if (MayRunOut::here()) throw std::bad_alloc();
  if (void* const kept = reserve.exchange(nullptr)) return std::free(kept);
  endProcess();
}

}  // namespace

void handleNoMemory(std::size_t size, void (*end)()) {
  reserveSize = size;
  endProcess = end;
  (void)refillMemoryReserve();
  std::set_new_handler(onNoMemory);
}

bool refillMemoryReserve() {
  if (reserveSize == 0 || reserve.load() != nullptr) return false;
  void* const taken = std::malloc(reserveSize);
  void* none = nullptr;
  if (taken != nullptr && !reserve.compare_exchange_strong(none, taken)) std::free(taken);
  return taken != nullptr;
}

}  // namespace weir
