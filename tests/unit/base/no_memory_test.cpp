#include "base/no_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace weir {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10, kReserve = std::size_t{8} << 20;

[[noreturn]] void end() {
  std::_Exit(7);
}

/// Takes blocks until one is refused by an exception: how many.
std::size_t takeAll(std::vector<std::unique_ptr<char[]>>& taken) {
  const MayRunOut mayRunOut;
  try {
    while (taken.size() < 1'000'000) taken.push_back(std::make_unique_for_overwrite<char[]>(kBlock));
  } catch (const std::bad_alloc&) {
  }
  return taken.size();
}

/// In a process of its own. Status 0: as it should be.
void runOut() {
  handleNoMemory(kReserve, end);
  rlimit addresses{};
  getrlimit(RLIMIT_AS, &addresses);
  addresses.rlim_cur = std::size_t{512} << 20;
  if (setrlimit(RLIMIT_AS, &addresses) != 0) std::_Exit(1);
  std::vector<std::unique_ptr<char[]>> taken;
  taken.reserve(10'000);
  if (takeAll(taken) == 0) std::_Exit(2);
  // The reserve is still there for who cannot give up.
  for (int i = 0; i < 8; ++i) taken.push_back(std::make_unique_for_overwrite<char[]>(kBlock));
  taken.clear();
  if (!refillMemoryReserve() || refillMemoryReserve()) std::_Exit(3);
  (void)takeAll(taken);
  for (std::size_t i = 0; i < 1'000; ++i) taken.push_back(std::make_unique_for_overwrite<char[]>(kBlock));
  std::_Exit(4);  // the reserve is used up: end() is to be called before
}

TEST(NoMemory, WhatCanBeGivenUpThrowsAndTheRestHasAReserve) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitized program needs all addresses";
#endif
  EXPECT_FALSE(MayRunOut::here());
  EXPECT_EXIT(runOut(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace weir
