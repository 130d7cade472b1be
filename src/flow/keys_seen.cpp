#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <unordered_map>
#include <vector>

#include "flow/definition.h"
#include "flow/expression.h"
#include "flow/key_readers.h"
#include "flow/key_table.h"
#include "wire/rt.h"

namespace weir::flow {

namespace {

constexpr unsigned kOccurrences = 4;  // `key` to `key.3`
using KeySet = std::bitset<kMaxFlowKeys * kOccurrences>;

// How long samples of one shape stand for each other.
constexpr Nanos kRefresh = kSecond;
constexpr std::size_t kShapes = 256;

// Names that applications give their own fields: letters, digits, `-`, `_`, at most 64.
constexpr std::size_t kMaxCustom = 256;
bool isFieldName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// Keys that a sample has follow from its layers and records, and of a few layers from what the first octets say.
std::uint64_t shapeOf(const SampleFields& s) {
  std::uint64_t h = s.sample != nullptr ? static_cast<std::uint64_t>(s.sample->kind) + 1 : 0;
  const auto add = [&h](std::uint64_t n) { h = (h ^ n) * 0x9E3779B97F4A7C15ULL; };
  if (s.hasPacket) {
    for (unsigned i = 0; i < s.packet.layerCount; ++i) add(static_cast<std::uint64_t>(s.packet.layers[i].kind) + 1);
    for (const auto kind : {decode::Layer::icmp, decode::Layer::icmp6, decode::Layer::ibbt}) {
      const std::uint8_t* p = s.packet.field(s.packet.layer(kind), 0, 2);
      if (p != nullptr) add(0x10000U | loadBe16(p));
    }
  }
  for (unsigned i = 0; i < s.recordCount; ++i) add(0x100000000U | s.records[i].tag);
  return h ^ h >> 32;
}

/// The table, sorted by what a sample must have for a key to have a value: looking at a sample costs what it holds.
class KeysByPart {
 public:
  KeysByPart() {
    const auto table = flowKeyTable();
    for (std::size_t i = 0; i < std::min(table.size(), kMaxFlowKeys); ++i) {
      const FlowKeyEntry& entry = table[i];
      const Key key{static_cast<std::uint16_t>(i), leafOf(entry, 0, 0)};
      if (entry.layered) {
        ofLayer_[static_cast<std::size_t>(entry.layer)].push_back(key);
      } else if (entry.recordFieldCount != 0) {
        for (std::size_t f = 0; f < entry.recordFieldCount; ++f) ofRecord_[entry.recordFields[f].tag].push_back(key);
      } else {
        ofSample_.push_back(key);
      }
    }
  }

  void find(const SampleFields& s, KeySet& keys) const {
    for (const Key& key : ofSample_) note(s, key, 0, keys);
    for (unsigned i = 0; i < s.recordCount; ++i) {
      const auto it = ofRecord_.find(s.records[i].tag);
      if (it == ofRecord_.end()) continue;
      for (const Key& key : it->second) note(s, key, 0, keys);
    }
    if (!s.hasPacket) return;
    for (std::size_t kind = 0; kind < ofLayer_.size(); ++kind) {
      if (s.packet.firstOf[kind] == decode::kNoLayer) continue;
      for (const Key& key : ofLayer_[kind]) {
        for (unsigned n = 0; n < kOccurrences; ++n) note(s, key, n, keys);
      }
    }
  }

 private:
  struct Key {
    std::uint16_t index;
    Leaf leaf;
  };
  static void note(const SampleFields& s, const Key& key, unsigned occurrence, KeySet& keys) {
    Leaf leaf = key.leaf;
    leaf.occurrence = static_cast<std::uint8_t>(occurrence);
    Scratch scratch;
    Value value;
    if (readLeaf(leaf, s, scratch, value)) keys.set(std::size_t{key.index} * kOccurrences + occurrence);
  }

  std::array<std::vector<Key>, decode::kLayerKinds> ofLayer_;
  std::unordered_map<std::uint32_t, std::vector<Key>> ofRecord_;
  std::vector<Key> ofSample_;
};

const KeysByPart& keysByPart() {
  static const KeysByPart parts;
  return parts;
}

KeySet keysOf(const SampleFields& s) {
  KeySet keys;
  keysByPart().find(s, keys);
  return keys;
}

}  // namespace

/// A direct-mapped table of the shapes of samples met lately, and what was displaced from it.
struct KeysSeen::State {
  struct Shape {
    std::uint64_t hash = 0;
    Nanos last = 0;  // 0: unused
    Nanos expanded = 0;
    KeySet keys;
  };
  std::vector<Shape> shapes = std::vector<Shape>(kShapes);
  std::vector<Nanos> times = std::vector<Nanos>(kMaxFlowKeys * kOccurrences, 0);
  std::map<std::string, Nanos, std::less<>> custom;  // `datasource.field`, at most kMaxCustom

  void noteCustom(const wire::Sample& sample, Nanos now) {
    auto reader = wire::RtReader::open(sample);
    if (!reader || !isFieldName(reader->dataSource())) return;
    wire::RtField field;
    thread_local std::string name;
    while (reader->next(field)) {
      if (!isFieldName(field.name)) continue;
      name.assign(reader->dataSource()).append(1, '.').append(field.name);
      if (const auto it = custom.find(name); it != custom.end()) {
        it->second = now;
      } else if (custom.size() < kMaxCustom) {
        custom.emplace(name, now);
      }
    }
  }

  void fold(const Shape& shape) {
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (shape.keys.test(i)) times[i] = std::max(times[i], shape.last);
    }
  }
};

KeysSeen::KeysSeen() : state_(std::make_unique<State>()) {
  (void)keysByPart();  // made now, not when the first sample waits
}
KeysSeen::~KeysSeen() = default;

void KeysSeen::note(const SampleFields& sample, Nanos now) {
  if (sample.sample != nullptr && sample.sample->kind == wire::SampleKind::rtFlow)
    state_->noteCustom(*sample.sample, now);
  const std::uint64_t hash = shapeOf(sample);
  State::Shape& shape = state_->shapes[hash % kShapes];
  if (shape.hash == hash && shape.last != 0 && now - shape.expanded < kRefresh) {
    shape.last = now;
    return;
  }
  if (shape.last != 0) state_->fold(shape);
  shape.hash = hash;
  shape.last = shape.expanded = now;
  shape.keys = keysOf(sample);
}

std::vector<std::pair<std::string, Nanos>> KeysSeen::list() const {
  std::vector<Nanos> times = state_->times;
  for (const State::Shape& shape : state_->shapes) {
    if (shape.last == 0) continue;
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (shape.keys.test(i)) times[i] = std::max(times[i], shape.last);
    }
  }
  std::vector<std::pair<std::string, Nanos>> seen;
  const auto table = flowKeyTable();
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] == 0) continue;
    std::string name(table[i / kOccurrences].name);
    if (i % kOccurrences != 0) name += '.' + std::to_string(i % kOccurrences);
    seen.emplace_back(std::move(name), times[i]);
  }
  seen.insert(seen.end(), state_->custom.begin(), state_->custom.end());
  std::sort(seen.begin(), seen.end());
  return seen;
}

}  // namespace weir::flow
