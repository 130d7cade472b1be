#pragma once
#include "base/time.h"

namespace weir::test {

/// The time at which tests begin.
inline constexpr Nanos kStart = 1'700'000'000 * kSecond;

}  // namespace weir::test
