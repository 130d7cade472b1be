#include "model/counter_state.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "model/counter_record.h"
#include "model/counter_wraps.h"
#include "model/custom_metrics.h"

namespace weir::model {

namespace {

// Another sub-agent takes a record over when its owner has been silent for so long.
constexpr Nanos kOwnerSilence = 90 * kSecond;

}  // namespace

CounterState::CounterState() = default;
CounterState::CounterState(CounterState&& other) noexcept {
  *this = std::move(other);
}
CounterState& CounterState::operator=(CounterState&& other) noexcept {
  std::swap(words_, other.words_);
  std::swap(used_, other.used_);
  std::swap(capacity_, other.capacity_);
  std::swap(serial_, other.serial_);
  std::swap(texts_, other.texts_);
  std::swap(custom_, other.custom_);
  return *this;
}
CounterState::~CounterState() = default;

CounterState::Block* CounterState::find(std::uint16_t layout, unsigned instance) const {
  for (std::size_t word = 0; word < used_;) {
    Block* block = at(word);
    if (block->layout == layout && block->instance == instance) return block;
    word += wordsOf(block);
  }
  return nullptr;
}

CounterState::Block* CounterState::findOrAdd(std::uint16_t layout, unsigned instance) {
  if (Block* block = find(layout, instance); block != nullptr) return block;
  const RecordLayout& spec = metricTable().layouts()[layout];
  const std::size_t words = kHeaderWords + spec.words;
  if (used_ + words > std::numeric_limits<std::uint16_t>::max()) return nullptr;
  if (used_ + words > capacity_) {
    // Exactly as much as needed: there are as many of these as ports, and they grow only when a record is new.
    auto larger = std::make_unique<std::uint64_t[]>(used_ + words);
    if (used_ != 0) std::memcpy(larger.get(), words_.get(), used_ * sizeof(std::uint64_t));
    words_ = std::move(larger);
    capacity_ = static_cast<std::uint16_t>(used_ + words);
  }
  auto* block = new (words_.get() + used_) Block;
  block->layout = layout;
  block->instance = static_cast<std::uint16_t>(instance);
  std::fill_n(slots(block), spec.slots.size(), kAbsent);
  std::memset(previous(block, spec), 0xFF, (spec.words - spec.slots.size()) * sizeof(std::uint64_t));
  used_ = static_cast<std::uint16_t>(used_ + words);
  return block;
}

CounterResult CounterState::apply(const wire::Sample& sample, const CounterContext& context, wire::FaultCounts& faults,
                                  MetricSink sink) {
  const MetricTable& table = metricTable();
  CounterResult result;
  ++serial_;
  RawRecord raw;
  Wraps wraps;
  wire::Record record;

  // One counter that ran backwards makes every record of the sample incomparable.
  bool reset = context.discontinuity;
  std::bitset<kMaxLayouts> compared;  // of several of a kind the first sound one counts
  for (wire::RecordReader records = sample.records; !reset && records.next(record);) {
    const RecordLayout* layout = table.layout(record.tag, sample.source.cls);
    if (layout == nullptr || !layout->wideCounters) continue;
    const std::uint16_t index = table.index(*layout);
    if (compared.test(index)) continue;
    const Block* block = find(index, 0);
    if (block == nullptr || !block->hasPrevious || block->subAgent != context.subAgent) continue;
    if (raw.read(record) != wire::kNoFault || isOfAnother(sample, *layout, raw)) continue;
    compared.set(index);
    reset = steppedBack(block, *layout, raw);
  }

  wire::RecordReader records = sample.records;
  while (records.next(record)) {
    const RecordLayout* layout = table.layout(record.tag, sample.source.cls);
    if (layout == nullptr) {
      ++result.unknown;
      continue;
    }
    if (const wire::Fault fault = raw.read(record); fault != wire::kNoFault) {
      faults.add(fault);
      continue;
    }
    if (isOfAnother(sample, *layout, raw)) continue;
    std::uint64_t instance = 0;
    if (layout->instanceField >= 0) instance = raw.fields[static_cast<std::size_t>(layout->instanceField)].number;
    if (instance >= kMaxInstances) continue;
    if (!applyRecord(*layout, raw, static_cast<unsigned>(instance), context, reset, wraps)) continue;
    ++result.applied;
    if (!layout->elementOfField.empty()) applyLists(*layout, raw, context, wraps);
  }
  if (records.fault() != wire::kNoFault) faults.add(records.fault());
  settle(wraps, context.now);
  if (sink) emit(sink);
  return result;
}

/// Whether a record names another port or VLAN than the data source of its sample: it is about a service there, or a
/// neighbour. 0: it names none.
bool CounterState::isOfAnother(const wire::Sample& sample, const RecordLayout& layout, const RawRecord& raw) {
  constexpr std::uint32_t kPort = 0, kVlan = 1;  // classes of data sources
  const wire::DataSource& source = sample.source;
  const bool names = layout.several == wire::RecordSeveral::ownPort   ? source.cls == kPort
                     : layout.several == wire::RecordSeveral::ownVlan ? source.cls == kVlan
                                                                      : false;
  if (!names) return false;
  const std::uint64_t named = raw.fields[0].number;
  // The compact form of a sample has room for 24 bits of the index.
  return named != 0 && (sample.expanded ? named : named & 0xFFFFFF) != source.index;
}

bool CounterState::applyRecord(const RecordLayout& layout, const RawRecord& raw, unsigned instance,
                               const CounterContext& context, bool reset, Wraps& wraps) {
  Block* block = findOrAdd(metricTable().index(layout), instance);
  if (block == nullptr || block->serial == serial_)
    return false;  // of several of a kind in one sample the first counts
  if (block->serial != 0 && block->subAgent != context.subAgent) {
    if (context.now - block->updated < kOwnerSilence) return false;
    reset = true;
  }
  block->serial = serial_;
  block->subAgent = context.subAgent;
  for (std::size_t i = 0; i < layout.slots.size(); ++i) {
    const SlotSpec& slot = layout.slots[i];
    if (isCounter(slot.kind)) continue;
    if (slot.field < raw.count) storeSlot(block, i, slot, raw.fields[slot.field]);
  }
  if (layout.counters) applyCounters(block, layout, raw, context, reset, wraps);
  block->updated = context.now;
  return true;
}

void CounterState::applyLists(const RecordLayout& layout, const RawRecord& raw, const CounterContext& context,
                              Wraps& wraps) {
  for (std::size_t field = 0; field < layout.elementOfField.size() && field < raw.count; ++field) {
    if (layout.elementOfField[field] < 0) continue;
    const RecordLayout& element = metricTable().layouts()[static_cast<std::size_t>(layout.elementOfField[field])];
    const std::size_t width = element.slotOfField.size();
    const Bytes bytes = raw.fields[field].bytes;
    RawRecord one;
    for (std::size_t i = 0; i < kMaxInstances && (i + 1) * width * 4 <= bytes.size(); ++i) {
      one.readElement(bytes.data() + i * width * 4, width);
      std::uint64_t instance = i;
      if (element.instanceField >= 0) {
        instance = one.fields[static_cast<std::size_t>(element.instanceField)].number;
        if (instance == 0) instance = i + 1;  // unknown: by position
      }
      if (instance < kMaxInstances)
        (void)applyRecord(element, one, static_cast<unsigned>(instance), context, false, wraps);
    }
  }
}

void CounterState::storeSlot(Block* block, std::size_t index, const SlotSpec& spec, const wire::FieldValue& field) {
  std::uint64_t& slot = slots(block)[index];
  const auto signedNumber = static_cast<std::int32_t>(field.number);
  const auto setNumber = [&](bool known, double number) {
    slot = known && std::isfinite(number) ? asSlot(number * spec.scale) : kAbsent;
  };
  switch (spec.kind) {
    case MetricKind::gauge:
      setNumber(field.number != (spec.wide ? kAllOnes64 : kAllOnes32), static_cast<double>(field.number));
      break;
    case MetricKind::signedGauge:
      setNumber(signedNumber != std::numeric_limits<std::int32_t>::max() &&
                    signedNumber != -std::numeric_limits<std::int32_t>::max(),
                signedNumber);
      break;
    case MetricKind::loadGauge:
      setNumber(field.real >= 0, field.real);
      break;
    case MetricKind::percentage:
      setNumber(signedNumber >= 0, std::min(signedNumber, 10'000) / 100.0);
      break;
    case MetricKind::octets:
      slot = field.bytes.size() == 4 ? loadBe32(field.bytes.data()) : kAbsent;
      break;
    case MetricKind::mac:
      slot = field.bytes.size() >= 6
                 ? static_cast<std::uint64_t>(loadBe16(field.bytes.data())) << 32 | loadBe32(field.bytes.data() + 2)
                 : kAbsent;
      break;
    case MetricKind::uuid: {
      static constexpr char kDigits[] = "0123456789abcdef";
      std::array<char, 36> text;
      std::size_t n = 0;
      bool known = false;
      for (std::size_t i = 0; i < field.bytes.size() && i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text[n++] = '-';
        text[n++] = kDigits[field.bytes[i] >> 4];
        text[n++] = kDigits[field.bytes[i] & 15];
        known |= field.bytes[i] != 0;
      }
      storeText(slot, known ? std::string_view(text.data(), n) : std::string_view{});
      break;
    }
    case MetricKind::text:
      storeText(slot, field.text().substr(0, kMaxTextLength));
      break;
    default:
      slot = field.number;
      break;
  }
}

void CounterState::storeText(std::uint64_t& slot, std::string_view text) {
  if (slot == kAbsent) {
    if (text.empty()) return;
    slot = texts_.size();
    texts_.reserve(texts_.size() + 1);  // exactly: most sources have one
    texts_.emplace_back(text);
  } else if (texts_[slot] != text) {
    texts_[slot].assign(text);
  }
}

void CounterState::removeText(std::uint64_t slot) {
  if (slot == kAbsent) return;
  texts_.erase(texts_.begin() + static_cast<std::ptrdiff_t>(slot));
  for (std::size_t word = 0; word < used_; word += wordsOf(at(word))) {
    const RecordLayout& layout = metricTable().layouts()[at(word)->layout];
    for (std::size_t i = 0; i < layout.slots.size(); ++i) {
      const MetricKind kind = layout.slots[i].kind;
      std::uint64_t& other = slots(at(word))[i];
      if ((kind == MetricKind::text || kind == MetricKind::uuid) && other != kAbsent && other > slot) --other;
    }
  }
}

bool CounterState::expire(Nanos now, Nanos maxAge) {
  for (std::size_t word = 0; word < used_;) {
    Block* block = at(word);
    const std::size_t words = wordsOf(block);
    if (block->updated >= now - maxAge) {
      word += words;
      continue;
    }
    const RecordLayout& layout = metricTable().layouts()[block->layout];
    for (std::size_t i = 0; i < layout.slots.size(); ++i) {
      const MetricKind kind = layout.slots[i].kind;
      if (kind != MetricKind::text && kind != MetricKind::uuid) continue;
      removeText(std::exchange(slots(block)[i], kAbsent));
    }
    std::memmove(words_.get() + word, words_.get() + word + words, (used_ - word - words) * sizeof(std::uint64_t));
    used_ = static_cast<std::uint16_t>(used_ - words);
  }
  if (custom_ != nullptr) {
    std::erase_if(custom_->entries, [&](const Custom::Entry& e) { return e.updated < now - maxAge; });
    if (custom_->entries.empty()) custom_.reset();
  }
  if (used_ == 0) {
    words_.reset();
    capacity_ = 0;
    texts_ = std::vector<std::string>();  // gives the memory back, which `= {}` would not
  }
  return empty();
}

std::size_t CounterState::memory() const {
  std::size_t total = sizeof *this + capacity_ * sizeof(std::uint64_t) + texts_.capacity() * sizeof(std::string);
  for (const std::string& text : texts_)
    if (text.capacity() > 15) total += text.capacity() + 1;
  if (custom_ != nullptr) total += sizeof *custom_ + custom_->entries.capacity() * sizeof(Custom::Entry);
  return total;
}

}  // namespace weir::model
