#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "query/source_view.h"

namespace weir::query {

/// GET /metrics/json: metric name → milliseconds since it was last seen, over all agents (rest-api.md 3.1).
class MetricNamesQuery {
 public:
  MetricNamesQuery(const model::MetricNames& names, Nanos now) : names_(&names), now_(now) {}

  struct Partial {
    std::vector<Nanos> counters;  ///< by MetricId: newest; kNever where there is none
    std::map<std::string, Nanos, std::less<>> flows;
  };

  void visit(const SourceView& view, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  void write(const Partial& partial, JsonWriter& json) const;

 private:
  const model::MetricNames* names_;
  Nanos now_;
};

}  // namespace weir::query
