#include <algorithm>
#include <array>
#include <bitset>
#include <vector>

#include "flow/definition.h"
#include "flow/key_readers.h"
#include "flow/key_table.h"

namespace weir::flow {

namespace {

constexpr unsigned kOccurrences = 4;  // `key` to `key.3`
constexpr std::size_t kMaxKeys = 384;
using KeySet = std::bitset<kMaxKeys * kOccurrences>;

// How long samples of one shape stand for each other.
constexpr Nanos kRefresh = kSecond;
constexpr std::size_t kShapes = 256;

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

bool hasKey(const FlowKeyEntry& entry, const SampleFields& s, unsigned occurrence) {
  Scratch scratch;
  Value value;
  switch (entry.source) {
    case Source::field:
      return s.packet.field(read::findLayer(s, entry.layer, occurrence), entry.at, entry.size) != nullptr;
    case Source::layerValue:
    case Source::layerOffset:
      return read::findLayer(s, entry.layer, occurrence) != nullptr;
    case Source::record: {
      const wire::Record* record = read::findRecord(s, entry.recordTag, entry.at + std::size_t{entry.size});
      return record != nullptr && (entry.size != 4 || loadBe32(record->data.data() + entry.at) != 0xFFFFFFFF);
    }
    case Source::function:
      return entry.read(s, occurrence, scratch, value);
  }
  return false;
}

KeySet keysOf(const SampleFields& s) {
  KeySet keys;
  const auto table = flowKeyTable();
  for (std::size_t i = 0; i < std::min(table.size(), kMaxKeys); ++i) {
    for (unsigned n = 0; n < (table[i].layered ? kOccurrences : 1U); ++n) {
      if (hasKey(table[i], s, n))
        keys.set(i * kOccurrences + n);
      else if (n == 0 && table[i].source != Source::function)
        break;
    }
  }
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
  std::vector<Nanos> times = std::vector<Nanos>(kMaxKeys * kOccurrences, 0);

  void fold(const Shape& shape) {
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (shape.keys.test(i)) times[i] = std::max(times[i], shape.last);
    }
  }
};

KeysSeen::KeysSeen() : state_(std::make_unique<State>()) {}
KeysSeen::~KeysSeen() = default;

void KeysSeen::note(const SampleFields& sample, Nanos now) {
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
  std::sort(seen.begin(), seen.end());
  return seen;
}

}  // namespace weir::flow
