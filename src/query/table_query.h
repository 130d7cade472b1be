#pragma once
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "query/selector.h"

namespace weir::query {

/// GET /table/{agent}/{metric}/json: a row per data source that has all columns (rest-api.md 3.4). Immutable: shared by
/// the shards.
class TableQuery {
 public:
  TableQuery(AgentSelector agents, MetricList columns, Filter filter, Nanos now);

  struct Row {
    SourceKey key;
    bool hasSort = false, sortIsText = false;
    double sortNumber = 0;
    std::string sortText;
    std::string json;  ///< the cells
  };
  struct Partial {
    std::vector<Row> rows;
  };

  void visit(const SourceView& view, Partial& partial) const;
  void merge(Partial& into, Partial&& from) const;
  void write(Partial partial, JsonWriter& json) const;

 private:
  [[nodiscard]] bool before(const Row& a, const Row& b) const;
  [[nodiscard]] std::size_t rowsKept() const;
  void prune(Partial& partial, std::size_t slack) const;

  AgentSelector agents_;
  MetricList columns_;
  Filter filter_;
  Nanos now_;
  int sort_ = -1;  // the column with `sort:`
};

}  // namespace weir::query
