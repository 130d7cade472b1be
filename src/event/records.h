#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"

namespace weir::event {

/// A threshold was crossed (docs/rest.md, "Event"). A plain value: it may come from a shard or, one day, another
/// machine.
struct Event {
  std::int64_t id = 0;  ///< given by the log, increasing by 1
  Nanos time = 0;
  std::string thresholdId;
  std::string metric;    ///< bare metric or flow name
  double threshold = 0;  ///< the limit
  double value = 0;      ///< what crossed it, same unit
  std::string agent;
  std::string dataSource;
  std::string node, port, link;        ///< that the data source is, or is at; empty: not known
  std::optional<std::string> flowKey;  ///< for flow metrics
  std::vector<double> values;          ///< extra values of the flow

  void write(JsonWriter& json) const;
  [[nodiscard]] const std::string& name() const { return thresholdId; }
};

/// A flow that ended (or started, with flowStart): docs/rest.md, "FlowRecord".
struct FlowRecord {
  std::int64_t id = 0;  ///< given by the log
  std::string flowName;
  std::string agent;
  std::string dataSource;
  std::string flowKeys;  ///< joined by the definition's fs
  double value = 0;      ///< estimated total over the record, not a rate
  std::vector<double> values;
  Nanos start = 0;
  Nanos end = 0;

  void write(JsonWriter& json) const;
  [[nodiscard]] const std::string& name() const { return flowName; }
};

}  // namespace weir::event
