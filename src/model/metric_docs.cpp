#include "model/metric_docs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "model/metric_table.h"
#include "model/metric_value.h"

namespace weir::model {

namespace {

constexpr const char* kHead = R"(# Metrics

<!-- Made by metricsMarkdown() from src/model/metrics.def; a test compares (WEIR_UPDATE_DOCS=1 writes it anew). -->

A metric belongs to an agent and one of its data sources: an ifIndex (`3`), class and index (`2.1` is the host, `3.<n>` are
virtual machines, containers and services), or the name of a custom data source. Counters are shown as rates per second: the
difference of two samples divided by the time on the agent's clock. The first sample, a sample after a restart and one that
comes late give no rate. A value of all ones is unknown, and the metric is absent. A metric that is not refreshed for five
minutes disappears. Names of flow definitions and of custom metrics (enterprise 4300, format 1002) are metrics, too.

The unit is that of the value shown: a rate of octets is in bytes/s, a percentage is 36 and not 0.36. Custom metrics have
the unit that their sender has.

How a field becomes a metric:

| kind | value shown |
|---|---|
| rate | counter: difference per second |
| gauge | as sent, times a factor if there is one |
| percent | hundredths of a percent, shown as percent |
| CPU share | milliseconds of CPU: share of their sum, in percent |
| text | text, addresses, names of enumerations |

A 32-bit counter that is smaller than before has wrapped, was cleared, or stepped back. It counts as a wrap if the growth is
possible: within every limit of the column "a wrap is at most" that the sample contains, plus one fifth and 1,000 because
counters are read one after the other. Without such a limit, 10,000,000 per second is possible. A growth of half the range
or more is a wrap only if a counter that limits it grew as much. Otherwise the counter has no rate for that interval; if it is
a CPU time, no CPU share has one. An interface speed of 0 or 4294967295, or one that the octets exceeded twice in a row, is
unknown and not a limit. If a 64-bit counter steps back, all counters of its sample were restarted.
)";

std::string_view kindName(MetricKind kind) {
  switch (kind) {
    case MetricKind::rate:
      return "rate";
    case MetricKind::gauge:
    case MetricKind::signedGauge:
    case MetricKind::loadGauge:
    case MetricKind::octets:
      return "gauge";
    case MetricKind::percentage:
      return "percent";
    case MetricKind::cpuShare:
    case MetricKind::cpuPart:
      return "CPU share";
    default:
      return "text";
  }
}

std::string number(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

const wire::RecordSpec* recordOf(std::string_view name) {
  return wire::recordSpec(wire::RecordSpace::counter, name);
}

std::string limitText(const MetricTable& table, const LimitSpec& limit) {
  if (limit.metrics.empty()) return number(limit.factor);
  std::string out;
  for (const MetricId id : limit.metrics) out += (out.empty() ? "" : " + ") + code(table.name(id));
  if (limit.factor == 1) return out;
  if (limit.metrics.size() > 1) out = "(" + out + ")";
  return limit.factor > 1 ? number(limit.factor) + " · " + out : out + " / " + number(std::round(1 / limit.factor));
}

void appendLayout(std::string& out, const MetricTable& table, const RecordLayout& layout) {
  const wire::RecordSpec* record = recordOf(layout.name);
  out += "\n### " + std::string(layout.name);
  if (record != nullptr) {
    out += " (" + std::to_string(record->tag >> 12) + ":" + std::to_string(record->tag & 0xFFF) + ")";
  }
  const bool limits = std::ranges::any_of(layout.slots, [](const SlotSpec& slot) { return !slot.limits.empty(); });
  out += "\n\n| metric | unit | kind | field |";
  out += limits ? " a wrap is at most |\n|---|---|---|---|---|\n" : "\n|---|---|---|---|\n";
  for (const SlotSpec& slot : layout.slots) {
    if (slot.kind == MetricKind::instance) continue;
    std::string names;
    for (const MetricId id : slot.ids) names += (names.empty() ? "" : ", ") + code(table.name(id));
    out += "| " + names + " | " + std::string(slot.unit) + " | " + std::string(kindName(slot.kind));
    if (slot.scale != 1) out += ", times " + number(slot.scale);
    out += " | ";
    // Elements of lists have no specification of their own.
    if (record != nullptr) out += record->fields[slot.field].name;
    out += " |";
    for (std::size_t i = 0; limits && i < slot.limits.size(); ++i)
      out += (i == 0 ? " " : ", ") + limitText(table, slot.limits[i]);
    out += limits ? " |\n" : "\n";
  }
}

/// `mark`: around each name.
std::string sumOf(const MetricTable& table, const std::vector<DerivedSpec::Term>& terms, std::string_view mark) {
  std::string out;
  for (const DerivedSpec::Term& term : terms) {
    const std::string what =
        term.id == kNoMetric ? number(term.factor) : std::string(mark).append(table.name(term.id)).append(mark);
    const bool minus = term.id != kNoMetric && term.factor < 0;
    out += out.empty() ? (minus ? "−" : "") : (minus ? " − " : " + ");
    out += what;
  }
  return out;
}

std::string formulaOf(const MetricTable& table, const DerivedSpec& derived, std::string_view mark) {
  std::string out;
  if (derived.scale != 1) out += number(derived.scale) + " · ";
  const std::string terms = sumOf(table, derived.terms, mark);
  const bool brackets = derived.terms.size() > 1 && (derived.scale != 1 || !derived.divisors.empty());
  out += brackets ? "(" + terms + ")" : terms;
  if (!derived.divisors.empty()) {
    const std::string divisors = sumOf(table, derived.divisors, mark);
    out += " / " + (derived.divisors.size() > 1 ? "(" + divisors + ")" : divisors);
  }
  return out;
}

void appendDerived(std::string& out, const MetricTable& table) {
  out += "\n## Computed from others\n\n| metric | unit | is |\n|---|---|---|\n";
  for (const DerivedSpec& derived : table.derived()) {
    out += "| " + code(table.name(derived.id)) + " | " + std::string(derived.unit) + " | " +
           formulaOf(table, derived, "`") + " |\n";
  }
  out += "\n## Made out of `vir_host_name`\n\n";
  for (const NameText kind : {NameText::k8sNamespace, NameText::k8sName, NameText::swarmName, NameText::systemdService,
                              NameText::dockerName}) {
    out += "- " + code(table.name(table.nameText(kind))) + "\n";
  }
}

}  // namespace

std::string metricsMarkdown() {
  const MetricTable& table = metricTable();
  std::string out = kHead;
  out += "\n## By record\n";
  for (const RecordLayout& layout : table.layouts()) appendLayout(out, table, layout);
  appendDerived(out, table);
  return out;
}

std::string metricHelp(MetricId id) {
  const MetricTable& table = metricTable();
  std::string out;
  if (const DerivedSpec* derived = table.derivedOf(id); derived != nullptr) {
    out = formulaOf(table, *derived, "");
  } else if (!table.places(id).empty()) {
    const MetricPlace& place = table.places(id).front();
    const RecordLayout& layout = table.layouts()[place.layout];
    if (const wire::RecordSpec* record = recordOf(layout.name); record != nullptr)
      out = std::string(record->fields[layout.slots[place.slot].field].name) + " of ";
    out += layout.name;
  }
  if (const std::string_view unit = table.unit(id); !unit.empty()) out.append(": ").append(unit);
  return out;
}

}  // namespace weir::model
