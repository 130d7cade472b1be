#include "query/agent_metrics_query.h"

#include <iterator>

namespace weir::query {

namespace {

class Members final : public FlowMetricReader::Visitor {
 public:
  Members(std::string& out, const SourceView& view) : out_(out) {
    appendSourceText(prefix_, view);
    prefix_ += '.';
  }
  void flow(const FlowMetric& metric) override {
    open(metric.name);
    appendJsonNumber(out_, metric.value);
  }
  void value(std::string_view name, const model::MetricValue& value) {
    open(name);
    appendValue(out_, value);
  }

 private:
  void open(std::string_view name) {
    if (!out_.empty()) out_ += ',';
    full_ = prefix_;
    full_ += name;
    appendJsonString(out_, full_);
    out_ += ':';
  }
  std::string& out_;
  std::string prefix_, full_;
};

}  // namespace

void AgentMetricsQuery::visit(const SourceView& view, Partial& partial) const {
  if (!agent_.matches(view)) return;
  Fragment fragment;
  fragment.key = keyOf(view);
  Members members(fragment.json, view);
  if (view.counters != nullptr)
    view.counters->forEach(
        [&](model::MetricId id, const model::MetricValue& value) { members.value(names_->name(id), value); });
  if (view.flows != nullptr) view.flows->forEachFlowMetric(false, members);
  partial.fragments.push_back(std::move(fragment));
}

void AgentMetricsQuery::merge(Partial& into, Partial&& from) {
  if (into.fragments.empty()) {
    into.fragments = std::move(from.fragments);
  } else {
    std::move(from.fragments.begin(), from.fragments.end(), std::back_inserter(into.fragments));
  }
}

void AgentMetricsQuery::write(Partial partial, JsonWriter& json) {
  sortFragments(partial.fragments);
  json.reserve(sizeOf(partial.fragments));
  json.beginObject();
  for (const Fragment& fragment : partial.fragments) {
    if (fragment.key.agent != partial.fragments.front().key.agent) break;
    if (!fragment.json.empty()) json.raw(fragment.json);
  }
  json.endObject();
}

}  // namespace weir::query
