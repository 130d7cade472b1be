#include "engine/definition_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <string>
#include <utility>

#include "engine/ipfix_export.h"
#include "flow/hints.h"
#include "model/metric_table.h"

namespace weir::engine {

namespace {

/// A flow is a metric, too: its name must lead to it and to nothing else.
Expected<void> checkFlowName(const std::string& name) {
  if (name == "ALL") return fail("ALL means all flows or metrics, so it cannot be the name of one", "name");
  if (model::metricTable().find(name) != model::kNoMetric) {
    return fail("\"" + name +
                    "\" is a metric of counters, which a flow of this name would hide: take another name, such as \"" +
                    name + "_flow\"",
                "name");
  }
  return {};
}

/// Old scripts use such names and ask for active flows only.
constexpr const char* kNoMetricName =
    "a name with '.', ',' or ';' cannot be asked for as a metric or watched by a threshold; its active flows and "
    "records can";

/// A metric may come later than the threshold that looks at it, so its name is known from here on.
Expected<void> expectMetric(model::MetricNames& names, std::string_view name, const char* attribute) {
  if (name.empty()) return fail("expected the name of a metric or flow", attribute);
  if (name.size() > model::MetricNames::kMaxNameLength) {
    return fail("expected a name of at most " + std::to_string(model::MetricNames::kMaxNameLength) + " characters",
                attribute);
  }
  if (names.intern(name, model::MetricNames::Origin::user) != model::kNoMetric) return {};
  return fail("cannot watch \"" + std::string(name) + "\": weir remembers no more than " +
                  std::to_string(model::MetricNames::kMaxDynamic) +
                  " names of metrics beside its own, and all are used until it starts anew",
              attribute);
}

Expected<SetKind::Entry> setEntry(Expected<enrich::NamedSet> set, const DefinitionReading& reading) {
  if (!set) return std::unexpected(std::move(set.error()));
  SetKind::Entry entry;
  entry.set = std::move(*set);
  entry.updated = reading.now();
  return entry;
}

/// What is hardly meant of a threshold on a metric of counters.
void hintOfMetric(const ThresholdEntry& entry, std::vector<std::string>& hints) {
  const model::MetricId id = model::metricTable().find(entry.metric);
  if (id == model::kNoMetric) return;
  if (model::metricTable().unit(id).empty()) {
    hints.push_back(fmt::format("the values of {} are texts, which are never above a limit", entry.metric));
  }
  if (entry.threshold.byFlow) {
    hints.push_back(fmt::format("byFlow has no effect: {} is a metric of counters, which has no flows", entry.metric));
  }
}

}  // namespace

Expected<FlowEntry> FlowKind::compile(std::string_view name, flow::Definition definition) {
  auto compiled = flow::CompiledDefinition::compile(std::string(name), std::move(definition));
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  const flow::Definition& d = (*compiled)->definition();
  const flow::ValueCells* const cells = (*compiled)->cells().empty() ? nullptr : &(*compiled)->cells();
  FlowEntry entry;
  entry.hidden = isHiddenName(name);
  entry.cache = {(*compiled)->keySize(), d.n, d.t, cells, (*compiled)->valueIsCell()};
  entry.log.keySize = (*compiled)->keySize();
  entry.log.cells = cells;
  entry.log.idle = std::max(nanosFromSeconds(2 * d.t), 5 * kSecond);
  entry.log.active = nanosFromSeconds(d.activeTimeout);
  entry.log.flowStart = d.flowStart;
  entry.ipfix = ipfixExportOf(**compiled);
  entry.compiled = std::move(*compiled);
  return entry;
}

Expected<FlowEntry> FlowKind::read(std::string_view name, const boost::json::value& body, DefinitionReading&) {
  auto definition = flow::Definition::fromJson(body);
  if (!definition) return std::unexpected(std::move(definition.error()));
  if (auto ok = checkFlowName(std::string(name)); !ok) return std::unexpected(std::move(ok.error()));
  auto entry = compile(name, std::move(*definition));
  if (!entry) return std::unexpected(std::move(entry.error()));
  if (name.find_first_of(".,;") != std::string_view::npos) entry->hints.emplace_back(kNoMetricName);
  for (std::string& hint : flow::hintsOf(body, *entry->compiled)) entry->hints.push_back(std::move(hint));
  return entry;
}

bool FlowKind::same(const Entry& a, const Entry& b) {
  return a.compiled->definition() == b.compiled->definition();
}

void FlowKind::write(JsonWriter& json, const Entry& entry) {
  entry.compiled->definition().writeJson(json);
}

Expected<ThresholdEntry> ThresholdKind::read(std::string_view, const boost::json::value& body,
                                             DefinitionReading& reading) {
  auto threshold = event::Threshold::fromJson(body);
  if (!threshold) return std::unexpected(std::move(threshold.error()));
  ThresholdEntry entry;
  entry.metric = threshold->metric;
  if (const std::size_t dot = entry.metric.rfind('.'); dot != std::string::npos) {
    entry.dataSource = entry.metric.substr(0, dot);
    entry.metric.erase(0, dot + 1);
  }
  if (auto ok = expectMetric(reading.names, entry.metric, "metric"); !ok) return std::unexpected(std::move(ok.error()));
  Parameters conditions;
  for (const auto& [metric, accepted] : threshold->filter) {
    if (auto ok = expectMetric(reading.names, metric, "filter"); !ok) return std::unexpected(std::move(ok.error()));
    for (const std::string& text : accepted) conditions.emplace_back(metric, text);
  }
  auto filter = query::Filter::parse(conditions, reading.names);
  if (!filter) return std::unexpected(std::move(filter.error()));
  entry.filter = std::move(*filter);
  entry.threshold = std::move(*threshold);
  static constexpr std::array<std::string_view, 5> kMembers{"metric", "value", "byFlow", "timeout", "filter"};
  entry.hints = flow::memberHints(body, kMembers);
  hintOfMetric(entry, entry.hints);
  return entry;
}

Expected<SetKind::Entry> GroupKind::read(std::string_view, const boost::json::value& body, DefinitionReading& reading) {
  return setEntry(enrich::readGroup(body), reading);
}

Expected<SetKind::Entry> MapKind::read(std::string_view, const boost::json::value& body, DefinitionReading& reading) {
  return setEntry(enrich::readMap(body), reading);
}

Expected<ForwardingKind::Entry> ForwardingKind::read(std::string_view, const boost::json::value& body,
                                                     DefinitionReading& reading) {
  auto forwarding = Forwarding::fromJson(body);
  if (!forwarding) return std::unexpected(std::move(forwarding.error()));
  if (forwarding->port == reading.ownPort.load() && isOwnAddress(forwarding->address)) {
    return fail("expected another collector: datagrams sent there would come back here", "address");
  }
  Entry entry;
  entry.forwarding = std::move(*forwarding);
  static constexpr std::array<std::string_view, 3> kMembers{"address", "port", "agents"};
  entry.hints = flow::memberHints(body, kMembers);
  return entry;
}

}  // namespace weir::engine
