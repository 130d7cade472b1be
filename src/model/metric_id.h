#pragma once
#include <cstdint>

namespace weir::model {

/// A metric name as a number. Those of the table (metrics.def) are the same in every process of one build; names that
/// come with the data (rtmetric) get the next free one, in the order of their arrival (MetricNames).
using MetricId = std::uint32_t;

inline constexpr MetricId kNoMetric = 0xFFFFFFFF;

}  // namespace weir::model
