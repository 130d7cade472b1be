#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "model/counter_state.h"
#include "wire/datagram.h"

namespace weir::query {

/// An entry of a flow metric's top list, key parts joined by the definition's `fs`.
struct TopKey {
  std::string key;
  double value = 0;
  Nanos updated = 0;
  std::vector<double> values;  ///< additional values; may be empty
};

/// A flow definition as a metric of one data source: its value is that of its largest flow.
struct FlowMetric {
  std::string name;
  double value = 0;
  Nanos updated = 0;
  std::vector<TopKey> topKeys;  ///< only where asked for; in any order
};

/// The flow metrics of one data source, read on its shard's thread during a visit.
class FlowMetricReader {
 public:
  virtual ~FlowMetricReader() = default;
  /// False: this data source has no such flow metric at present. Everything of `out` is replaced.
  [[nodiscard]] virtual bool flowMetric(std::string_view name, bool withTopKeys, FlowMetric& out) const = 0;
  /// Receives every flow metric, in an order that is the same for the same state.
  class Visitor {
   public:
    virtual void flow(const FlowMetric& metric) = 0;

   protected:
    ~Visitor() = default;
  };
  virtual void forEachFlowMetric(bool withTopKeys, Visitor& visitor) const = 0;
};

/// What a query sees of one data source of one agent. Valid during the call, on the thread that owns the state.
struct SourceView {
  IpAddress agent;
  wire::DataSource source;                        ///< without meaning for a custom data source
  std::string_view customSource;                  ///< name of an rtmetric data source; else empty
  const model::CounterState* counters = nullptr;  ///< may be nullptr
  const model::CounterState* host = nullptr;      ///< data source 2.1 of the agent, may be nullptr
  const FlowMetricReader* flows = nullptr;        ///< may be nullptr
};

/// Which data source a partial result came from. Its order is the canonical order of answers: agent, numbered data
/// sources, custom ones by name.
struct SourceKey {
  IpAddress agent;
  bool custom = false;
  wire::DataSource source;
  std::string name;  ///< of a custom data source
  friend auto operator<=>(const SourceKey&, const SourceKey&) = default;
};
[[nodiscard]] SourceKey keyOf(const SourceView& view);

/// ifIndex for class 0, otherwise `class.index`; the name of a custom one (rest-api.md 1.7).
void appendSourceText(std::string& out, const SourceView& view);
[[nodiscard]] std::string sourceText(const SourceKey& key);

}  // namespace weir::query
