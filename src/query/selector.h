#pragma once
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/metric_names.h"
#include "model/topology.h"
#include "query/question.h"
#include "query/source_view.h"

/// The selectors of the REST resources for metrics, parsed. Values: shared by all shards.
namespace weir::query {

struct Context;

/// One value as a query reads it: of a counter metric or of a flow metric.
struct Value {
  model::MetricValue metric;
  bool isFlow = false;
};

/// A name to look up in a data source.
struct MetricRef {
  std::string name;
  model::MetricId id = model::kNoMetric;  ///< kNoMetric: no counter metric has this name
  /// Reads a counter metric of that name, else a flow metric. False: the data source has none.
  bool read(const SourceView& view, Value& out) const;
  /// Reads a counter metric of the agent's host data source. Where the host does not tell its host_name, it is the name
  /// of the agent's node in the topology, which is so at `now`.
  bool readHost(const SourceView& view, Nanos now, Value& out) const;
};

/// `ALL`, `TOPOLOGY`, `EDGE`, `CORE`, addresses, node names and host names, separated by `;` or `,`.
class AgentSelector {
 public:
  /// Error: nothing but separators.
  [[nodiscard]] static Expected<AgentSelector> parse(std::string_view text,
                                                     std::shared_ptr<const model::Topology> topology);
  /// Exactly one agent, by address or name; tokens are names like any other.
  [[nodiscard]] static AgentSelector single(std::string_view text, std::shared_ptr<const model::Topology> topology);
  [[nodiscard]] bool matches(const SourceView& view) const;
  /// Whether the edge of the topology is selected, on any agent.
  [[nodiscard]] bool includesEdge() const { return all_ || topologyAgents_ || edge_; }

 private:
  void add(std::string_view item);
  [[nodiscard]] bool matchesTopology(const SourceView& view) const;
  std::shared_ptr<const model::Topology> topology_;
  bool all_ = false, topologyAgents_ = false, edge_ = false, core_ = false;
  std::vector<AgentId> addresses_;      // sorted
  std::vector<std::string> hostNames_;  // lower case, sorted
};

/// Whether a flow of the whole fabric that is kept at `source` came in where the selector looks.
[[nodiscard]] bool includesPlace(const AgentSelector& selector, const SourceView& source, const FlowAtSource& flow);

/// Limits a metric to one data source: `3.`, `2.1.`, `name.`.
struct SourceRef {
  std::string text;
  std::optional<wire::DataSource> source;  ///< of a numbered data source
  [[nodiscard]] bool matches(const SourceView& view) const;
  [[nodiscard]] bool isHost() const { return source && *source == wire::DataSource{2, 1}; }
};

/// How the values of all data sources become one.
enum class Operation : std::uint8_t { max, min, sum, avg, var, sdev, med, q1, q2, q3, iqr, any };

/// One item of a metric list.
struct MetricItem {
  std::string text;  ///< as requested, for the echo
  MetricRef metric;
  std::optional<SourceRef> source;
  Operation operation = Operation::max;
  bool optional = false;  ///< `null:`
  bool sort = false;      ///< `sort:`
  long limit = 0;         ///< of sort: rows kept, negative descending; 0 all, ascending
  static constexpr long kAllRows = std::numeric_limits<long>::max();
};

/// Which resource the list belongs to: operations are of /metric, `sort:` and `null:` of /table, `ALL` of /dump.
enum class ListKind : std::uint8_t { metric, table, dump };

struct MetricList {
  bool all = false;  ///< `ALL`
  std::vector<MetricItem> items;
  /// Items separated by `,` or `;`, empty ones left out. Errors name the attribute `metric` and the position of the
  /// item.
  [[nodiscard]] static Expected<MetricList> parse(std::string_view text, ListKind kind,
                                                  const model::MetricNames& names);
};

/// Filter parameters: each name must match one of its values; a name that the data source lacks is looked up at the
/// agent's host.
class Filter {
 public:
  [[nodiscard]] static Expected<Filter> parse(const Parameters& parameters, const model::MetricNames& names);
  [[nodiscard]] bool passes(const SourceView& view) const;

 private:
  struct Pattern {
    std::string text;
    std::optional<double> number;
    [[nodiscard]] bool matches(const model::MetricValue& value) const;
  };
  struct Condition {
    MetricRef metric;
    std::vector<Pattern> patterns;
  };
  std::vector<Condition> conditions_;
};

/// What /metric, /table and /dump select.
struct Selection {
  AgentSelector agents;
  MetricList metrics;
  Filter filter;
  [[nodiscard]] static Expected<Selection> parse(std::string_view agents, std::string_view metrics,
                                                 const Parameters& filter, ListKind kind, const Context& context);
  /// Whether the data source takes part.
  [[nodiscard]] bool matches(const SourceView& source) const { return agents.matches(source) && filter.passes(source); }
};

/// Whether the whole text matches the pattern; `*` stands for any octets.
[[nodiscard]] bool wildcardMatch(std::string_view pattern, std::string_view text);

}  // namespace weir::query
