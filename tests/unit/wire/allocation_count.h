#pragma once
#include <cstddef>

namespace weir::test {

/// Calls of operator new in this program so far.
std::size_t allocationCount();

}  // namespace weir::test
