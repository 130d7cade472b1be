#include "model/counter_state.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "model/custom_metrics.h"
#include "model/metric_text.h"

namespace weir::model {

namespace {

constexpr std::size_t kMaxFields = 40;
constexpr std::uint64_t kAbsent = 0x7FF8000000000000;  // a NaN
constexpr std::uint32_t kAllOnes32 = 0xFFFFFFFF;
constexpr std::uint64_t kAllOnes64 = 0xFFFFFFFFFFFFFFFF;
// Another sub-agent takes a record over when its owner has been silent for so long.
constexpr Nanos kOwnerSilence = 90 * kSecond;
// Octet rates beyond this part of the interface speed are not believed at once.
constexpr double kSpeedTolerance = 1.2;

double asNumber(std::uint64_t slot) {
  return std::bit_cast<double>(slot);
}
std::uint64_t asSlot(double number) {
  return std::bit_cast<std::uint64_t>(number);
}

// Previous raw value of a counter; all ones for a counter that the agent does not have, whatever its width.
std::uint64_t loadPrevious(const std::uint8_t* previous, const SlotSpec& slot) {
  if (slot.wide) {
    std::uint64_t v;
    std::memcpy(&v, previous + slot.previous, sizeof v);
    return v;
  }
  std::uint32_t v;
  std::memcpy(&v, previous + slot.previous, sizeof v);
  return v == kAllOnes32 ? kAllOnes64 : v;
}
void storePrevious(std::uint8_t* previous, const SlotSpec& slot, std::uint64_t value) {
  if (slot.wide) {
    std::memcpy(previous + slot.previous, &value, sizeof value);
  } else {
    const auto narrow = static_cast<std::uint32_t>(value);
    std::memcpy(previous + slot.previous, &narrow, sizeof narrow);
  }
}

bool isNumeric(MetricKind kind) {
  return !isTextKind(kind) && kind != MetricKind::instance;
}

struct InterfacePlaces {
  std::uint16_t layout, speed, in, out;
};
const InterfacePlaces& interfacePlaces() {
  static const InterfacePlaces places = [] {
    const MetricTable& table = metricTable();
    const auto slot = [&](std::string_view name) { return table.places(table.find(name)).front().slot; };
    return InterfacePlaces{table.places(table.find("ifspeed")).front().layout, slot("ifspeed"), slot("ifinoctets"),
                           slot("ifoutoctets")};
  }();
  return places;
}

}  // namespace

/// The fields of one record or list element as read.
struct CounterState::RawRecord {
  std::array<wire::FieldValue, kMaxFields> fields;
  std::size_t count = 0;

  wire::Fault read(const wire::Record& record) {
    const wire::RecordSpec& spec = *wire::recordSpec(wire::RecordSpace::counter, record.tag);
    if (const wire::Fault fault = wire::checkRecord(spec, record); fault != wire::kNoFault) return fault;
    wire::FieldReader reader(spec, record);
    count = 0;
    while (count < kMaxFields && reader.next(fields[count])) ++count;
    return wire::kNoFault;
  }
  void readElement(const std::uint8_t* words, std::size_t n) {
    count = n;
    for (std::size_t i = 0; i < n; ++i) {
      fields[i] = {};
      fields[i].number = loadBe32(words + 4 * i);
    }
  }
  // All ones for a counter that is not there.
  [[nodiscard]] std::uint64_t counter(const SlotSpec& slot) const {
    if (slot.field >= count) return kAllOnes64;
    const std::uint64_t v = fields[slot.field].number;
    return !slot.wide && v == kAllOnes32 ? kAllOnes64 : v;
  }
};

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
  wire::Record record;

  // One counter that ran backwards makes every record of the sample incomparable.
  bool reset = context.discontinuity;
  for (wire::RecordReader records = sample.records; !reset && records.next(record);) {
    const RecordLayout* layout = table.layout(record.tag, sample.source.cls);
    if (layout == nullptr || !layout->wideCounters) continue;
    const Block* block = find(table.index(*layout), 0);
    if (block != nullptr && block->hasPrevious && block->subAgent == context.subAgent &&
        raw.read(record) == wire::kNoFault)
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
    std::uint64_t instance = 0;
    if (layout->instanceField >= 0) instance = raw.fields[static_cast<std::size_t>(layout->instanceField)].number;
    if (instance >= kMaxInstances) continue;
    if (!applyRecord(*layout, raw, static_cast<unsigned>(instance), context, reset)) continue;
    ++result.applied;
    if (!layout->elementOfField.empty()) applyLists(*layout, raw, context);
  }
  if (records.fault() != wire::kNoFault) faults.add(records.fault());
  if (sink) emit(sink);
  return result;
}

bool CounterState::steppedBack(const Block* block, const RecordLayout& layout, const RawRecord& raw) {
  const std::uint8_t* before = previous(block, layout);
  unsigned narrowBack = 0;
  for (const SlotSpec& slot : layout.slots) {
    if (!isCounter(slot.kind)) continue;
    const std::uint64_t was = loadPrevious(before, slot), is = raw.counter(slot);
    if (was == kAllOnes64 || is == kAllOnes64 || is >= was) continue;
    if (slot.wide) return true;
    ++narrowBack;
  }
  // A 32-bit counter wraps now and then; two of one record in the same interval began anew. Where a 64-bit counter of
  // the record went on, the others wrapped.
  return !layout.wideCounters && narrowBack >= 2;
}

bool CounterState::applyRecord(const RecordLayout& layout, const RawRecord& raw, unsigned instance,
                               const CounterContext& context, bool reset) {
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
  if (layout.counters) applyCounters(block, layout, raw, context, reset);
  block->updated = context.now;
  return true;
}

void CounterState::applyCounters(Block* block, const RecordLayout& layout, const RawRecord& raw,
                                 const CounterContext& context, bool reset) {
  double seconds = -1;
  if (block->hasPrevious && !reset && !(steppedBack(block, layout, raw)))
    seconds = countingSeconds(context, block->uptimeMs, block->counted, block->interval);
  if (seconds == 0) return;  // no time has passed: the next sample is compared with the previous one

  std::uint64_t* values = slots(block);
  std::uint8_t* before = previous(block, layout);
  double cpuSum = 0;
  bool cpu = false;
  for (std::size_t i = 0; i < layout.slots.size(); ++i) {
    const SlotSpec& slot = layout.slots[i];
    if (!isCounter(slot.kind)) continue;
    const std::uint64_t was = loadPrevious(before, slot), is = raw.counter(slot);
    storePrevious(before, slot, is);
    values[i] = kAbsent;
    if (seconds < 0 || was == kAllOnes64 || is == kAllOnes64) continue;
    std::uint64_t difference = is - was;
    if (!slot.wide) {
      difference &= 0xFFFFFFFF;
      // Over half of the range in one interval is a restart rather than a wrap, unless a 64-bit neighbour says
      // otherwise.
      if (is < was && difference >= 0x80000000U && !layout.wideCounters) continue;
    }
    const auto growth = static_cast<double>(difference);
    if (slot.kind == MetricKind::rate) {
      values[i] = asSlot(growth / seconds * slot.scale);
    } else {
      values[i] = asSlot(growth);
      cpu = true;
      if (slot.kind == MetricKind::cpuShare) cpuSum += growth;
    }
  }
  if (cpu) {
    for (std::size_t i = 0; i < layout.slots.size(); ++i) {
      const MetricKind kind = layout.slots[i].kind;
      if (kind != MetricKind::cpuShare && kind != MetricKind::cpuPart) continue;
      if (values[i] != kAbsent) values[i] = cpuSum > 0 ? asSlot(100 * asNumber(values[i]) / cpuSum) : kAbsent;
    }
  }
  if (block->layout == interfacePlaces().layout && seconds > 0) checkSpeed(block, layout);
  block->uptimeMs = context.uptimeMs;
  block->counted = context.now;
  block->hasPrevious = true;
}

void CounterState::checkSpeed(Block* block, const RecordLayout& layout) {
  const InterfacePlaces& places = interfacePlaces();
  std::uint64_t* values = slots(block);
  const double speed = asNumber(values[places.speed]);
  if (!(speed > 0) || speed == kAllOnes32 || block->speedWrong) return;
  const double limit = kSpeedTolerance * speed / 8;
  // A rate that is absent is a NaN and beyond nothing.
  if (!(asNumber(values[places.in]) > limit) && !(asNumber(values[places.out]) > limit)) {
    block->speedDoubtful = false;
    return;
  }
  // Once it is the counters' fault, twice running it is the speed that is wrong (virtual ports report 10 Mbit/s).
  if (block->speedDoubtful) {
    block->speedWrong = true;
    return;
  }
  block->speedDoubtful = true;
  for (std::size_t i = 0; i < layout.slots.size(); ++i)
    if (isCounter(layout.slots[i].kind)) values[i] = kAbsent;
}

void CounterState::applyLists(const RecordLayout& layout, const RawRecord& raw, const CounterContext& context) {
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
      if (instance < kMaxInstances) (void)applyRecord(element, one, static_cast<unsigned>(instance), context, false);
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

bool CounterState::render(const Block* block, std::size_t index, unsigned part, MetricValue& out) const {
  const SlotSpec& spec = metricTable().layouts()[block->layout].slots[index];
  const std::uint64_t slot = slots(block)[index];
  if (slot == kAbsent) return false;
  out.updated = block->updated;
  switch (spec.kind) {
    case MetricKind::numberText:
      out.setDecimal(slot);
      break;
    case MetricKind::hexText:
      hexText(slot, out);
      break;
    case MetricKind::mac:
      macText(slot, out);
      break;
    case MetricKind::octets:
      out.setNumber(static_cast<double>(slot >> (24 - 8 * part) & 0xFF));
      break;
    case MetricKind::text:
    case MetricKind::uuid:
      if (texts_[slot].empty()) return false;
      out.setText(texts_[slot]);
      break;
    case MetricKind::ifStatus:
      out.setText((slot >> part & 1) != 0 ? "up" : "down");
      break;
    case MetricKind::ifType:
    case MetricKind::ifDirection:
    case MetricKind::machineType:
    case MetricKind::osName:
    case MetricKind::virState:
      enumerationText(spec.kind, static_cast<std::uint32_t>(slot), out);
      break;
    default:
      out.setNumber(asNumber(slot));
      break;
  }
  return true;
}

const CounterState::Block* CounterState::place(MetricId id, MetricValue& out) const {
  for (const MetricPlace& p : metricTable().places(id)) {
    const Block* block = find(p.layout, p.instance);
    if (block != nullptr && render(block, p.slot, p.part, out)) return block;
  }
  return nullptr;
}

bool CounterState::term(MetricId id, double& number, Nanos& updated) const {
  MetricValue value;
  if (place(id, value) == nullptr || value.isText) return false;
  number = value.number;
  updated = value.updated;
  return true;
}

bool CounterState::derive(const DerivedSpec& spec, MetricValue& out) const {
  double sum = 0;
  bool any = false;
  Nanos oldest = std::numeric_limits<Nanos>::max();
  const auto add = [&](const DerivedSpec::Term& t, double& total) {
    if (t.id == kNoMetric) {
      total += t.factor;
      return true;
    }
    double number = 0;
    Nanos updated = 0;
    if (!term(t.id, number, updated)) return t.optional;
    if (t.speed && number == kAllOnes32) return false;
    if (t.atLeastOne) number = std::max(number, 1.0);
    total += t.factor * number;
    oldest = std::min(oldest, updated);
    any = true;
    return true;
  };
  for (const auto& t : spec.terms)
    if (!add(t, sum)) return false;
  if (!any) return false;
  double divisor = spec.divisors.empty() ? 1 : 0;
  for (const auto& t : spec.divisors)
    if (!add(t, divisor)) return false;
  if (!(divisor > 0)) return false;
  out.setNumber(spec.scale * sum / divisor);
  out.updated = oldest;
  return std::isfinite(out.number);
}

bool CounterState::renderNameText(NameText kind, MetricValue& out) const {
  static const MetricId hostName = metricTable().find("vir_host_name");
  MetricValue name;
  if (place(hostName, name) == nullptr) return false;
  const std::string_view text = nameText(kind, name.text());
  if (text.empty()) return false;
  out.setText(text);
  out.updated = name.updated;
  return true;
}

bool CounterState::value(MetricId id, MetricValue& out) const {
  const MetricTable& table = metricTable();
  if (id < table.size()) {
    if (place(id, out) != nullptr) return true;
    if (const DerivedSpec* spec = table.derivedOf(id); spec != nullptr && used_ != 0 && derive(*spec, out)) return true;
    if (table.isNameText(id) && renderNameText(static_cast<NameText>(id - table.nameText(NameText{})), out))
      return true;
  }
  if (custom_ == nullptr) return false;
  const Custom::Entry* entry = custom_->find(id);
  return entry != nullptr && Custom::read(*entry, out);
}

void CounterState::emit(MetricSink sink) const {
  const MetricTable& table = metricTable();
  MetricValue value;
  for (std::size_t word = 0; word < used_; word += wordsOf(at(word))) {
    const Block* block = at(word);
    if (block->serial != serial_) continue;
    const RecordLayout& layout = table.layouts()[block->layout];
    for (std::size_t i = 0; i < layout.slots.size(); ++i) {
      const SlotSpec& slot = layout.slots[i];
      if (!isNumeric(slot.kind)) continue;
      for (unsigned part = 0; part < slot.ids.size(); ++part)
        if (render(block, i, part, value)) sink(slot.ids[part] + block->instance * layout.stride, value.number);
    }
    for (const std::uint16_t d : layout.derived)
      if (derive(table.derived()[d], value)) sink(table.derived()[d].id, value.number);
  }
}

void CounterState::visitAll(Visit visit, void* context) const {
  const MetricTable& table = metricTable();
  MetricValue value, other;
  for (std::size_t word = 0; word < used_; word += wordsOf(at(word))) {
    const Block* block = at(word);
    const RecordLayout& layout = table.layouts()[block->layout];
    for (std::size_t i = 0; i < layout.slots.size(); ++i) {
      const SlotSpec& slot = layout.slots[i];
      for (unsigned part = 0; part < slot.ids.size(); ++part) {
        const MetricId id = slot.ids[part] + block->instance * layout.stride;
        if (!render(block, i, part, value)) continue;
        if (table.places(id).size() == 1 || place(id, other) == block) visit(context, id, value);
      }
    }
    for (const std::uint16_t d : layout.derived) {
      const DerivedSpec& spec = table.derived()[d];
      const auto places = table.places(spec.terms.front().id);
      // A first term that two records carry lists the metric at both.
      if (places.size() > 1 && place(spec.terms.front().id, other) != block) continue;
      if (derive(spec, value)) visit(context, spec.id, value);
    }
    if (block->layout == table.logicalHostLayout())
      for (unsigned kind = 0; kind <= static_cast<unsigned>(NameText::dockerName); ++kind)
        if (renderNameText(static_cast<NameText>(kind), value))
          visit(context, table.nameText(static_cast<NameText>(kind)), value);
  }
  if (custom_ == nullptr) return;
  for (const Custom::Entry& entry : custom_->entries)
    if (Custom::read(entry, value)) visit(context, entry.id, value);
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
