#pragma once
#include <cstddef>

/// What happens where the C++ allocator finds no memory.
namespace weir {

/// While one lives, an allocation of this thread that finds no memory throws std::bad_alloc: for work that can be given
/// up, as a request that is answered 503. It leaves the reserve (handleNoMemory) to the others.
class MayRunOut {
 public:
  MayRunOut() { ++depth_; }
  ~MayRunOut() { --depth_; }
  MayRunOut(const MayRunOut&) = delete;
  MayRunOut& operator=(const MayRunOut&) = delete;
  [[nodiscard]] static bool here() { return depth_ != 0; }

 private:
  static thread_local unsigned depth_;
};

/// From now on an allocation elsewhere that finds no memory gets `reserve` octets, which are kept back for that, and
/// when these are gone `end` is called, which does not return. Once, before there are threads.
void handleNoMemory(std::size_t reserve, void (*end)());
/// Keeps the reserve back again where it was used and there is memory now. True: it had been used. Thread: any.
bool refillMemoryReserve();

}  // namespace weir
