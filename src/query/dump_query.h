#pragma once
#include <vector>

#include "base/json_writer.h"
#include "query/record.h"
#include "query/selector.h"

namespace weir::query {

/// GET /dump/{agent}/{metric}/json: every matching value (rest-api.md 3.5). Immutable: shared by the shards.
class DumpQuery {
 public:
  DumpQuery(AgentSelector agents, MetricList metrics, Filter filter, const model::MetricNames& names, Nanos now)
      : agents_(std::move(agents)),
        metrics_(std::move(metrics)),
        filter_(std::move(filter)),
        names_(&names),
        now_(now) {}

  /// The records of each data source as JSON, ready to be sent.
  struct Partial {
    std::vector<Fragment> fragments;
  };

  void visit(const SourceView& view, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  /// Agents and data sources in canonical order; within one, counters as they appeared (or as requested), then flows.
  static void write(Partial partial, JsonWriter& json);

 private:
  void all(const SourceView& view, RecordWriter& records) const;

  AgentSelector agents_;
  MetricList metrics_;
  Filter filter_;
  const model::MetricNames* names_;
  Nanos now_;
};

}  // namespace weir::query
