#include "engine/definition_hints.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

#include "base/edit_distance.h"
#include "flow/hints.h"
#include "model/metric_table.h"

namespace weir::engine {

namespace {

/// The property that names the files of a database.
std::string_view propertyOf(flow::LookupKind kind) {
  switch (kind) {
    case flow::LookupKind::country:
      return "geo.country";
    case flow::LookupKind::asn:
      return "geo.asn";
    case flow::LookupKind::oui:
      return "oui.names";
    default:
      return {};
  }
}

struct Around {
  const Definitions& definitions;
  const model::MetricNames& names;
};

bool isMetric(std::string_view name, const Around& around) {
  return around.definitions.flows.find(name) != nullptr || model::metricTable().find(name) != model::kNoMetric ||
         around.names.cameWithData(name);
}

/// A flow or metric that the name was probably meant to be; empty: none.
std::string_view nearestMetric(std::string_view name, const Around& around) {
  std::vector<std::string_view> known;
  for (const FlowEntry& flow : around.definitions.flows) {
    if (!flow.hidden) known.push_back(flow.name);
  }
  const model::MetricTable& table = model::metricTable();
  for (model::MetricId id = 0; id < table.size(); ++id) known.push_back(table.name(id));
  const std::size_t colon = name.rfind(':');  // statistics belong into queries: max:load_one
  return nearestName(colon == std::string_view::npos ? name : name.substr(colon + 1), known);
}

std::string noMetric(std::string_view name, const Around& around) {
  const std::string_view near = nearestMetric(name, around);
  return fmt::format("\"{}\" is neither a flow nor a metric of counters", name) +
         (near.empty() ? "" : fmt::format(", but {} is one", near));
}

void hintOfTable(const flow::LookupName& wanted, const Around& around, std::vector<HintAround>& out) {
  using flow::LookupKind;
  switch (wanted.kind) {
    case LookupKind::group:
    case LookupKind::map:
      if (tableOf(around.definitions, wanted) == nullptr) {
        out.push_back({fmt::format("there is no {} \"{}\": until one is set, nothing is in it",
                                   wanted.kind == LookupKind::group ? "group" : "map", wanted.name)});
      }
      break;
    case LookupKind::country:
    case LookupKind::asn:
    case LookupKind::oui:
      if (tableOf(around.definitions, wanted) == nullptr) {
        out.push_back({fmt::format("it looks up a database that is not there: property {} names its file",
                                   propertyOf(wanted.kind)),
                       false});
      }
      break;
    case LookupKind::host:
      if (!isMetric(wanted.name, around)) {
        out.push_back({noMetric(wanted.name, around) + ": host: finds it when agents send a metric of that name"});
      }
      break;
    case LookupKind::link:
      if (around.definitions.topology->empty())
        out.push_back({"link: needs a topology, and none is set: until then it has no value", false});
      break;
    case LookupKind::dns:
    case LookupKind::node:
    case LookupKind::ifname:
      break;
  }
}

}  // namespace

std::vector<HintAround> hintsAround(const FlowEntry& flow, const Definitions& definitions,
                                    const model::MetricNames& names) {
  const Around around{definitions, names};
  std::vector<HintAround> out;
  if (flow.compiled->definition().scope == flow::CacheScope::edge && around.definitions.topology->empty()) {
    out.push_back({flow::kNoTopologyHint, false});
  }
  for (const flow::LookupName& wanted : flow.compiled->lookups()) hintOfTable(wanted, around, out);
  return out;
}

std::vector<HintAround> hintsAround(const ThresholdEntry& threshold, const Definitions& definitions,
                                    const model::MetricNames& names) {
  const Around around{definitions, names};
  std::vector<HintAround> out;
  if (!isMetric(threshold.metric, around)) {
    out.push_back(
        {noMetric(threshold.metric, around) + ": the threshold fires when an application sends a metric of that name"});
  }
  for (const auto& [metric, accepted] : threshold.threshold.filter) {
    if (isMetric(metric, around)) continue;
    out.push_back(
        {noMetric(metric, around) + ": until agents send a metric of that name, its filter lets nothing pass"});
  }
  const FlowEntry* const flow = around.definitions.flows.find(threshold.metric);
  if (flow == nullptr) return out;
  if (flow->compiled->definition().scope == flow::CacheScope::edge && !threshold.threshold.filter.empty()) {
    out.push_back({"the filter has no effect: flows with aggMode edge belong to no data source", false});
  }
  return out;
}

namespace {

template <class Entry>
std::string noneOfThatName(const char* kind, std::string_view name, const EntryList<Entry>& entries) {
  constexpr std::size_t kMostCompared = 1'000;
  std::vector<std::string_view> known;
  for (const Entry& entry : entries) {
    if (known.size() == kMostCompared) break;
    if (!isHiddenName(entry.name)) known.push_back(entry.name);
  }
  const std::string_view near = nearestName(name, known);
  return fmt::format("there is no {} \"{}\"", kind, name) + (near.empty() ? "" : fmt::format(", but {} is one", near));
}

}  // namespace

std::optional<std::string> hintOnThreshold(std::string_view name, const Definitions& definitions) {
  if (definitions.thresholds.find(name) != nullptr) return std::nullopt;
  return noneOfThatName("threshold", name, definitions.thresholds);
}

std::optional<std::string> hintOnLoggedFlow(std::string_view name, const Definitions& definitions) {
  const FlowEntry* const flow = definitions.flows.find(name);
  if (flow == nullptr) return noneOfThatName("flow", name, definitions.flows);
  if (flow->compiled->definition().log) return std::nullopt;
  return fmt::format("flow \"{}\" has log: false, so that none of its records are kept", name);
}

std::optional<std::string> hintOnMetric(std::string_view name, const Definitions& definitions,
                                        const model::MetricNames& names) {
  const Around around{definitions, names};
  if (isMetric(name, around)) return std::nullopt;
  return noMetric(name, around);
}

namespace {

/// Fewer samples say nothing of a definition.
constexpr std::uint64_t kFlowSamples = 100, kCounterSamples = 10;

/// Those of the names that more than a few samples came for in vain.
std::map<std::string_view, std::uint64_t> inVain(const std::vector<query::Uncounted>& all, std::uint64_t least) {
  std::map<std::string_view, std::uint64_t> out;
  for (const query::Uncounted& each : all) {
    if (each.samples >= least) out.emplace(each.name, each.samples);
  }
  return out;
}

template <class Entry>
query::CountsNothing withHints(const char* kind, const Entry& entry, const Definitions& definitions,
                               const model::MetricNames& names) {
  query::CountsNothing out{kind, entry.name, entry.hints};
  for (HintAround& hint : hintsAround(entry, definitions, names)) out.reasons.push_back(std::move(hint.text));
  return out;
}

}  // namespace

std::vector<query::CountsNothing> countNothing(const Definitions& definitions, const model::MetricNames& names,
                                               const std::vector<query::Uncounted>& flows,
                                               const std::vector<query::Uncounted>& metrics, std::size_t most) {
  const auto idleFlows = inVain(flows, kFlowSamples), idleMetrics = inVain(metrics, kCounterSamples);
  std::vector<query::CountsNothing> out;
  for (const auto& [name, samples] : idleFlows) {
    if (out.size() == most) break;
    const FlowEntry* const flow = definitions.flows.find(name);
    if (flow == nullptr) continue;
    out.push_back(withHints("flow", *flow, definitions, names));
    if (out.back().reasons.empty()) {
      out.back().reasons.push_back(fmt::format("none of {} samples has its keys and passes its filter", samples));
    }
  }
  const std::size_t first = out.size();
  for (const ThresholdEntry& threshold : definitions.thresholds) {
    if (out.size() - first == most) break;
    const auto metric = idleMetrics.find(threshold.metric);
    const bool ofFlow = idleFlows.contains(threshold.metric);
    if (metric == idleMetrics.end() && !ofFlow) continue;
    out.push_back(withHints("threshold", threshold, definitions, names));
    if (ofFlow) out.back().reasons.push_back(fmt::format("flow {} counts nothing", threshold.metric));
    if (out.back().reasons.empty()) {
      out.back().reasons.push_back(
          fmt::format("none of {} samples of counters has {}", metric->second, threshold.metric));
    }
  }
  return out;
}

}  // namespace weir::engine
