#include "model/custom_metrics.h"

#include <algorithm>
#include <cmath>

#include "model/counter_wraps.h"
#include "model/sequence.h"

namespace weir::model {

namespace {

bool isCustomName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

double countingSeconds(const CounterContext& context, std::uint32_t previousUptimeMs, Nanos previousTime,
                       float& interval) {
  const auto advance = uptimeAdvance(previousUptimeMs, context.uptimeMs);
  if (!advance) return -1;
  const double seconds = *advance != 0 ? *advance * 1e-3 : std::max(0.0, secondsFromNanos(context.now - previousTime));
  if (seconds <= 0) return 0;
  const bool gap = interval > 0 && seconds > CounterState::kGapIntervals * interval;
  interval = static_cast<float>(gap || interval <= 0 ? seconds : interval + (seconds - interval) / 4);
  return gap ? -1 : seconds;
}

CounterState::Custom::Entry* CounterState::Custom::findOrAdd(MetricId id, std::size_t hint) {
  if (hint < entries.size() && entries[hint].id == id) return &entries[hint];
  if (const Entry* known = find(id); known != nullptr) return const_cast<Entry*>(known);
  if (entries.size() >= kMaxCustom) return nullptr;
  entries.emplace_back().id = id;
  return &entries.back();
}

const CounterState::Custom::Entry* CounterState::Custom::find(MetricId id) const {
  const auto at = std::find_if(entries.begin(), entries.end(), [id](const Entry& e) { return e.id == id; });
  return at == entries.end() ? nullptr : &*at;
}

bool CounterState::Custom::read(const Entry& entry, MetricValue& out) {
  if (!entry.hasValue) return false;
  if (entry.isText) {
    out.setText(entry.text);
  } else {
    out.setNumber(entry.number);
  }
  out.updated = entry.updated;
  return true;
}

void CounterState::Custom::apply(Entry& entry, const wire::RtField& field, const CounterContext& context) {
  using wire::FieldType;
  entry.updated = context.now;
  entry.isText = field.value.type == FieldType::str;
  const bool real = field.value.type == FieldType::f32 || field.value.type == FieldType::f64;
  const bool comparable = entry.counter && entry.wide == (field.value.type == FieldType::u64);
  entry.counter = field.counter;
  entry.wide = field.value.type == FieldType::u64;
  if (entry.isText) {
    const std::string_view text = field.value.text().substr(0, kMaxTextLength);
    if (entry.text != text) entry.text.assign(text);
    entry.hasValue = !text.empty();
  } else if (!field.counter) {
    entry.number = real ? field.value.real : static_cast<double>(field.value.number);
    entry.hasValue = std::isfinite(entry.number);
  } else {
    double seconds = -1;
    if (entry.hasPrevious && comparable && !context.discontinuity)
      seconds = countingSeconds(context, entry.uptimeMs, entry.counted, entry.interval);
    if (seconds == 0) return;
    const std::uint64_t current = field.value.number, before = entry.previous;
    std::uint64_t difference = current - before;
    bool sound = seconds > 0 && (entry.wide ? current >= before : true);
    if (!entry.wide) difference &= 0xFFFFFFFF;
    const auto growth = static_cast<double>(difference);
    if (current < before && sound) sound = WrapEvidence{}.allows(growth, seconds);
    entry.hasValue = sound;
    entry.number = sound ? growth / seconds : 0;
    entry.previous = current;
    entry.hasPrevious = true;
    entry.uptimeMs = context.uptimeMs;
    entry.counted = context.now;
  }
  if (!field.counter) entry.hasPrevious = false;
}

CounterResult CounterState::applyRt(wire::RtReader& fields, MetricNames& names, const CounterContext& context,
                                    wire::FaultCounts& faults, MetricSink sink) {
  CounterResult result;
  wire::RtField field;
  for (std::size_t i = 0; fields.next(field); ++i) {
    if (custom_ == nullptr) custom_ = std::make_unique<Custom>();
    const MetricId id = isCustomName(field.name) ? names.intern(field.name) : kNoMetric;
    Custom::Entry* entry = id == kNoMetric ? nullptr : custom_->findOrAdd(id, i);
    if (entry == nullptr) {
      ++custom_->refused;
      continue;
    }
    Custom::apply(*entry, field, context);
    ++result.applied;
    if (sink && entry->hasValue && !entry->isText) sink(id, entry->number);
  }
  if (fields.fault() != wire::kNoFault) faults.add(fields.fault());
  return result;
}

std::uint64_t CounterState::customRefused() const {
  return custom_ == nullptr ? 0 : custom_->refused;
}

}  // namespace weir::model
