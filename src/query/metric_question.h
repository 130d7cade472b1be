#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "query/question.h"
#include "query/records.h"

namespace weir::query {

class MetricQuery;

/// The value that max, min or any select, and where it is.
struct ChosenValue {
  SourceKey key;
  std::variant<double, std::string> value;
  Nanos updated = 0;
  std::vector<TopKey> topKeys;  ///< of a flow metric; as sortTopKeys() has them
  static auto fields(auto& self, auto&& all) { return all(self.key, self.value, self.updated, self.topKeys); }
};

struct MetricResult {
  struct Quartiles {
    double max = 0, med = 0, min = 0, q1 = 0, q3 = 0;
  };
  /// What became of one metric that was asked for.
  struct Summary {
    std::string name;  ///< as it was asked for
    std::uint64_t count = 0;
    Nanos oldest = 0, newest = 0;        ///< with count > 0
    std::optional<ChosenValue> chosen;   ///< max, min, any
    std::optional<double> number;        ///< the other operations
    std::optional<Quartiles> quartiles;  ///< of those that are made of them
  };
  Nanos asked = 0;
  std::vector<Summary> summaries;  ///< in the order of the question

  void writeJson(JsonWriter& json) const;
};

/// GET /metric/{agent}/{metric}/json: one summary per requested metric over all selected data sources.
struct MetricQuestion {
  using Query = MetricQuery;
  using Result = MetricResult;
  static constexpr std::string_view kName = "metric";
  std::string agents, metrics;
  Parameters filter = {};
  std::optional<wire::DataSource> source = {};  ///< only at this one of the agents; metrics that name one have no value
};

}  // namespace weir::query
