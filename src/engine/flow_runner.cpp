#include "engine/flow_runner.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace weir::engine {

namespace {

/// The data source that holds the one cache of a definition at an agent: the first that matched.
DataSourceState& holderOf(AgentState& agent, const FlowEntry& flow, DataSourceState& first) {
  if (agent.holders.size() <= flow.slot) agent.holders.resize(flow.slot + 1);
  DataSourceState*& holder = agent.holders[flow.slot];
  if (holder == nullptr) holder = &first;
  return *holder;
}

}  // namespace

const FlowState* flowState(const DataSourceState& source, const FlowEntry& flow) {
  if (flow.slot >= source.flowSlots) return nullptr;
  const FlowState& state = source.flows[flow.slot];
  return state.generation == flow.generation && !state.cache.empty() ? &state : nullptr;
}

// --- definitions

void FlowRunner::adopt(const Definitions& before) {
  const Definitions& now = *context_.definitions;
  adoptThresholds(before);
  if (!before.flows.sameAs(now.flows)) adoptFlows();
  if (before.lookups != now.lookups) findLookups();
}

/// Flows that stay keep what they are made of; the fields that all share are chosen anew.
void FlowRunner::adoptFlows() {
  std::vector<std::unique_ptr<FlowInForce>> before = std::exchange(flows_, {});
  auto old = before.begin();
  packetFlows_.clear();
  discardFlows_.clear();
  fabricFlows_.clear();
  shared_.clear();
  for (const FlowEntry& entry : context_.definitions->flows) {
    while (old != before.end() && (*old)->entry->name < entry.name) ++old;
    const bool stays = old != before.end() && (*old)->entry == &entry;
    std::unique_ptr<FlowInForce> flow = stays ? std::move(*old++) : make(entry);
    flow->direct = entry.compiled->direct(shared_);
    if (flow->ofFabric) {
      fabricFlows_.resize(std::max<std::size_t>(fabricFlows_.size(), entry.slot + 1));
      fabricFlows_[entry.slot] = flow.get();
    }
    (entry.compiled->definition().dropped ? discardFlows_ : packetFlows_).push_back(flow.get());
    flows_.push_back(std::move(flow));
  }
}

/// Gives flows that stay the thresholds that are on them now.
void FlowRunner::adoptThresholds(const Definitions& before) {
  std::vector<FlowInForce*> watched;
  const auto note = [&](const ThresholdEntry* threshold) {
    FlowInForce* const flow = threshold == nullptr ? nullptr : find(threshold->metric);
    if (flow != nullptr && std::ranges::find(watched, flow) == watched.end()) watched.push_back(flow);
  };
  EntryList<ThresholdEntry>::eachChange(before.thresholds, context_.definitions->thresholds,
                                        [&](const ThresholdEntry* old, const ThresholdEntry* fresh) {
                                          note(old);
                                          note(fresh);
                                        });
  for (FlowInForce* const flow : watched) {
    flow->watches = thresholds_.on(flow->entry->name);
    flow->timeFor = INT64_MIN;  // the limits are of the next update's time
  }
}

FlowInForce* FlowRunner::find(std::string_view name) const {
  const auto at =
      std::ranges::lower_bound(flows_, name, {}, [](const auto& flow) { return std::string_view(flow->entry->name); });
  return at != flows_.end() && (*at)->entry->name == name ? at->get() : nullptr;
}

std::unique_ptr<FlowInForce> FlowRunner::make(const FlowEntry& entry) {
  auto flow = std::make_unique<FlowInForce>();
  flow->entry = &entry;
  flow->compiled = entry.compiled.get();
  const flow::Definition& definition = entry.compiled->definition();
  flow->taus = definition.t;
  flow->lookups = lookups_.of(*entry.compiled);
  flow->log = recorder_.records(entry);
  flow->perAgent = definition.scope == flow::CacheScope::agent;
  flow->ofFabric = definition.scope == flow::CacheScope::edge;
  flow->triesPatterns = entry.compiled->triesPatterns();
  flow->watches = thresholds_.on(entry.name);
  flow->samplesBefore = samplesFor(definition);
  // Not empty even if keys have no octets: they are copied all the same.
  flow->keys.resize(std::max(FlowInForce::kMaxWaiting * entry.cache.keySize, 1U));
  if (entry.cache.cells != nullptr) {
    flow->values.resize(FlowInForce::kMaxWaiting * entry.cache.cells->count());
    flow->weights.resize(FlowInForce::kMaxWaiting);
  }
  return flow;
}

std::uint64_t FlowRunner::samplesFor(const flow::Definition& definition) const {
  return definition.dropped ? context_.figures.discardSamples : context_.figures.flowSamples;
}

std::vector<query::Uncounted> FlowRunner::uncounted() const {
  std::vector<query::Uncounted> out;
  for (const auto& flow : flows_) {
    if (flow->counted != 0 || flow->entry->hidden) continue;
    out.push_back({flow->entry->name, samplesFor(flow->compiled->definition()) - flow->samplesBefore});
  }
  return out;
}

void FlowRunner::findLookups() {
  for (const auto& flow : flows_) flow->lookups = lookups_.of(*flow->compiled);
}

void FlowRunner::forget(AgentState& agent, const FlowEntry& flow) const {
  if (flow.slot < agent.holders.size()) agent.holders[flow.slot] = nullptr;
  for (DataSourceState* source : agent.ordered) {
    if (flow.slot >= source->flowSlots || source->flows[flow.slot].generation != flow.generation) continue;
    source->flows[flow.slot].cache.clear(flow.cache, context_.arena);
    source->flows[flow.slot] = FlowState();
    source->flows[flow.slot].source = source;
  }
}

void FlowRunner::release(DataSourceState& source) const {
  for (const FlowEntry& flow : context_.definitions->flows) {
    if (flow.slot >= source.flowSlots || source.flows[flow.slot].generation != flow.generation) continue;
    source.flows[flow.slot].cache.clear(flow.cache, context_.arena);
  }
}

// --- samples

void FlowRunner::evaluate(DataSourceState& source, flow::SampleFields& fields, bool discard, bool enters) {
  const auto& flows = discard ? discardFlows_ : packetFlows_;
  if (!flows.empty()) shared_.read(fields, values_);
  for (FlowInForce* flow : flows) {
    if (flow->ofFabric && !enters) continue;
    if (flow->triesPatterns && !patterns_.begin(*source.agent, *flow->entry)) continue;
    std::uint8_t* key = flow->nextKey();
    double amount = 0;
    fields.lookups = flow->lookups;
    const bool counts = flow->direct ? (!flow->direct->filtered || flow->compiled->accepts(fields)) &&
                                           flow->direct->make(fields, values_, key, amount)
                                     : flow->compiled->evaluate(fields, key, amount);
    if (flow->triesPatterns) patterns_.end(*source.agent, *flow->entry);
    if (!counts) continue;
    ++flow->counted;
    if (flow->ofFabric) {
      passOn(*flow, source, fields, key, amount);
      continue;
    }
    FlowState* state = stateFor(flow->perAgent ? holderOf(*source.agent, *flow->entry, source) : source, *flow->entry);
    if (state == nullptr) continue;
    __builtin_prefetch(state, 1);
    if (flow->entry->cache.cells != nullptr) {
      flow->compiled->readCells(fields, flow->nextValues());
      flow->weights[flow->waiting] = fields.scale;
    }
    flow->updates[flow->waiting++] = {state, flow::KeyId::of(key, flow->entry->cache.keySize), amount};
    if (flow->waiting == FlowInForce::kMaxWaiting) update(*flow);
  }
}

FlowState* FlowRunner::stateFor(DataSourceState& source, const FlowEntry& flow) {
  // At the first use after the number of slots grew: nothing of this source waits, adopt() applied what did.
  if (source.flowSlots < context_.definitions->flowSlots) makeSlots(source);
  return flow.slot < source.flowSlots ? &source.flows[flow.slot] : nullptr;
}

void FlowRunner::makeSlots(DataSourceState& source) {
  const std::uint32_t slots = context_.definitions->flowSlots;
  auto* fresh = static_cast<FlowState*>(context_.arena.allocate(sizeof(FlowState) * slots));
  if (fresh == nullptr) return;
  std::uninitialized_default_construct_n(fresh, slots);
  std::copy_n(source.flows, source.flowSlots, fresh);
  context_.arena.free(source.flows, sizeof(FlowState) * source.flowSlots);
  for (std::uint32_t i = 0; i < slots; ++i) fresh[i].source = &source;
  source.flows = fresh;
  source.flowSlots = slots;
}

void FlowRunner::flush() {
  for (const auto& flow : flows_) {
    if (flow->waiting != 0) update(*flow);
  }
}

void FlowRunner::update(FlowInForce& flow) {
  flow.moveTo(context_.now);
  const FlowEntry& entry = *flow.entry;
  const std::span<const FlowInForce::Update> updates(flow.updates.data(), std::exchange(flow.waiting, 0));
  // Tables are visited at random, so the places of all updates are fetched before the first is made, in a loop short
  // enough for many address translations to be under way at once.
  for (const auto& update : updates) update.state->cache.prefetch(update.key.hash);
  const std::uint8_t* key = flow.keys.data();
  const flow::FlowCache::Context context{flow.time, entry.cache, context_.arena};
  const bool hasCells = entry.cache.cells != nullptr;
  const double lowestLimit = flow.lowestLimit;
  for (std::size_t i = 0; i < updates.size(); ++i, key += entry.cache.keySize) {
    const auto& update = updates[i];
    FlowState& state = *update.state;
    state.generation = entry.generation;  // what an earlier definition held in this slot, adopt() gave back
    state.updated = context_.now;
    if (hasCells) {
      updateCells(flow, i, key, context);
      continue;
    }
    const float weight = state.cache.add(key, update.key, update.amount, context);
    if (weight > 0 && weight > lowestLimit)
      thresholds_.flowChanged(*state.source, flow, {key, update.key, weight, flow.time.rateOf(weight), nullptr});
    if (flow.log) recorder_.add(*state.source, entry, {key, update.key.hash, update.amount});
  }
}

/// One update of a definition that keeps more than a weight.
void FlowRunner::updateCells(FlowInForce& flow, std::size_t index, const std::uint8_t* key,
                             const flow::FlowCache::Context& context) {
  const FlowInForce::Update& update = flow.updates[index];
  const flow::FlowCache::Shape& shape = context.shape;
  const flow::SampleValue* const values = &flow.values[index * shape.cells->count()];
  const double weight = flow.weights[index];
  float total = 0;
  std::uint64_t* const cells = update.state->cache.addForCells(key, update.key, update.amount, context, total);
  if (cells != nullptr) {
    shape.cells->add(cells, values, weight, flow.time, context_.arena);
    if (!flow.watches.empty()) {
      MeasuredFlow measured{key, update.key, total, flow.time.rateOf(total), cells};
      if (shape.valueIsCell) measured.measure = measured.value = shape.cells->read(cells, 0, flow.time, 1).value;
      thresholds_.flowChanged(*update.state->source, flow, measured);
    }
  }
  if (flow.log)
    recorder_.add(*update.state->source, *flow.entry, {key, update.key.hash, update.amount, values, weight});
}

// --- flows of the whole fabric

void FlowRunner::passOn(const FlowInForce& flow, const DataSourceState& source, const flow::SampleFields& fields,
                        const std::uint8_t* key, double amount) {
  const FlowEntry& entry = *flow.entry;
  const PortTexts* const port = PortLookup::textsOf(context_, *source.agent, source.id.index);
  edge_.updates.push_back({context_.now, context_.outputs.datagram(), source.agent->id, source.id,
                           port == nullptr ? nullptr : port->names, entry.slot, entry.generation, amount, fields.scale,
                           edge_.keys.size(), static_cast<std::uint32_t>(edge_.values.size())});
  edge_.keys.insert(edge_.keys.end(), key, key + entry.cache.keySize);
  if (entry.cache.cells == nullptr) return;
  edge_.values.resize(edge_.values.size() + entry.cache.cells->count());
  flow.compiled->readCells(fields, &edge_.values[edge_.updates.back().value]);
}

void FlowRunner::take(const EdgeUpdates& from, const EdgeUpdates::Update& update, FabricFlows& fabric) {
  FlowInForce* const flow = update.slot < fabricFlows_.size() ? fabricFlows_[update.slot] : nullptr;
  if (flow == nullptr || flow->entry->generation != update.generation) return;
  DataSourceState* const holder = fabric.holderOf(update);
  FlowState* const state = holder == nullptr ? nullptr : stateFor(*holder, *flow->entry);
  if (state == nullptr) return;
  const flow::FlowCache::Shape& shape = flow->entry->cache;
  std::uint8_t* const key = flow->nextKey();
  std::copy_n(from.keys.begin() + static_cast<std::ptrdiff_t>(update.key), shape.keySize, key);
  if (shape.cells != nullptr) {
    std::copy_n(&from.values[update.value], shape.cells->count(), flow->nextValues());
    flow->weights[flow->waiting] = update.weight;
  }
  const flow::KeyId id = flow::KeyId::of(key, shape.keySize);
  fabric.note(update, id.hash);
  flow->updates[flow->waiting++] = {state, id, update.amount};
  if (flow->waiting == FlowInForce::kMaxWaiting) this->update(*flow);
}

}  // namespace weir::engine
