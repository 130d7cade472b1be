#pragma once
#include <cstddef>

namespace weir::test {

/// Calls of operator new on this thread so far.
std::size_t allocationCount();

}  // namespace weir::test
