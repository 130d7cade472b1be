#pragma once
// Inside the engine room only.
#include <cstdint>

#include "base/time.h"

namespace weir::engine {

/// Rates of what only counts up, over the last second or more. Real time: the analyzer itself is measured.
/// Thread: one at a time.
class LoadMeter {
 public:
  struct Counts {
    std::uint64_t sflowBytes = 0;
    std::uint64_t processMs = 0;                  ///< of processor time
    std::uint64_t systemBusy = 0, systemAll = 0;  ///< jiffies of all processors
  };
  struct Load {
    double bitsPerSecond = 0, process = 0, system = 0;  ///< the loads are parts of all processors, 0 to 1
  };
  [[nodiscard]] Load load(const Counts& counts, Nanos monotonic);

 private:
  struct Point {
    Nanos time = 0;
    Counts counts;
  };
  static Load between(const Point& from, const Point& to);
  Point before_, last_;  // `before_` is a second or more older than `last_`
};

/// Numbers of this process and machine from the kernel.
struct ProcessFigures {
  std::uint64_t residentBytes = 0, memoryTotal = 0, memoryFree = 0, cpuMs = 0, systemBusy = 0, systemAll = 0;
  unsigned threads = 0;
};
[[nodiscard]] ProcessFigures processFigures();

}  // namespace weir::engine
