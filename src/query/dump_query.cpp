#include "query/dump_query.h"

#include "query/source_metrics.h"

namespace weir::query {

namespace {

const model::MetricId kHostNameId = model::metricTable().find("host_name"),
                      kIfNameId = model::metricTable().find("ifname"),
                      kGuestNameId = model::metricTable().find("vir_host_name");
constexpr std::uint32_t kPortClass = 0, kGuestClass = 3;

void readText(const model::CounterState* counters, model::MetricId id, std::optional<std::string>& out) {
  model::MetricValue value;
  if (counters != nullptr && counters->value(id, value) && value.isText) out = value.text();
}

}  // namespace

Outcome<DumpQuery> DumpQuery::prepare(const DumpQuestion& question, const Context& context) {
  auto selection = Selection::parse(question.agents, question.metrics, question.filter, ListKind::dump, context);
  if (!selection) return invalid(std::move(selection.error()));
  return DumpQuery(std::move(*selection), question, context);
}

DumpQuery::DumpQuery(Selection selection, const DumpQuestion& question, const Context& context)
    : selection_(std::move(selection)),
      flows_(question.flows),
      sourceNames_(question.sourceNames),
      names_(context.names),
      topology_(context.topology),
      asked_(context.now) {}

void DumpQuery::visit(const SourceView& source, Partial& partial) const {
  if (!selection_.matches(source)) return;
  SourceRecords found;
  // The next data source is likely to need as much as the last one.
  if (!partial.sources.empty()) found.records.reserve(partial.sources.back().records.size());
  if (!selection_.metrics.all) {
    addSelected(source, found, partial);
  } else {
    addCounters(source, *names_, found, partial);
    if (flows_) addFlows(source, true, found, partial);
  }
  if (found.records.empty()) return;
  found.key = keyOf(source);
  if (sourceNames_) found.names = namesOf(source);
  partial.sources.push_back(std::move(found));
}

void DumpQuery::addSelected(const SourceView& source, SourceRecords& to, Partial& partial) const {
  SourceView view = source;
  if (!flows_) view.flows = nullptr;
  Value value;
  FlowMetric flow;
  for (const MetricItem& item : selection_.metrics.items) {
    if ((item.source && !item.source->matches(view)) || !item.metric.read(view, value)) continue;
    if (!value.isFlow) {
      partial.add(to, item.metric.name, value.metric);
    } else if (view.flows->flowMetric(item.metric.name, true, flow)) {
      partial.add(to, std::move(flow));
    }
  }
}

SourceNames DumpQuery::namesOf(const SourceView& source) const {
  SourceNames names;
  readText(source.host, kHostNameId, names.host);
  if (!names.host) {
    model::PortNames agent;  // and none of its ports: the node, if it is the only one
    agent.agent = source.agent;
    if (const auto node = topology_->nodeAt(agent); !node.empty()) names.host = node;
  }
  if (!source.customSource.empty()) return names;
  if (source.source.cls == kPortClass) readText(source.counters, kIfNameId, names.port);
  if (source.source.cls == kGuestClass) readText(source.counters, kGuestNameId, names.guest);
  return names;
}

Outcome<DumpResult> DumpQuery::finish(Partial&& partial) const {
  DumpResult result{asked_, std::move(partial)};
  sortSources(result.records.sources,
              [&](const SourceRecords& source) { return recordsJson(source, result.records.names, asked_); });
  return result;
}

}  // namespace weir::query
