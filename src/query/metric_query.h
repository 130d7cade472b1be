#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "query/selector.h"

namespace weir::query {

/// GET /metric/{agent}/{metric}/json: one summary per requested metric over all selected data sources
/// (rest-api.md 3.3). Immutable: shared by the shards. `now` is the engine's time when the question came.
class MetricQuery {
 public:
  MetricQuery(AgentSelector agents, MetricList metrics, Filter filter, Nanos now)
      : agents_(std::move(agents)), metrics_(std::move(metrics)), filter_(std::move(filter)), now_(now) {}

  /// The value that max, min or any select.
  struct Chosen {
    SourceKey key;
    bool isText = false;
    double number = 0;
    std::string text;
    Nanos updated = 0;
    std::vector<TopKey> topKeys;
  };
  struct Summary {
    std::uint64_t count = 0;
    Nanos oldest = 0, newest = 0;  ///< with count > 0
    std::optional<Chosen> chosen;  ///< max, min, any
    std::vector<double> numbers;   ///< the other operations: every number, in any order
  };
  /// One summary per requested metric, or none before the first value.
  struct Partial {
    std::vector<Summary> summaries;
  };

  void visit(const SourceView& view, Partial& partial) const;
  /// Commutative and associative: the answer does not depend on the order.
  void merge(Partial& into, Partial&& from) const;
  void write(const Partial& partial, JsonWriter& json) const;

 private:
  void choose(const MetricItem& item, const Value& value, const SourceView& view, Summary& summary) const;
  void writeSummary(const MetricItem& item, const Summary& summary, JsonWriter& json) const;

  AgentSelector agents_;
  MetricList metrics_;
  Filter filter_;
  Nanos now_;
};

}  // namespace weir::query
