#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/topology.h"
#include "query/selector.h"

namespace weir::query {

/// How an export names metrics.
struct ExportNames {
  std::string prefix;
  bool types = false;  ///< a `# TYPE` line before each metric
};

/// GET /prometheus/metrics/{agent}/{metric}/txt: numeric metrics as lines `name{labels} value` (rest-api.md 8.5).
/// Texts and flow metrics are left out; no series stands twice. Immutable: shared by the shards.
class PrometheusQuery {
 public:
  /// `topology` names the hosts of agents that do not name themselves; never nullptr.
  PrometheusQuery(AgentSelector agents, MetricList metrics, Filter filter, const model::MetricNames& names,
                  std::shared_ptr<const model::Topology> topology, ExportNames exported);

  /// The lines of one data source.
  struct Lines {
    struct Line {
      model::MetricId metric;
      std::uint32_t end;  ///< of the line in `text`; the next one begins there
    };
    SourceKey key;
    std::string text;
    std::vector<Line> lines;
  };
  struct Partial {
    std::vector<Lines> sources;
    std::map<model::MetricId, std::string> names;  ///< as exported, of the metrics seen
  };

  void visit(const SourceView& view, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  /// All lines of a metric stand together, as the format wants it: metrics by name, in each agents and data sources in
  /// canonical order.
  [[nodiscard]] std::string write(Partial partial) const;

 private:
  class Writer;
  AgentSelector agents_;
  MetricList metrics_;
  Filter filter_;
  const model::MetricNames* names_;
  std::shared_ptr<const model::Topology> topology_;
  ExportNames exported_;
  model::MetricId hostName_, ifName_, virtualHost_;
};

}  // namespace weir::query
