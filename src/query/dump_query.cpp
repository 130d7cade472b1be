#include "query/dump_query.h"

#include <iterator>

namespace weir::query {

namespace {
class FlowRecords final : public FlowMetricReader::Visitor {
 public:
  explicit FlowRecords(RecordWriter& records) : records_(records) {}
  void flow(const FlowMetric& metric) override { records_.flow(metric); }

 private:
  RecordWriter& records_;
};
}  // namespace

void DumpQuery::visit(const SourceView& view, Partial& partial) const {
  if (!agents_.matches(view) || !filter_.passes(view)) return;
  Fragment fragment;
  // The next data source is likely to need as much as the last one.
  if (!partial.fragments.empty()) fragment.json.reserve(partial.fragments.back().json.size() + 64);
  RecordWriter records(fragment.json, view, now_);
  if (metrics_.all) {
    all(view, records);
  } else {
    Value value;
    FlowMetric flow;
    for (const MetricItem& item : metrics_.items) {
      if ((item.source && !item.source->matches(view)) || !item.metric.read(view, value)) continue;
      if (!value.isFlow) {
        records.value(item.metric.name, value.metric);
      } else if (view.flows->flowMetric(item.metric.name, true, flow)) {
        records.flow(flow);
      }
    }
  }
  if (fragment.json.empty()) return;
  fragment.key = keyOf(view);
  partial.fragments.push_back(std::move(fragment));
}

void DumpQuery::all(const SourceView& view, RecordWriter& records) const {
  if (view.counters != nullptr)
    view.counters->forEach(
        [&](model::MetricId id, const model::MetricValue& value) { records.value(names_->name(id), value); });
  if (view.flows != nullptr) {
    FlowRecords flows(records);
    view.flows->forEachFlowMetric(true, flows);
  }
}

void DumpQuery::merge(Partial& into, Partial&& from) {
  if (into.fragments.empty()) {
    into.fragments = std::move(from.fragments);
  } else {
    std::move(from.fragments.begin(), from.fragments.end(), std::back_inserter(into.fragments));
  }
}

void DumpQuery::write(Partial partial, JsonWriter& json) {
  sortFragments(partial.fragments);
  json.reserve(sizeOf(partial.fragments));
  json.beginArray();
  for (const Fragment& fragment : partial.fragments) json.raw(fragment.json);
  json.endArray();
}

}  // namespace weir::query
