#pragma once
#include <string>

namespace weir::model {

/// docs/metrics.md: every metric of the table, the record and field it comes from, and how it is made.
[[nodiscard]] std::string metricsMarkdown();

}  // namespace weir::model
