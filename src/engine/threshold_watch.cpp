#include "engine/threshold_watch.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>

#include "engine/bounds.h"
#include "engine/flow_reader.h"
#include "engine/settings.h"

namespace weir::engine {

namespace {

bool isBefore(const ThresholdEntry* a, const ThresholdEntry* b) {
  return std::tie(a->metric, a->threshold.value, a->name) < std::tie(b->metric, b->threshold.value, b->name);
}

void nameIn(event::Event& event, query::PlaceNames names) {
  event.node = std::move(names.node);
  event.port = std::move(names.port);
  event.link = std::move(names.link);
}

/// Gives back what the flows of a threshold took of their agent's budget, and lets them be forgotten.
template <class Change>
void changeFlows(AgentState& agent, event::FlowArmings& flows, Change&& change) {
  agent.armingBytes -= flows.memory();
  change();
  agent.armingBytes += flows.memory();
}

void forget(AgentState& agent, ArmingState& state) {
  changeFlows(agent, state.flows, [&] { state.flows = {}; });
}

}  // namespace

// --- definitions

bool ThresholdWatch::adopt(const Definitions& before) {
  const Definitions& now = *context_.definitions;
  known_.resize(std::max<std::size_t>(known_.size(), now.thresholdSlots));
  EntryList<FlowEntry>::eachChange(before.flows, now.flows, [&](const FlowEntry* old, const FlowEntry* fresh) {
    if (old != nullptr && fresh != nullptr) return;
    for (const ThresholdEntry* threshold : on((old != nullptr ? old : fresh)->name)) {
      setOnMetric(*threshold, fresh == nullptr);
    }
  });
  bool gone = false;
  const auto change = [&](const ThresholdEntry* old, const ThresholdEntry* fresh) {
    gone = gone || old != nullptr;
    if (old != nullptr) remove(*old);
    if (fresh != nullptr) add(*fresh);
  };
  EntryList<ThresholdEntry>::eachChange(before.thresholds, now.thresholds, change);
  return gone;
}

void ThresholdWatch::add(const ThresholdEntry& threshold) {
  Known& known = known_[threshold.slot];
  known = {};
  known.generation = threshold.generation;
  known.entry = &threshold;
  byName_.insert(std::ranges::lower_bound(byName_, &threshold, isBefore), &threshold);
  setOnMetric(threshold, context_.definitions->flows.find(threshold.metric) == nullptr);
}

void ThresholdWatch::remove(const ThresholdEntry& threshold) {
  setOnMetric(threshold, false);
  byName_.erase(std::ranges::lower_bound(byName_, &threshold, isBefore));
  // The slot may be another one's already.
  if (Known& known = known_[threshold.slot]; known.generation == threshold.generation) known.entry = nullptr;
}

void ThresholdWatch::setOnMetric(const ThresholdEntry& threshold, bool is) {
  const model::MetricId id = context_.names.find(threshold.metric);
  if (id == model::kNoMetric) return;
  const auto at = std::lower_bound(onMetrics_.begin(), onMetrics_.end(), OnMetric{id, &threshold},
                                   [](const OnMetric& a, const OnMetric& b) {
                                     return a.metric != b.metric ? a.metric < b.metric : isBefore(a.entry, b.entry);
                                   });
  const bool was = at != onMetrics_.end() && at->entry == &threshold;
  if (Known& known = known_[threshold.slot]; known.generation == threshold.generation) {
    known.metric = is ? id : model::kNoMetric;
  }
  if (was == is) return;
  if (byMetric_.size() <= id) byMetric_.resize(id + std::size_t{1});
  Range& range = byMetric_[id];
  if (is && range.size == 0) {
    range = {static_cast<std::uint32_t>(at - onMetrics_.begin()), 0, false, context_.figures.counterSamples};
  }
  range.size += is ? 1U : -1U;
  for (std::size_t behind = id + std::size_t{1}; behind < byMetric_.size(); ++behind) {
    if (byMetric_[behind].size != 0) byMetric_[behind].first += is ? 1U : -1U;
  }
  if (is) {
    onMetrics_.insert(at, {id, &threshold});
  } else {
    onMetrics_.erase(at);
  }
}

std::vector<query::Uncounted> ThresholdWatch::uncounted() const {
  std::vector<query::Uncounted> out;
  for (model::MetricId id = 0; id < byMetric_.size(); ++id) {
    const Range& range = byMetric_[id];
    if (range.size == 0 || range.came) continue;
    out.push_back({std::string(context_.names.name(id)), context_.figures.counterSamples - range.samplesBefore});
  }
  std::ranges::sort(out, {}, &query::Uncounted::name);
  return out;
}

std::vector<const ThresholdEntry*> ThresholdWatch::on(std::string_view name) const {
  const auto first = std::lower_bound(byName_.begin(), byName_.end(), name,
                                      [](const ThresholdEntry* t, std::string_view n) { return t->metric < n; });
  auto last = first;
  while (last != byName_.end() && (*last)->metric == name) ++last;
  return {first, last};
}

const ThresholdWatch::Known* ThresholdWatch::knownOf(const ArmingState& state) const {
  const Known* known = state.slot < known_.size() ? &known_[state.slot] : nullptr;
  return known != nullptr && known->entry != nullptr && known->generation == state.generation ? known : nullptr;
}

void ThresholdWatch::forgetGone(const std::vector<std::string_view>& goneFlows, const AgentTable& agents) const {
  const auto forgetIn = [&](AgentState& agent, Armings& armings) {
    std::erase_if(armings, [&](ArmingState& state) {
      const Known* known = knownOf(state);
      if (known != nullptr && !std::ranges::binary_search(goneFlows, std::string_view(known->entry->metric)))
        return false;
      forget(agent, state);
      return true;
    });
    if (armings.empty()) armings = Armings();  // gives the memory back, which `= {}` would not
  };
  for (const auto& agent : agents.list()) {
    for (DataSourceState* source : agent->ordered) {
      if (!source->armings.empty()) forgetIn(*agent, source->armings);
    }
    for (auto& [name, custom] : agent->custom) {
      if (!custom->armings.empty()) forgetIn(*agent, custom->armings);
    }
  }
}

void ThresholdWatch::expire(AgentState& agent, Armings& armings, Nanos now) const {
  std::erase_if(armings, [&](ArmingState& state) {
    const Known* const known = knownOf(state);
    const Nanos timeout = known == nullptr ? 0 : nanosFromSeconds(known->entry->threshold.timeout);
    if (known == nullptr) {
      forget(agent, state);
    } else if (!state.flows.empty()) {
      changeFlows(agent, state.flows, [&] { state.flows.expire(now, timeout); });
    }
    return state.flows.empty() && state.all.armedAt(timeout) <= now;
  });
  if (armings.empty()) armings = Armings();
}

void ThresholdWatch::release(DataSourceState& source) {
  for (ArmingState& state : source.armings) forget(*source.agent, state);
}

ThresholdWatch::Figures ThresholdWatch::figures(const ThresholdEntry& threshold) const {
  const bool isKnown = threshold.slot < known_.size() && known_[threshold.slot].generation == threshold.generation;
  return isKnown ? known_[threshold.slot].figures : Figures();
}

// --- what crosses

ArmingState& ThresholdWatch::armingFor(const WatchedSource& source, const ThresholdEntry& threshold) {
  auto& armings = source.armings;
  auto it = std::lower_bound(armings.begin(), armings.end(), threshold.slot,
                             [](const ArmingState& a, std::uint32_t slot) { return a.slot < slot; });
  if (it == armings.end() || it->slot != threshold.slot) it = armings.insert(it, ArmingState());
  if (it->generation != threshold.generation) {
    forget(source.agent, *it);
    *it = ArmingState();
  }
  it->slot = threshold.slot;
  it->generation = threshold.generation;
  return *it;
}

bool ThresholdWatch::appliesTo(const WatchedSource& source, const ThresholdEntry& threshold) const {
  if (threshold.dataSource && *threshold.dataSource != source.text()) return false;
  return threshold.threshold.filter.empty() || passesFilter(source, threshold);
}

bool ThresholdWatch::passesFilter(const WatchedSource& source, const ThresholdEntry& threshold) const {
  FlowReader flows(*context_.definitions, context_.now);
  flows.look(source.numbered);
  query::SourceView view = viewOf(*context_.definitions->topology, source.agent, source.numbered, source.custom);
  view.flows = &flows;
  return threshold.filter.passes(view);
}

void ThresholdWatch::metricChanged(const WatchedSource& source, model::MetricId id, double value) {
  const std::span<const OnMetric> thresholds = onMetric(id);
  if (thresholds.empty()) return;
  byMetric_[id].came = true;
  if (!source.armings.empty()) metricFell(source, id, value);
  for (const OnMetric& watch : thresholds) {
    const ThresholdEntry& entry = *watch.entry;
    if (!(value > entry.threshold.value)) break;
    if (!appliesTo(source, entry)) continue;
    ArmingState& state = armingFor(source, entry);
    if (state.all.above(context_.now, INT64_MAX, nanosFromSeconds(entry.threshold.timeout))) firing_.push_back(&entry);
  }
  if (firing_.empty()) return;
  std::ranges::sort(firing_, {}, &ThresholdEntry::name);  // the order of events
  for (const ThresholdEntry* entry : firing_) emit({}, source, *entry, value);
  firing_.clear();
}

/// Of thresholds that are remembered, those on this metric whose limit it is not above.
void ThresholdWatch::metricFell(const WatchedSource& source, model::MetricId id, double value) const {
  for (ArmingState& state : source.armings) {
    const Known* const known = knownOf(state);
    if (known == nullptr || known->metric != id || value > known->entry->threshold.value) continue;
    if (state.all.armedAt(0) > context_.now && appliesTo(source, *known->entry)) state.all.below(context_.now);
  }
}

void ThresholdWatch::flowChanged(DataSourceState& dataSource, FlowInForce& flow, const MeasuredFlow& measured) {
  const WatchedSource source(dataSource);
  const bool isCell = flow.entry->cache.valueIsCell;
  // A rate falls by itself, and when is known; a function's value falls with a sample.
  if (isCell && !source.armings.empty()) flowFell(source, flow, measured);
  for (const ThresholdEntry* const watch : flow.watches) {
    const ThresholdEntry& entry = *watch;
    if (!(measured.measure > entry.threshold.value * flow.limitScale)) break;
    if (entry.dataSource && *entry.dataSource != source.text()) continue;
    // The whole fabric has no counters that a filter could look at.
    if (!flow.ofFabric && !entry.threshold.filter.empty() && !passesFilter(source, entry)) continue;
    const Nanos below = isCell ? context_.now + nanosFromSeconds(flow.entry->cache.lifetime())
                               : event::timeBelow(context_.now, measured.value, entry.threshold.value, flow.taus);
    bool fires = false;
    if (entry.threshold.byFlow) {
      const auto result = flowAbove(source, entry, flow, measured, below);
      fires = result == event::FlowArmings::Result::fires || result == event::FlowArmings::Result::displaces;
    } else {
      // Another flow may stay above for longer than this one: below is when the last of them falls.
      fires = armingFor(source, entry).all.above(context_.now, below, nanosFromSeconds(entry.threshold.timeout));
    }
    if (fires) firing_.push_back(watch);
  }
  if (firing_.empty()) return;
  std::ranges::sort(firing_, {}, &ThresholdEntry::name);
  for (const ThresholdEntry* entry : firing_) {
    if (entry->threshold.byFlow) {
      emitOfFlow(source, *entry, flow, measured);
    } else {
      emitLargest(source, *entry, flow);
    }
  }
  firing_.clear();
}

event::FlowArmings::Result ThresholdWatch::flowAbove(const WatchedSource& source, const ThresholdEntry& threshold,
                                                     const FlowInForce& flow, const MeasuredFlow& measured,
                                                     Nanos below) {
  using Result = event::FlowArmings::Result;
  AgentState& agent = source.agent;
  event::FlowArmings& flows = armingFor(source, threshold).flows;
  const double tau = flow.taus * static_cast<double>(kSecond);
  // Within one table, when a rate will have fallen to the limit says as much. The value of a function does not decay.
  const bool isCell = flow.entry->cache.valueIsCell;
  const double strength =
      !isCell && threshold.threshold.value > 0
          ? static_cast<double>(below)
          : (isCell ? 0 : static_cast<double>(context_.now)) + tau * std::log(std::max(measured.value, 1e-300));
  const event::FlowArmings::Above above{.now = context_.now,
                                        .below = below,
                                        .timeout = nanosFromSeconds(threshold.threshold.timeout),
                                        .strength = strength,
                                        .half = tau * std::numbers::ln2};
  const std::size_t memory = flows.memory();
  const Result result = flows.above({measured.id.hash, measured.id.word}, above,
                                    agent.armingBytes + memory <= Limits::kArmingBytesOfAgent);
  agent.armingBytes += flows.memory() - memory;
  if (result == Result::refused || result == Result::displaces) {
    Figures& figures = known_[threshold.slot].figures;
    if (result == Result::refused) {
      ++figures.refusedFlows;
      ++context_.figures.refusedArmings;
    } else {
      ++figures.displacedFlows;
    }
    warnOfBound(Bound::flowsOfThreshold, threshold.name);
  }
  return result;
}

/// Of thresholds that are remembered, those on this flow whose limit it is not above. Of one on the metric, which is
/// the largest flow, others may still be: a look at all of them is taken once a tick at most.
void ThresholdWatch::flowFell(const WatchedSource& source, const FlowInForce& flow,
                              const MeasuredFlow& measured) const {
  for (ArmingState& state : source.armings) {
    const Known* const known = knownOf(state);
    if (known == nullptr || known->entry->metric != flow.compiled->name()) continue;
    const event::Threshold& threshold = known->entry->threshold;
    if (measured.measure > threshold.value) continue;
    if (threshold.byFlow) {
      state.flows.below({measured.id.hash, measured.id.word}, context_.now);
      continue;
    }
    if (state.all.armedAt(0) <= context_.now || context_.now < state.nextLook) continue;
    state.nextLook = context_.now + kTick;
    const flow::FlowCache& cache = source.numbered->flows[flow.entry->slot].cache;
    if (cache.largest(flow.time, flow.entry->cache) <= threshold.value) state.all.below(context_.now);
  }
}

// --- events

void ThresholdWatch::emit(event::Event event, const WatchedSource& source, const ThresholdEntry& threshold,
                          double value) {
  event.time = context_.timeStamp(context_.now);
  event.thresholdId = threshold.name;
  event.metric = threshold.metric;
  event.threshold = threshold.threshold.value;
  event.value = value;
  if (event.agent.empty()) {
    const model::Topology& topology = *context_.definitions->topology;
    event.agent = source.agent.text;
    event.dataSource = source.text();
    nameIn(event, query::placeNamesOf(viewOf(topology, source.agent, source.numbered, source.custom), topology));
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
    if (entered->names != nullptr) nameIn(event, *entered->names);
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
  emitOfFlow(source, threshold, flow, {largest.key, {}, largest.value, largest.value, largest.cells});
}

}  // namespace weir::engine
