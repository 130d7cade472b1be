#include "query/port_view.h"

#include "model/metric_table.h"

namespace weir::query {

namespace {
const model::MetricId kHostName = model::metricTable().find("host_name");
const model::MetricId kIfName = model::metricTable().find("ifname");
const model::MetricId kDpid = model::metricTable().find("of_dpid");
const model::MetricId kOfPort = model::metricTable().find("of_port");

void read(const model::CounterState* counters, model::MetricId id, model::MetricValue& out) {
  if (counters == nullptr || !counters->value(id, out) || !out.isText) out.setText({});
}
}  // namespace

PortView::PortView(const SourceView& view) : view_(view), isPort_(view.customSource.empty() && view.source.cls == 0) {
  read(view.host, kHostName, hostName_);
  if (!isPort_) return;
  read(view.counters, kIfName, ifName_);
  read(view.counters, kDpid, dpid_);
  read(view.counters, kOfPort, ofPort_);
}

model::PortNames PortView::names() const {
  return {view_.agent, view_.source.index, hostName_.text(), ifName_.text(), dpid_.text(), ofPort_.text()};
}

}  // namespace weir::query
