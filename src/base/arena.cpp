#include "base/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

namespace weir {

namespace {
void* reserveAddresses(std::size_t size) {
  return mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}
}  // namespace

std::size_t Arena::affordableReserve(unsigned count) {
  constexpr std::size_t kLeast = std::size_t{16} << 20;
  for (std::size_t reserve = kDefaultReserve; reserve >= kLeast; reserve /= 2) {
    const std::size_t tried = 2 * count * (reserve + kHugePage);
    void* p = reserveAddresses(tried);
    if (p == MAP_FAILED) continue;
    munmap(p, tried);
    return reserve;
  }
  return 0;
}

Arena::Arena(std::size_t reserve) : reserve_(reserve) {
  void* p = reserveAddresses(reserve + kHugePage);
  if (p == MAP_FAILED) throw std::bad_alloc();
  mapped_ = p;
  base_ = reinterpret_cast<std::byte*>((reinterpret_cast<std::uintptr_t>(p) + kHugePage - 1) / kHugePage * kHugePage);
  // Tables are visited at random: with small pages most of the time would go into address translation. Where the
  // system has no huge pages this changes nothing.
  madvise(base_, reserve, MADV_HUGEPAGE);
}

Arena::~Arena() {
  munmap(mapped_, reserve_ + kHugePage);
}

unsigned Arena::classOf(std::size_t size, std::size_t& rounded) {
  if (size < 256) {
    const std::size_t i = (size + 63) / 64;
    rounded = i * 64;
    return static_cast<unsigned>(i);
  }
  const auto power = static_cast<unsigned>(std::bit_width(size - 1)) - 1;  // 2^power <= size - 1 < 2^(power + 1)
  const std::size_t quarter = std::size_t{1} << (power - 2);
  const std::size_t steps = (size - 1 - (std::size_t{1} << power)) / quarter + 1;  // 1 … 4 quarters above 2^power
  rounded = (std::size_t{1} << power) + steps * quarter;
  return std::min(5 + (power - 7) * 4 + static_cast<unsigned>(steps) - 1, kClasses - 1);
}

void* Arena::allocate(std::size_t size) {
  std::size_t rounded = 0;
  const unsigned c = classOf(std::max<std::size_t>(size, 1), rounded);
  void* block = free_[c];
  if (block != nullptr) {
    free_[c] = free_[c]->next;
  } else {
    const std::size_t top = top_.load(std::memory_order_relaxed);
    if (rounded > reserve_ - top) return nullptr;
    block = base_ + top;
    top_.store(top + rounded, std::memory_order_release);
  }
  used_.fetch_add(rounded, std::memory_order_relaxed);
  return block;
}

void Arena::free(void* block, std::size_t size) {
  if (block == nullptr) return;
  std::size_t rounded = 0;
  const unsigned c = classOf(std::max<std::size_t>(size, 1), rounded);
  auto* b = static_cast<FreeBlock*>(block);
  b->next = free_[c];
  free_[c] = b;
  used_.fetch_sub(rounded, std::memory_order_relaxed);
}

bool Arena::prefault(std::size_t ahead) {
  const std::size_t top = top_.load(std::memory_order_acquire);
  std::size_t ready = ready_.load(std::memory_order_relaxed);
  if (ready >= top + ahead) return false;
  ready = std::max(ready, top / kHugePage * kHugePage);
  const std::size_t end = std::min(ready + kHugePage, reserve_);
  if (end <= ready) return false;
#ifdef MADV_POPULATE_WRITE
  if (madvise(base_ + ready, end - ready, MADV_POPULATE_WRITE) != 0) return false;
#else
  return false;
#endif
  ready_.store(end, std::memory_order_relaxed);
  return true;
}

}  // namespace weir
