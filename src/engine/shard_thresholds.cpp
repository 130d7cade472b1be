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

bool Shard::passesFilter(const Watched& source, const ThresholdEntry& threshold) const {
  FlowReader flows(*definitions_, now_);
  flows.look(source.numbered);
  query::SourceView view;
  view.agent = source.agent.address;
  if (source.numbered != nullptr) view.source = source.numbered->id;
  if (source.custom != nullptr) view.customSource = source.custom->name;
  view.counters = source.numbered != nullptr ? &source.numbered->counters : &source.custom->counters;
  view.host = source.agent.host == nullptr ? nullptr : &source.agent.host->counters;
  view.flows = &flows;
  return threshold.filter.passes(view);
}

void Shard::flowThresholds(DataSourceState& dataSource, FlowRuntime& flow, const std::uint8_t* key,
                           double weight) {
  const Watched source(dataSource);
  for (const auto& watch : flow.watches) {
    if (!(weight > watch.limitWeight)) continue;
    const ThresholdEntry& entry = *watch.entry;
    if (entry.dataSource && *entry.dataSource != source.text()) continue;
    if (!entry.threshold.filter.empty() && !passesFilter(source, entry)) continue;
    const Nanos timeout = nanosFromSeconds(entry.threshold.timeout);
    const double rate = flow.time.rateOf(weight);
    const Nanos below = event::timeBelow(now_, rate, entry.threshold.value, flow.taus);
    ArmingState& state = armingFor(source, entry);
    if (!entry.threshold.byFlow) {
      // Another flow may stay above for longer than this one: below is when the last of them falls.
      if (state.all.above(now_, below, timeout)) emitEvent(source, entry, rate, &flow, key);
      continue;
    }
    const std::string_view name(reinterpret_cast<const char*>(key), flow.entry->cache.keySize);
    auto it = state.flows.find(name);
    if (it == state.flows.end()) {
      if (state.flows.size() >= Limits::kArmingsOfSource) {
        std::erase_if(state.flows, [&](const auto& f) { return f.second.armed(now_, timeout); });
      }
      if (state.flows.size() >= Limits::kArmingsOfSource) {
        ++figures_.refusedArmings;
        continue;
      }
      it = state.flows.emplace(name, event::Arming()).first;
    }
    if (it->second.above(now_, below, timeout)) emitEvent(source, entry, rate, &flow, key);
  }
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
      emitEvent(source, entry, value, nullptr, nullptr);
    }
  }
}

void Shard::emitEvent(const Watched& source, const ThresholdEntry& threshold, double value,
                      const FlowRuntime* flow, const std::uint8_t* key) {
  event::Event out;
  out.time = now_;
  out.thresholdId = threshold.name;
  out.metric = threshold.metric;
  out.threshold = threshold.threshold.value;
  out.value = value;
  out.agent = source.agent.text;
  out.dataSource = source.text();
  if (flow != nullptr) {
    out.flowKey.emplace();
    flow->compiled->appendKeyText(*out.flowKey, key);
  }
  outputs_.push_back({now_, Output::Phase::sample, ordinal_, position_++, std::move(out)});
}

}  // namespace weir::engine
