#include <algorithm>

#include "model/counter_record.h"
#include "model/counter_state.h"
#include "model/counter_wraps.h"
#include "model/custom_metrics.h"

namespace weir::model {

namespace {

// Octet rates beyond this part of the interface speed are not believed at once.
constexpr double kSpeedTolerance = 1.2;

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

void CounterState::applyCounters(Block* block, const RecordLayout& layout, const RawRecord& raw,
                                 const CounterContext& context, bool reset, Wraps& wraps) {
  double seconds = -1;
  if (block->hasPrevious && !reset && !(steppedBack(block, layout, raw)))
    seconds = countingSeconds(context, block->uptimeMs, block->counted, block->interval);
  if (seconds == 0) return;  // no time has passed: the next sample is compared with the previous one

  std::uint64_t* values = slots(block);
  std::uint8_t* before = previous(block, layout);
  for (std::size_t i = 0; i < layout.slots.size(); ++i) {
    const SlotSpec& slot = layout.slots[i];
    if (!isCounter(slot.kind)) continue;
    const std::uint64_t was = loadPrevious(before, slot), is = raw.counter(slot);
    storePrevious(before, slot, is);
    values[i] = kAbsent;
    if (seconds < 0 || was == kAllOnes64 || is == kAllOnes64) continue;
    std::uint64_t difference = is - was;
    if (!slot.wide) difference &= 0xFFFFFFFF;
    const auto growth = static_cast<double>(difference);
    if (slot.wide || is >= was) {
      values[i] = asSlot(slot.kind == MetricKind::rate ? growth / seconds : growth);
    } else {
      wraps.add({wordOf(block), static_cast<std::uint16_t>(i), growth, seconds});
    }
  }
  if (layout.shares && seconds > 0) wraps.shares = wordOf(block);
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

/// What a limit amounts to, a second. False: the sample does not say.
bool CounterState::limit(const LimitSpec& spec, Nanos now, double& out) const {
  if (spec.metrics.empty()) {
    out = spec.factor;
    return true;
  }
  double sum = 0;
  for (const MetricId id : spec.metrics) {
    MetricValue metric;
    if (!value(id, metric) || metric.isText || metric.updated != now) return false;
    if (spec.speed) {
      const Block* interface = find(interfacePlaces().layout, 0);
      if (!(metric.number > 0) || metric.number == kAllOnes32 || interface == nullptr || interface->speedWrong)
        return false;
    }
    sum += metric.number;
  }
  out = spec.factor * sum;
  return true;
}

void CounterState::settle(const Wraps& wraps, Nanos now) {
  bool sharesKnown = !wraps.full();
  for (std::size_t i = 0; i < wraps.count; ++i) {
    const Wraps::Wrap& wrap = wraps.of[i];
    const SlotSpec& slot = metricTable().layouts()[at(wrap.word)->layout].slots[wrap.slot];
    WrapEvidence evidence;
    for (const LimitSpec& spec : slot.limits) {
      double most = 0;
      if (limit(spec, now, most)) evidence.add(most, spec.counters);
    }
    if (evidence.allows(wrap.growth, wrap.seconds)) {
      slots(at(wrap.word))[wrap.slot] =
          asSlot(slot.kind == MetricKind::rate ? wrap.growth / wrap.seconds : wrap.growth);
    } else {
      sharesKnown &= slot.kind != MetricKind::cpuShare;
    }
  }
  if (wraps.shares) makeShares(at(*wraps.shares), sharesKnown);
}

/// CPU times become parts of their sum; where one of them is not known, there is no sum.
void CounterState::makeShares(Block* block, bool known) {
  std::uint64_t* values = slots(block);
  const auto& specs = metricTable().layouts()[block->layout].slots;
  double sum = 0;
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (specs[i].kind == MetricKind::cpuShare && values[i] != kAbsent) sum += asNumber(values[i]);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].kind != MetricKind::cpuShare && specs[i].kind != MetricKind::cpuPart) continue;
    if (values[i] != kAbsent) values[i] = known && sum > 0 ? asSlot(100 * asNumber(values[i]) / sum) : kAbsent;
  }
}

}  // namespace weir::model
