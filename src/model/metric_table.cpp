#include "model/metric_table.h"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace weir::model {

namespace {

enum class Sources : std::uint8_t { any, physical, logical };

struct Row {
  std::string_view field;
  MetricKind kind;
  std::string_view names;
  double scale;
  std::string_view limits;
  std::string_view unit;
};
struct Group {
  std::string_view record;
  Sources sources;
  std::vector<Row> rows;
};

const std::vector<Group>& groups() {
  static const std::vector<Group> list = {
#define WEIR_METRICS(record, sources) \
  {                                   \
    #record, Sources::sources, {
#define WEIR_METRIC(field, kind, names, scale, ...) {#field, MetricKind::kind, names, scale, "", "" __VA_ARGS__},
#define WEIR_COUNTER(field, kind, names, limits, unit) {#field, MetricKind::kind, names, 1, limits, unit},
#define WEIR_END \
  }              \
  }              \
  ,
#define WEIR_DERIVED(name, scale, terms, divisors, unit)
#include "model/metrics.def"
#undef WEIR_METRICS
#undef WEIR_METRIC
#undef WEIR_COUNTER
#undef WEIR_END
#undef WEIR_DERIVED
  };
  return list;
}

struct DerivedRow {
  std::string_view name;
  double scale;
  std::string_view terms, divisors, unit;
};
constexpr DerivedRow kDerivedRows[] = {
#define WEIR_METRICS(record, sources)
#define WEIR_METRIC(field, kind, names, scale, ...)
#define WEIR_COUNTER(field, kind, names, limits, unit)
#define WEIR_END
#define WEIR_DERIVED(name, scale, terms, divisors, unit) {name, scale, terms, divisors, unit},
#include "model/metrics.def"
#undef WEIR_METRICS
#undef WEIR_METRIC
#undef WEIR_COUNTER
#undef WEIR_END
#undef WEIR_DERIVED
};

// Lists inside records: their elements have a layout of their own.
struct ListField {
  std::string_view record, field, element;
};
constexpr ListField kLists[] = {{"sfp", "lanes", "sfp_lane"},
                                {"bst_port_buffers", "egress_queue_uc_pc", "egress_queue_uc"},
                                {"bst_port_buffers", "egress_queue_mc_pc", "egress_queue_mc"}};

constexpr std::string_view kNameTexts[] = {"k8s_namespace", "k8s_name", "swarm_name", "systemd_service", "docker_name"};

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (blank != 0) out.push_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return out;
}

std::string instanceName(std::string_view pattern, unsigned instance) {
  std::string name(pattern);
  if (const std::size_t at = name.find('%'); at != std::string::npos) name.replace(at, 1, std::to_string(instance));
  return name;
}

const ListField* listOfElement(std::string_view element) {
  const auto* at =
      std::find_if(std::begin(kLists), std::end(kLists), [&](const auto& l) { return l.element == element; });
  return at == std::end(kLists) ? nullptr : at;
}

// Names and widths of the fields of a record, or of the elements of a list.
struct FieldShape {
  std::string_view name;
  bool wide;
};
std::vector<FieldShape> fieldsOf(std::string_view record) {
  std::vector<FieldShape> out;
  if (const auto* spec = wire::recordSpec(wire::RecordSpace::counter, record); spec != nullptr) {
    for (const auto& field : spec->fields) out.push_back({field.name, field.type == wire::FieldType::u64});
  } else if (record == "sfp_lane") {
    for (std::size_t i = 0; i < wire::kLaneFields; ++i) out.push_back({wire::laneFieldName(i), false});
  } else {
    out.push_back({"pc", false});
  }
  return out;
}

}  // namespace

MetricTable::MetricTable() {
  addLayouts();
  addDerived();
  addLimits();
  firstNameText_ = size();
  for (const std::string_view name : kNameTexts) (void)intern(std::string(name));
  derivedOf_.resize(names_.size(), -1);
  for (std::size_t i = 0; i < derived_.size(); ++i) derivedOf_[derived_[i].id] = static_cast<std::int16_t>(i);
}

MetricId MetricTable::intern(const std::string& name) {
  const auto at = std::lower_bound(byName_.begin(), byName_.end(), name,
                                   [this](MetricId id, const std::string& n) { return names_[id] < n; });
  if (at != byName_.end() && names_[*at] == name) return *at;
  assert(storage_.size() < storage_.capacity());  // views point into it
  storage_.push_back(name);
  const MetricId id = size();
  names_.push_back(storage_.back());
  byName_.insert(at, id);
  places_.emplace_back();
  return id;
}

void MetricTable::addLayouts() {
  storage_.reserve(4096);
  assert(groups().size() <= kMaxLayouts);
  layouts_.reserve(groups().size());
  for (const Group& group : groups()) {
    const auto layoutIndex = static_cast<std::uint16_t>(layouts_.size());
    RecordLayout layout;
    layout.name = group.record;
    if (const auto* spec = wire::recordSpec(wire::RecordSpace::counter, group.record)) layout.several = spec->several;
    const std::vector<FieldShape> fields = fieldsOf(group.record);
    layout.slotOfField.assign(fields.size(), -1);
    layout.elementOfField.assign(fields.size(), -1);
    bool repeated = listOfElement(group.record) != nullptr;
    for (const Row& row : group.rows) {
      const auto at = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == row.field; });
      assert(at != fields.end() && "a field of metrics.def that the record does not have");
      const auto field = static_cast<std::size_t>(at - fields.begin());
      if (row.kind == MetricKind::instance) {
        layout.instanceField = static_cast<int>(field);
        repeated = true;
        continue;
      }
      layout.slotOfField[field] = static_cast<std::int16_t>(layout.slots.size());
      SlotSpec slot;
      slot.field = static_cast<std::uint16_t>(field);
      slot.kind = row.kind;
      slot.wide = at->wide;
      slot.scale = row.scale;
      slot.unit = row.unit;
      layout.slots.push_back(std::move(slot));
      layout.counters |= isCounter(row.kind);
      layout.shares |= row.kind == MetricKind::cpuShare;
      layout.wideCounters |= isCounter(row.kind) && at->wide;
    }
    // Previous values: the wide ones first, so that all are aligned.
    std::size_t offset = 0;
    for (const bool wide : {true, false}) {
      for (SlotSpec& slot : layout.slots) {
        if (!isCounter(slot.kind) || slot.wide != wide) continue;
        slot.previous = static_cast<std::uint16_t>(offset);
        offset += wide ? 8 : 4;
      }
    }
    layout.words = static_cast<std::uint16_t>(layout.slots.size() + (offset + 7) / 8);

    const MetricId first = size();
    for (unsigned instance = 0; instance < (repeated ? kMaxInstances : 1); ++instance) {
      if (instance == 1) layout.stride = size() - first;
      std::size_t slotIndex = 0;
      for (const Row& row : group.rows) {
        if (row.kind == MetricKind::instance) continue;
        std::uint8_t part = 0;
        for (const std::string_view pattern : words(row.names)) {
          const MetricId id = intern(instanceName(pattern, instance));
          if (instance == 0) layout.slots[slotIndex].ids.push_back(id);
          places_[id].push_back(
              {layoutIndex, static_cast<std::uint16_t>(slotIndex), part++, static_cast<std::uint8_t>(instance)});
        }
        ++slotIndex;
      }
    }

    if (const auto* spec = wire::recordSpec(wire::RecordSpace::counter, group.record); spec != nullptr) {
      const auto at = std::lower_bound(tags_.begin(), tags_.end(), spec->tag,
                                       [](const TagEntry& e, std::uint32_t tag) { return e.tag < tag; });
      auto entry = at != tags_.end() && at->tag == spec->tag ? at : tags_.insert(at, {spec->tag, -1, -1});
      if (group.sources != Sources::logical) entry->physical = static_cast<std::int16_t>(layoutIndex);
      if (group.sources != Sources::physical) entry->logical = static_cast<std::int16_t>(layoutIndex);
    }
    if (group.record == "host_descr" && group.sources == Sources::logical) logicalHost_ = layoutIndex;
    layouts_.push_back(std::move(layout));
  }
  for (const ListField& list : kLists) {
    const auto named = [&](std::string_view name) {
      return std::find_if(layouts_.begin(), layouts_.end(), [&](const auto& l) { return l.name == name; });
    };
    const auto fields = fieldsOf(list.record);
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == list.field; });
    named(list.record)->elementOfField[static_cast<std::size_t>(field - fields.begin())] =
        static_cast<std::int16_t>(named(list.element) - layouts_.begin());
  }
}

void MetricTable::addDerived() {
  const auto parse = [this](std::string_view text) {
    std::vector<DerivedSpec::Term> terms;
    for (std::string_view word : words(text)) {
      DerivedSpec::Term term;
      for (; !word.empty(); word.remove_prefix(1)) {
        if (word.front() == '?')
          term.optional = true;
        else if (word.front() == '-')
          term.factor = -1;
        else if (word.front() == '!')
          term.speed = true;
        else if (word.front() == '^')
          term.atLeastOne = true;
        else
          break;
      }
      double number = 0;
      if (std::from_chars(word.data(), word.data() + word.size(), number).ec == std::errc{}) {
        term.factor *= number;
      } else {
        term.id = find(word);
        assert(term.id != kNoMetric && "a derived metric of a metric that does not exist");
      }
      terms.push_back(term);
    }
    return terms;
  };
  for (const DerivedRow& row : kDerivedRows) {
    DerivedSpec spec{kNoMetric, row.scale, parse(row.terms), parse(row.divisors), row.unit};
    spec.id = intern(std::string(row.name));
    for (const MetricPlace& place : places_[spec.terms.front().id])
      layouts_[place.layout].derived.push_back(static_cast<std::uint16_t>(derived_.size()));
    derived_.push_back(std::move(spec));
  }
}

LimitSpec MetricTable::limit(std::string_view text) const {
  LimitSpec out;
  const auto number = [](std::string_view digits) {
    double value = 0;
    [[maybe_unused]] const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    assert(read.ec == std::errc{} && read.ptr == digits.data() + digits.size() && "a limit that is no number");
    return value;
  };
  if (text.front() >= '0' && text.front() <= '9') {
    out.factor = number(text);
    return out;
  }
  out.speed = text.front() == '!';
  if (out.speed) text.remove_prefix(1);
  if (const std::size_t at = text.find_first_of("*/"); at != std::string_view::npos) {
    const double by = number(text.substr(at + 1));
    out.factor = text[at] == '*' ? by : 1 / by;
    text = text.substr(0, at);
  }
  out.counters = true;
  while (!text.empty()) {
    const std::size_t plus = std::min(text.find('+'), text.size());
    const MetricId id = find(text.substr(0, plus));
    assert(id != kNoMetric && "a limit by a metric that does not exist");
    out.metrics.push_back(id);
    // Derived metrics that limit something are sums of rates.
    for (const MetricPlace& place : places_[id]) {
      const RecordLayout& layout = layouts_[place.layout];
      out.counters &= isCounter(layout.slots[place.slot].kind);
    }
    text.remove_prefix(std::min(plus + 1, text.size()));
  }
  return out;
}

void MetricTable::addLimits() {
  std::size_t at = 0;
  for (const Group& group : groups()) {
    RecordLayout& layout = layouts_[at++];
    std::size_t slot = 0;
    for (const Row& row : group.rows) {
      if (row.kind == MetricKind::instance) continue;
      for (const std::string_view text : words(row.limits)) layout.slots[slot].limits.push_back(limit(text));
      assert((row.limits.empty() || (isCounter(row.kind) && !layout.slots[slot].wide)) && "only 32-bit counters wrap");
      ++slot;
    }
  }
}

const RecordLayout* MetricTable::layout(std::uint32_t tag, std::uint32_t sourceClass) const {
  const auto at =
      std::lower_bound(tags_.begin(), tags_.end(), tag, [](const TagEntry& e, std::uint32_t t) { return e.tag < t; });
  if (at == tags_.end() || at->tag != tag) return nullptr;
  const std::int16_t place = sourceClass == 3 ? at->logical : at->physical;
  return place < 0 ? nullptr : &layouts_[static_cast<std::size_t>(place)];
}

MetricId MetricTable::find(std::string_view name) const {
  const auto at = std::lower_bound(byName_.begin(), byName_.end(), name,
                                   [this](MetricId id, std::string_view n) { return names_[id] < n; });
  return at != byName_.end() && names_[*at] == name ? *at : kNoMetric;
}

std::string_view MetricTable::unit(MetricId id) const {
  if (const DerivedSpec* derived = derivedOf(id); derived != nullptr) return derived->unit;
  if (places_[id].empty()) return {};
  const MetricPlace& place = places_[id].front();
  return layouts_[place.layout].slots[place.slot].unit;
}

const MetricTable& metricTable() {
  static const MetricTable table;
  return table;
}

}  // namespace weir::model
