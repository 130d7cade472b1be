#include "engine/fabric_flows.h"

#include <algorithm>

namespace weir::engine {

DataSourceState* FabricFlows::holderOf(const EdgeUpdates::Update& update) {
  if (holders_.size() <= update.slot) holders_.resize(update.slot + 1);
  DataSourceState*& holder = holders_[update.slot];
  if (holder == nullptr) {
    AgentState* agent = agents_.at(update.agent);
    holder = agent == nullptr ? nullptr : agents_.source(*agent, update.source);
    if (holder == nullptr) return nullptr;
  }
  holder->lastSample = holder->agent->lastSeen = context_.now;
  return holder;
}

/// Flows that go on are soon heard of again, so where there are too many, all are forgotten.
void FabricFlows::note(const EdgeUpdates::Update& update, std::uint64_t hash) {
  constexpr std::size_t kMostPlaces = 65'536;
  if (places_.size() <= update.slot) places_.resize(update.slot + 1);
  Places& places = places_[update.slot];
  if (places.size() >= kMostPlaces && !places.contains(hash)) places.clear();
  Place& place = places[hash];
  place.agent = update.agent;
  place.source = update.source;
  if (place.names != update.names) place.names = update.names;
}

const FabricFlows::Place* FabricFlows::enteredAt(const FlowEntry& flow, const std::uint8_t* key) const {
  if (flow.slot >= places_.size()) return nullptr;
  const auto at = places_[flow.slot].find(flow::KeyId::of(key, flow.cache.keySize).hash);
  return at == places_[flow.slot].end() ? nullptr : &at->second;
}

void FabricFlows::forget(const FlowEntry& flow) {
  if (flow.slot < holders_.size()) holders_[flow.slot] = nullptr;
  if (flow.slot < places_.size()) places_[flow.slot] = {};
}

void FabricFlows::release(DataSourceState& source) {
  std::replace(holders_.begin(), holders_.end(), &source, static_cast<DataSourceState*>(nullptr));
}

}  // namespace weir::engine
