#pragma once
#include <cstddef>

namespace weir::test {

/// Calls of operator new on this thread so far.
std::size_t allocationCount();
/// Those of them that were not given back, on this thread.
std::ptrdiff_t liveAllocations();

}  // namespace weir::test
