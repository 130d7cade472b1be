#include "query/dump_query.h"

#include "query/port_view.h"
#include "query/source_metrics.h"

namespace weir::query {

namespace {

const model::MetricId kHostNameId = model::metricTable().find("host_name"),
                      kGuestNameId = model::metricTable().find("vir_host_name"),
                      kIfSpeedId = model::metricTable().find("ifspeed"),
                      kIfTypeId = model::metricTable().find("iftype"),
                      kAdminStatusId = model::metricTable().find("ifadminstatus"),
                      kOperStatusId = model::metricTable().find("ifoperstatus");
constexpr std::uint32_t kGuestClass = 3;

void readText(const model::CounterState* counters, model::MetricId id, std::optional<std::string>& out) {
  model::MetricValue value;
  if (counters != nullptr && counters->value(id, value) && value.isText) out = value.text();
}

void readText(const model::CounterState* counters, model::MetricId id, std::string& out) {
  model::MetricValue value;
  if (counters != nullptr && counters->value(id, value) && value.isText) out = value.text();
}

PortFacts factsOf(const SourceView& port) {
  constexpr double kUnknown = 4'294'967'295;  // all ones in 32 bits, too (docs/metrics.md)
  PortFacts facts;
  facts.ifIndex = port.source.index;
  model::MetricValue speed;
  if (port.counters != nullptr && port.counters->value(kIfSpeedId, speed) && !speed.isText &&
      speed.number != kUnknown) {
    facts.speed = speed.number;
  }
  readText(port.counters, kIfTypeId, facts.type);
  readText(port.counters, kAdminStatusId, facts.adminStatus);
  readText(port.counters, kOperStatusId, facts.operStatus);
  return facts;
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
      asked_(context.now),
      part_(question.part),
      mostOctets_(question.mostOctets) {}

bool DumpQuery::visit(ShardView& shard, Partial& partial) const {
  if (!part_) return shard.eachSource([&](const SourceView& source) { visit(source, partial); });
  return shard.eachSourceOf(part_->agents, [&](const SourceView& source) {
    if (partial.sources.size() >= part_->most) return false;
    const bool isBehind = !part_->after || part_->after->agent < source.agent ||
                          (part_->after->agent == source.agent && *part_->after < keyOf(source));
    if (isBehind) visit(source, partial);
    return true;
  });
}

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
  const PortView port(source);
  if (port.isPort()) {
    const model::PortNames known = port.names();
    const std::string_view name = known.ifName.empty() ? topology_->portNameAt(known) : known.ifName;
    if (!name.empty()) names.port = name;
    names.facts = factsOf(source);
  } else if (source.customSource.empty() && source.source.cls == kGuestClass) {
    readText(source.counters, kGuestNameId, names.guest);
  }
  return names;
}

Outcome<DumpResult> DumpQuery::finish(Partial&& partial) const {
  DumpResult result{asked_, std::move(partial)};
  sortSources(result.records.sources,
              [&](const SourceRecords& source) { return recordsJson(source, result.records.names, asked_); });
  if (part_ && result.records.sources.size() > part_->most) {
    // Each shard told its first ones, so the first of all are complete. Two parts of one data source stay together.
    auto& sources = result.records.sources;
    std::size_t kept = part_->most;
    while (kept < sources.size() && sources[kept].key == sources[kept - 1].key) ++kept;
    sources.resize(kept);
  }
  return result;
}

}  // namespace weir::query
