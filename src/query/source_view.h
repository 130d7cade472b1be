#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/agent_id.h"
#include "base/time.h"
#include "flow/definition.h"
#include "model/counter_state.h"
#include "query/distinct_keys.h"
#include "query/records.h"
#include "query/source_key.h"
#include "wire/datagram.h"

namespace weir::model {
class Topology;
}

namespace weir::query {

struct PlaceNames;

/// A flow definition as a metric of one data source: its value is that of its largest flow.
struct FlowMetric {
  std::string name;
  double value = 0;
  Nanos updated = 0;
  std::vector<TopKey> topKeys;  ///< only where asked for; in any order
};

/// A flow that a data source keeps.
struct FlowAtSource {
  const std::uint8_t* key = nullptr;  ///< its octets, as many as the definition's keys have; valid as the view is
  double value = 0;                   ///< of the definition
  double age = 0;                     ///< seconds since the last sample
  /// Where it is: the data source itself, or, of a flow of the whole fabric, where its packets came in last.
  AgentId agent;
  wire::DataSource source;
  std::shared_ptr<const PlaceNames> names;  ///< of that place, of a flow of the whole fabric; may be nullptr
  /// The value of the definition, then its `values`; only where asked for.
  std::vector<flow::ValueCells::Reading> values;
};

/// The flow metrics of one data source, read on its shard's thread during a visit.
class FlowMetricReader {
 public:
  virtual ~FlowMetricReader() = default;
  /// False: this data source has no such flow metric at present. Everything of `out` is replaced.
  [[nodiscard]] virtual bool flowMetric(std::string_view name, bool withTopKeys, FlowMetric& out) const = 0;
  /// Calls visit(FlowMetric&) for every flow metric, in an order that is the same for the same state. Visitors may take
  /// what they want out of it.
  template <class Visit>
  void forEachFlowMetric(bool withTopKeys, Visit&& visit) const {
    struct Caller final : Visitor {
      explicit Caller(Visit& v) : call(v) {}
      void flow(FlowMetric& metric) override { call(metric); }
      Visit& call;
    } caller(visit);
    visitFlowMetrics(withTopKeys, caller);
  }

  /// The largest flows of a definition at this data source, no more than its n, in no order; everything of `out` is
  /// replaced. False: the data source has no flows of that definition.
  [[nodiscard]] virtual bool flowsOf(const flow::CompiledDefinition& definition, bool withValues,
                                     std::vector<FlowAtSource>& out) const = 0;
  /// Adds all flows of that definition at this data source whose value is at least `least`, beyond its n, too.
  virtual void countFlows(const flow::CompiledDefinition& definition, double least, DistinctKeys& all) const = 0;

 protected:
  class Visitor {
   public:
    virtual void flow(FlowMetric& metric) = 0;

   protected:
    ~Visitor() = default;
  };
  virtual void visitFlowMetrics(bool withTopKeys, Visitor& visitor) const = 0;
};

/// What a query sees of one data source of one agent. Valid during the call, on the thread that owns the state.
struct SourceView {
  AgentId agent;
  wire::DataSource source;                        ///< without meaning for a custom data source
  std::string_view customSource;                  ///< name of an rtmetric data source; else empty
  const model::CounterState* counters = nullptr;  ///< may be nullptr
  const model::CounterState* host = nullptr;      ///< data source 2.1 of the agent, may be nullptr
  const FlowMetricReader* flows = nullptr;        ///< may be nullptr
  const model::Topology* topology = nullptr;      ///< names the agent where its host does not; may be nullptr
};

[[nodiscard]] SourceKey keyOf(const SourceView& view);

}  // namespace weir::query
