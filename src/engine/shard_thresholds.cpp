// The part of a shard that watches thresholds: what crosses, whether it may fire, and the event.
#include <algorithm>

#include "engine/shard.h"
#include "engine/shard_runtime.h"
#include "engine/source_reader.h"

namespace weir::engine {

ArmingState& Shard::armingFor(const Watched& source, const ThresholdEntry& threshold) {
  auto& armings = source.armings;
  auto it = std::find_if(armings.begin(), armings.end(), [&](const auto& a) { return a->slot == threshold.slot; });
  if (it == armings.end()) it = armings.insert(it, std::make_unique<ArmingState>());
  ArmingState& state = **it;
  if (state.generation != threshold.generation) state = ArmingState();
  state.slot = threshold.slot;
  state.generation = threshold.generation;
  return state;
}

std::string_view Shard::keyBytes(const FlowRuntime& flow, const std::uint8_t* key) {
  return {reinterpret_cast<const char*>(key), flow.entry->cache.keySize};
}

/// A flow whose value is not above the limit any more, where that is remembered of it. Of the metric, which is the
/// largest flow, the others may still be: a look at all of them is taken once a tick at most.
void Shard::fellBelow(const Watched& source, const ThresholdEntry& threshold, const FlowRuntime& flow,
                      const std::uint8_t* key) {
  const auto it = std::find_if(source.armings.begin(), source.armings.end(),
                               [&](const auto& a) { return a->slot == threshold.slot; });
  if (it == source.armings.end() || (*it)->generation != threshold.generation) return;
  ArmingState& state = **it;
  if (threshold.threshold.byFlow) {
    if (const auto found = state.flows.find(keyBytes(flow, key)); found != state.flows.end()) found->second.below(now_);
    return;
  }
  if (state.all.armedAt(0) <= now_ || now_ < state.nextLook) return;
  state.nextLook = now_ + kTick;
  const flow::FlowCache& cache = source.numbered->flows[flow.entry->slot].cache;
  if (cache.largest(flow.time, flow.entry->cache) <= threshold.threshold.value) state.all.below(now_);
}

bool Shard::passesFilter(const Watched& source, const ThresholdEntry& threshold) const {
  FlowReader flows(*definitions_, now_);
  flows.look(source.numbered);
  query::SourceView view = viewOf(source.agent, source.numbered, source.custom);
  view.flows = &flows;
  return threshold.filter.passes(view);
}

void Shard::flowThresholds(DataSourceState& dataSource, FlowRuntime& flow, const std::uint8_t* key,
                           const Measured& measured) {
  const Watched source(dataSource);
  for (const auto& watch : flow.watches) {
    const ThresholdEntry& entry = *watch.entry;
    if (!(measured.measure > watch.limit)) {
      // A rate falls by itself, and when is known; a function's value falls with a sample.
      if (flow.entry->cache.valueIsCell) fellBelow(source, entry, flow, key);
      continue;
    }
    if (entry.dataSource && *entry.dataSource != source.text()) continue;
    // The whole fabric has no counters that a filter could look at.
    if (!flow.ofFabric && !entry.threshold.filter.empty() && !passesFilter(source, entry)) continue;
    const Nanos timeout = nanosFromSeconds(entry.threshold.timeout);
    const Nanos below = flow.entry->cache.valueIsCell
                            ? now_ + nanosFromSeconds(flow.entry->cache.lifetime())
                            : event::timeBelow(now_, measured.value, entry.threshold.value, flow.taus);
    ArmingState& state = armingFor(source, entry);
    if (!entry.threshold.byFlow) {
      // Another flow may stay above for longer than this one: below is when the last of them falls.
      if (state.all.above(now_, below, timeout)) emitLargest(source, entry, flow);
      continue;
    }
    const std::string_view name = keyBytes(flow, key);
    auto it = state.flows.find(name);
    if (it == state.flows.end()) {
      if (!makeRoom(state, timeout)) {
        ++figures_.refusedArmings;
        continue;
      }
      it = state.flows.emplace(name, event::Arming()).first;
    }
    if (it->second.above(now_, below, timeout)) emitEvent(source, entry, flow, key, measured);
  }
}

/// Room for one more flow among those that a threshold remembers. A look at all of them is dear, so it is taken again
/// only when one of them may be armed, and at most once a tick.
bool Shard::makeRoom(ArmingState& state, Nanos timeout) const {
  if (state.flows.size() < Limits::kArmingsOfSource) return true;
  if (now_ < state.nextLook) return false;
  Nanos earliest = INT64_MAX;
  std::erase_if(state.flows, [&](const auto& flow) {
    const Nanos armedAt = flow.second.armedAt(timeout);
    if (armedAt <= now_) return true;
    earliest = std::min(earliest, armedAt);
    return false;
  });
  state.nextLook = std::max(earliest, now_ + kTick);
  return state.flows.size() < Limits::kArmingsOfSource;
}

void Shard::metricChanged(const Watched& source, model::MetricId id, double value) {
  auto it = std::lower_bound(metricThresholds_.begin(), metricThresholds_.end(), id,
                             [](const MetricThreshold& t, model::MetricId m) { return t.metric < m; });
  for (; it != metricThresholds_.end() && it->metric == id; ++it) {
    const ThresholdEntry& entry = *it->entry;
    if (entry.dataSource && *entry.dataSource != source.text()) continue;
    if (!entry.threshold.filter.empty() && !passesFilter(source, entry)) continue;
    ArmingState& state = armingFor(source, entry);
    if (!(value > entry.threshold.value)) {
      state.all.below(now_);
    } else if (state.all.above(now_, INT64_MAX, nanosFromSeconds(entry.threshold.timeout))) {
      emitEvent(source, entry, value);
    }
  }
}

void Shard::emit(event::Event event, const Watched& source, const ThresholdEntry& threshold, double value) {
  event.time = now_;
  event.thresholdId = threshold.name;
  event.metric = threshold.metric;
  event.threshold = threshold.threshold.value;
  event.value = value;
  if (event.agent.empty()) {
    event.agent = source.agent.text;
    event.dataSource = source.text();
  }
  outputs_.push_back({now_, Output::Phase::sample, ordinal_, position_++, std::move(event)});
}

void Shard::emitEvent(const Watched& source, const ThresholdEntry& threshold, double value) {
  emit({}, source, threshold, value);
}

void Shard::emitEvent(const Watched& source, const ThresholdEntry& threshold, const FlowRuntime& flow,
                      const std::uint8_t* key, const Measured& measured) {
  event::Event event;
  event.flowKey.emplace();
  flow.compiled->appendKeyText(*event.flowKey, key);
  const flow::ValueCells& cells = flow.compiled->cells();
  for (std::size_t i = flow.compiled->firstValue(); i < cells.count(); ++i) {
    event.values.push_back(cells.read(measured.cells, i, flow.time, 1).value);
  }
  if (const Place* const entered = enteredAt(*flow.entry, key)) {
    event.agent = entered->agent.text();
    event.dataSource = dataSourceText(entered->source);
  }
  emit(std::move(event), source, threshold, measured.value);
}

/// The event of a threshold on the metric, which is the largest flow: another one than that of the sample, where the
/// threshold came later than the flow.
void Shard::emitLargest(const Watched& source, const ThresholdEntry& threshold, const FlowRuntime& flow) {
  const FlowState& state = source.numbered->flows[flow.entry->slot];
  state.cache.top(top_, 1, flow.time, flow.entry->cache);
  if (top_.empty()) return;
  const flow::FlowCache::Flow& largest = top_.front();
  emitEvent(source, threshold, flow, largest.key, {largest.value, largest.value, largest.cells});
}

}  // namespace weir::engine
