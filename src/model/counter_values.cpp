#include <algorithm>
#include <cmath>
#include <limits>

#include "model/counter_record.h"
#include "model/counter_state.h"
#include "model/custom_metrics.h"
#include "model/metric_text.h"

namespace weir::model {

namespace {

bool isNumeric(MetricKind kind) {
  return !isTextKind(kind) && kind != MetricKind::instance;
}

}  // namespace

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

}  // namespace weir::model
