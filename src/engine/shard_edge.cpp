// What happens at the edge of the topology: who sends from where; and definitions with one cache for the whole fabric
// (flows.md 7.4), of which a shard passes on what enters, and the fabric shard keeps it.
#include <algorithm>

#include "engine/bounds.h"
#include "engine/shard.h"
#include "engine/shard_runtime.h"
#include "flow/key_readers.h"

namespace weir::engine {

namespace {
/// Outputs that a datagram makes in the fabric shard come after those that it makes in its own.
constexpr std::uint32_t kEdgePosition = 1U << 31;
}  // namespace

/// Whether the sample at hand is of a packet that comes in at a port of the topology that is not on a link.
bool Shard::comesInAtEdge(const DataSourceState& source) const {
  const wire::Interface& input = fields_.sample->input;
  if (source.id.cls != 0 || input.format != 0 || input.value != source.id.index) return false;
  const PortTexts* texts = PortLookup::textsOf(*this, *source.agent, source.id.index);
  return texts != nullptr && texts->edge;
}

/// Who sent the packet at hand, where it entered the fabric.
void Shard::learnHost(const DataSourceState& source) {
  const decode::Packet& packet = fields_.packet;
  if (packet.layerCount == 0 || packet.layers[0].kind != decode::Layer::eth || packet.layers[0].available < 12) return;
  const std::uint8_t* const mac = packet.bytes.data() + packet.layers[0].offset + 6;
  if ((mac[0] & 1) != 0) return;
  model::HostLocations::Heard heard;
  heard.mac = std::uint64_t{loadBe16(mac)} << 32 | loadBe32(mac + 2);
  heard.agent = source.agent->address;
  heard.ifIndex = source.id.index;
  unsigned i = 1;
  if (const wire::Record* record = flow::read::findRecord(fields_, wire::tag(0, 1001), 4)) {
    heard.vlan = static_cast<std::uint16_t>(loadBe32(record->data.data()) & 0xFFF);
  }
  for (; i < packet.layerCount && packet.layers[i].kind == decode::Layer::vlan; ++i) {
    if (i == 1) heard.vlan = loadBe16(packet.bytes.data() + packet.layers[i].offset) & 0xFFF;
  }
  if (i < packet.layerCount) {
    const decode::LayerRef& layer = packet.layers[i];
    const std::uint8_t* const at = packet.bytes.data() + layer.offset;
    if (layer.kind == decode::Layer::ip && layer.available >= 20) {
      heard.address = IpAddress::v4(at + 12);
    } else if (layer.kind == decode::Layer::ip6 && layer.available >= 40) {
      heard.address = IpAddress::v6(at + 8);
    } else if (layer.kind == decode::Layer::arp && layer.available >= 28 && std::equal(mac, mac + 6, at + 8)) {
      heard.address = IpAddress::v4(at + 14);
      heard.told = true;
    }
  }
  // An unspecified address is nobody's: a probe, or a host that asks for one.
  if (std::ranges::all_of(heard.address.octets, [](std::uint8_t octet) { return octet == 0; })) heard.address = {};
  if (!hosts_.note(heard, now_)) warnOfBound(Bound::hosts);
}

void Shard::passOn(const FlowRuntime& flow, const DataSourceState& source, const std::uint8_t* key, double amount) {
  const FlowEntry& entry = *flow.entry;
  edge_.updates.push_back({now_, ordinal_, source.agent->address, source.id, entry.slot, entry.generation, amount,
                           fields_.scale, edge_.keys.size(), static_cast<std::uint32_t>(edge_.values.size())});
  edge_.keys.insert(edge_.keys.end(), key, key + entry.cache.keySize);
  if (entry.cache.cells == nullptr) return;
  edge_.values.resize(edge_.values.size() + entry.cache.cells->count());
  flow.compiled->readCells(fields_, &edge_.values[edge_.updates.back().value]);
}

Shard::FlowRuntime* Shard::runtimeOf(const EdgeUpdates::Update& update) {
  FlowRuntime* const flow = update.slot < edgeFlows_.size() ? edgeFlows_[update.slot] : nullptr;
  return flow != nullptr && flow->entry->generation == update.generation ? flow : nullptr;
}

DataSourceState* Shard::edgeHolder(const EdgeUpdates::Update& update) {
  if (edgeHolders_.size() <= update.slot) edgeHolders_.resize(update.slot + 1);
  DataSourceState*& holder = edgeHolders_[update.slot];
  if (holder == nullptr) {
    AgentState* agent = agentFor(update.agent, now_);
    holder = agent == nullptr ? nullptr : sourceFor(*agent, update.source);
    if (holder == nullptr) return nullptr;
  }
  holder->lastSample = holder->agent->lastSeen = now_;
  return holder;
}

const Shard::Place* Shard::enteredAt(const FlowEntry& flow, const std::uint8_t* key) const {
  if (flow.slot >= places_.size()) return nullptr;
  const auto at = places_[flow.slot].find(flow::KeyId::of(key, flow.cache.keySize).hash);
  return at == places_[flow.slot].end() ? nullptr : &at->second;
}

/// Flows that go on are soon heard of again, so where there are too many, all are forgotten.
void Shard::notePlace(const EdgeUpdates::Update& update, std::uint64_t hash) {
  constexpr std::size_t kMostPlaces = 65'536;
  if (places_.size() <= update.slot) places_.resize(update.slot + 1);
  Places& places = places_[update.slot];
  if (places.size() >= kMostPlaces && !places.contains(hash)) places.clear();
  places[hash] = {update.agent, update.source};
}

void Shard::apply(const EdgeUpdates& from, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i != last; ++i) {
    const EdgeUpdates::Update& update = from.updates[i];
    setTime(std::max(now_, update.time));  // live, another shard's may be a little older
    if (update.datagram != ordinal_ || position_ < kEdgePosition) {
      flush();
      ordinal_ = update.datagram;
      position_ = kEdgePosition;
    }
    FlowRuntime* const flow = runtimeOf(update);
    DataSourceState* const holder = flow == nullptr ? nullptr : edgeHolder(update);
    FlowState* const state = holder == nullptr ? nullptr : flowStateFor(*holder, *flow->entry);
    if (state == nullptr) continue;
    const flow::FlowCache::Shape& shape = flow->entry->cache;
    std::uint8_t* const key = flow->keys.data() + std::size_t{flow->waiting} * shape.keySize;
    std::copy_n(from.keys.begin() + static_cast<std::ptrdiff_t>(update.key), shape.keySize, key);
    if (shape.cells != nullptr) {
      std::copy_n(&from.values[update.value], shape.cells->count(),
                  &flow->values[flow->waiting * shape.cells->count()]);
      flow->weights[flow->waiting] = update.weight;
    }
    const flow::KeyId id = flow::KeyId::of(key, shape.keySize);
    notePlace(update, id.hash);
    flow->updates[flow->waiting++] = {state, id, update.amount};
    if (flow->waiting == FlowRuntime::kMaxWaiting) this->update(*flow);
  }
}

}  // namespace weir::engine
