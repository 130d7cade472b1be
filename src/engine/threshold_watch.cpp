#include "engine/threshold_watch.h"

#include <algorithm>

#include "engine/flow_reader.h"
#include "engine/settings.h"

namespace weir::engine {

namespace {

/// What flows of a definition are remembered by.
std::string_view keyBytes(const FlowInForce& flow, const std::uint8_t* key) {
  return {reinterpret_cast<const char*>(key), flow.entry->cache.keySize};
}

}  // namespace

void ThresholdWatch::adopt() {
  const auto& flows = context_.definitions->flows;
  onMetrics_.clear();
  for (const ThresholdEntry& threshold : context_.definitions->thresholds) {
    const bool isFlow = std::any_of(flows.begin(), flows.end(),
                                    [&](const FlowEntry& f) { return f.compiled->name() == threshold.metric; });
    if (isFlow) continue;
    if (const auto id = context_.names.find(threshold.metric); id != model::kNoMetric) {
      onMetrics_.push_back({id, &threshold});
    }
  }
  std::stable_sort(onMetrics_.begin(), onMetrics_.end(),
                   [](const OnMetric& a, const OnMetric& b) { return a.metric < b.metric; });
}

std::vector<FlowInForce::Watch> ThresholdWatch::on(const FlowEntry& flow) const {
  std::vector<FlowInForce::Watch> watches;
  for (const ThresholdEntry& threshold : context_.definitions->thresholds) {
    if (threshold.metric == flow.compiled->name()) watches.push_back({&threshold, 0});
  }
  return watches;
}

void ThresholdWatch::forget(const ThresholdEntry& threshold, const AgentTable& agents) const {
  const auto isOf = [&](const auto& arming) {
    return arming->slot == threshold.slot && arming->generation == threshold.generation;
  };
  for (const auto& agent : agents.list()) {
    for (DataSourceState* source : agent->ordered) std::erase_if(source->armings, isOf);
    for (auto& [name, custom] : agent->custom) std::erase_if(custom->armings, isOf);
  }
}

void ThresholdWatch::forget(const FlowEntry& flow, const Definitions& before, DataSourceState& source) const {
  std::erase_if(source.armings, [&](const auto& arming) {
    return std::any_of(before.thresholds.begin(), before.thresholds.end(), [&](const ThresholdEntry& t) {
      return t.slot == arming->slot && t.generation == arming->generation && t.metric == flow.compiled->name();
    });
  });
}

ArmingState& ThresholdWatch::armingFor(const WatchedSource& source, const ThresholdEntry& threshold) {
  auto& armings = source.armings;
  auto it = std::find_if(armings.begin(), armings.end(), [&](const auto& a) { return a->slot == threshold.slot; });
  if (it == armings.end()) it = armings.insert(it, std::make_unique<ArmingState>());
  ArmingState& state = **it;
  if (state.generation != threshold.generation) state = ArmingState();
  state.slot = threshold.slot;
  state.generation = threshold.generation;
  return state;
}

/// A flow whose value is not above the limit any more, where that is remembered of it. Of the metric, which is the
/// largest flow, the others may still be: a look at all of them is taken once a tick at most.
void ThresholdWatch::fellBelow(const WatchedSource& source, const ThresholdEntry& threshold, const FlowInForce& flow,
                               const std::uint8_t* key) const {
  const auto it = std::find_if(source.armings.begin(), source.armings.end(),
                               [&](const auto& a) { return a->slot == threshold.slot; });
  if (it == source.armings.end() || (*it)->generation != threshold.generation) return;
  ArmingState& state = **it;
  if (threshold.threshold.byFlow) {
    if (const auto found = state.flows.find(keyBytes(flow, key)); found != state.flows.end())
      found->second.below(context_.now);
    return;
  }
  if (state.all.armedAt(0) <= context_.now || context_.now < state.nextLook) return;
  state.nextLook = context_.now + kTick;
  const flow::FlowCache& cache = source.numbered->flows[flow.entry->slot].cache;
  if (cache.largest(flow.time, flow.entry->cache) <= threshold.threshold.value) state.all.below(context_.now);
}

bool ThresholdWatch::passesFilter(const WatchedSource& source, const ThresholdEntry& threshold) const {
  FlowReader flows(*context_.definitions, context_.now);
  flows.look(source.numbered);
  query::SourceView view = viewOf(source.agent, source.numbered, source.custom);
  view.flows = &flows;
  return threshold.filter.passes(view);
}

void ThresholdWatch::flowChanged(DataSourceState& dataSource, FlowInForce& flow, const MeasuredFlow& measured) {
  const WatchedSource source(dataSource);
  for (const auto& watch : flow.watches) {
    const ThresholdEntry& entry = *watch.entry;
    if (!(measured.measure > watch.limit)) {
      // A rate falls by itself, and when is known; a function's value falls with a sample.
      if (flow.entry->cache.valueIsCell) fellBelow(source, entry, flow, measured.key);
      continue;
    }
    if (entry.dataSource && *entry.dataSource != source.text()) continue;
    // The whole fabric has no counters that a filter could look at.
    if (!flow.ofFabric && !entry.threshold.filter.empty() && !passesFilter(source, entry)) continue;
    const Nanos timeout = nanosFromSeconds(entry.threshold.timeout);
    const Nanos below = flow.entry->cache.valueIsCell
                            ? context_.now + nanosFromSeconds(flow.entry->cache.lifetime())
                            : event::timeBelow(context_.now, measured.value, entry.threshold.value, flow.taus);
    ArmingState& state = armingFor(source, entry);
    if (!entry.threshold.byFlow) {
      // Another flow may stay above for longer than this one: below is when the last of them falls.
      if (state.all.above(context_.now, below, timeout)) emitLargest(source, entry, flow);
      continue;
    }
    const std::string_view name = keyBytes(flow, measured.key);
    auto it = state.flows.find(name);
    if (it == state.flows.end()) {
      if (!makeRoom(state, timeout)) {
        ++context_.figures.refusedArmings;
        continue;
      }
      it = state.flows.emplace(name, event::Arming()).first;
    }
    if (it->second.above(context_.now, below, timeout)) emitOfFlow(source, entry, flow, measured);
  }
}

/// Room for one more flow among those that a threshold remembers. A look at all of them is dear, so it is taken again
/// only when one of them may be armed, and at most once a tick.
bool ThresholdWatch::makeRoom(ArmingState& state, Nanos timeout) const {
  if (state.flows.size() < Limits::kArmingsOfSource) return true;
  if (context_.now < state.nextLook) return false;
  Nanos earliest = INT64_MAX;
  std::erase_if(state.flows, [&](const auto& flow) {
    const Nanos armedAt = flow.second.armedAt(timeout);
    if (armedAt <= context_.now) return true;
    earliest = std::min(earliest, armedAt);
    return false;
  });
  state.nextLook = std::max(earliest, context_.now + kTick);
  return state.flows.size() < Limits::kArmingsOfSource;
}

void ThresholdWatch::metricChanged(const WatchedSource& source, model::MetricId id, double value) {
  auto it = std::lower_bound(onMetrics_.begin(), onMetrics_.end(), id,
                             [](const OnMetric& t, model::MetricId m) { return t.metric < m; });
  for (; it != onMetrics_.end() && it->metric == id; ++it) {
    const ThresholdEntry& entry = *it->entry;
    if (entry.dataSource && *entry.dataSource != source.text()) continue;
    if (!entry.threshold.filter.empty() && !passesFilter(source, entry)) continue;
    ArmingState& state = armingFor(source, entry);
    if (!(value > entry.threshold.value)) {
      state.all.below(context_.now);
    } else if (state.all.above(context_.now, INT64_MAX, nanosFromSeconds(entry.threshold.timeout))) {
      emit({}, source, entry, value);
    }
  }
}

void ThresholdWatch::emit(event::Event event, const WatchedSource& source, const ThresholdEntry& threshold,
                          double value) {
  event.time = context_.now;
  event.thresholdId = threshold.name;
  event.metric = threshold.metric;
  event.threshold = threshold.threshold.value;
  event.value = value;
  if (event.agent.empty()) {
    event.agent = source.agent.text;
    event.dataSource = source.text();
  }
  context_.outputs.add(context_.now, std::move(event));
}

void ThresholdWatch::emitOfFlow(const WatchedSource& source, const ThresholdEntry& threshold, const FlowInForce& flow,
                                const MeasuredFlow& measured) {
  event::Event event;
  event.flowKey.emplace();
  flow.compiled->appendKeyText(*event.flowKey, measured.key);
  const flow::ValueCells& cells = flow.compiled->cells();
  for (std::size_t i = flow.compiled->firstValue(); i < cells.count(); ++i) {
    event.values.push_back(cells.read(measured.cells, i, flow.time, 1).value);
  }
  if (const FabricFlows::Place* const entered = fabric_.enteredAt(*flow.entry, measured.key)) {
    event.agent = entered->agent.text();
    event.dataSource = dataSourceText(entered->source);
  }
  emit(std::move(event), source, threshold, measured.value);
}

/// The event of a threshold on the metric, which is the largest flow: another one than that of the sample, where the
/// threshold came later than the flow.
void ThresholdWatch::emitLargest(const WatchedSource& source, const ThresholdEntry& threshold,
                                 const FlowInForce& flow) {
  const FlowState& state = source.numbered->flows[flow.entry->slot];
  state.cache.top(top_, 1, flow.time, flow.entry->cache);
  if (top_.empty()) return;
  const flow::FlowCache::Flow& largest = top_.front();
  emitOfFlow(source, threshold, flow, {largest.key, largest.value, largest.value, largest.cells});
}

}  // namespace weir::engine
