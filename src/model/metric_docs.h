#pragma once
#include <string>

#include "model/metric_id.h"

namespace weir::model {

/// docs/metrics.md: every metric of the table, the record and field it comes from, its unit, and how it is made.
[[nodiscard]] std::string metricsMarkdown();

/// One line about a metric of the table, for `# HELP` of Prometheus text: where it comes from, and its unit. Has no
/// character that the format wants escaped.
[[nodiscard]] std::string metricHelp(MetricId id);

}  // namespace weir::model
