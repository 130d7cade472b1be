#pragma once
#include "model/metric_value.h"
#include "model/topology.h"
#include "query/source_view.h"

namespace weir::query {

/// A data source as the topology knows ports: the names that its counters gave. Valid as long as the state that the
/// view shows.
class PortView {
 public:
  explicit PortView(const SourceView& view);
  /// False: no port, but a host, a container or a custom data source.
  [[nodiscard]] bool isPort() const { return isPort_; }
  [[nodiscard]] model::PortNames names() const;

 private:
  const SourceView& view_;
  bool isPort_;
  model::MetricValue hostName_, ifName_, dpid_, ofPort_;
};

}  // namespace weir::query
