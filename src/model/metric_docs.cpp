#include "model/metric_docs.h"

#include <charconv>

#include "model/metric_table.h"
#include "model/metric_value.h"

namespace weir::model {

namespace {

constexpr const char* kHead = R"(# Metrics

<!-- Made by metricsMarkdown() from src/model/metrics.def; a test compares (WEIR_UPDATE_DOCS=1 writes it anew). -->

A metric belongs to an agent and one of its data sources: an ifIndex (`3`), or class and index (`2.1` the host, `3.<n>`
virtual machines, containers and services), or the name of a custom one. Counters are shown as rates per second: the
difference of two samples of a data source over the agent's own clock. The first sample, one after a restart and one that
came late give none. 32-bit counters wrap. A value of all ones is unknown, and then there is no metric. What was not
refreshed for five minutes disappears. Names of flow definitions and of custom metrics (enterprise 4300, format 1002) are
metrics too.

How a field becomes a metric:

| kind | what is shown |
|---|---|
| rate | counter: difference per second |
| gauge | as sent, times the factor where there is one |
| percent | hundredths of a percent, shown as percent |
| CPU share | milliseconds of CPU: the part of all of them, in percent |
| text | text, addresses and names of enumerations |
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

void appendLayout(std::string& out, const MetricTable& table, const RecordLayout& layout) {
  const wire::RecordSpec* record = recordOf(layout.name);
  out += "\n### " + std::string(layout.name);
  if (record != nullptr) {
    out += " (" + std::to_string(record->tag >> 12) + ":" + std::to_string(record->tag & 0xFFF) + ")";
  }
  out += "\n\n| metric | kind | field |\n|---|---|---|\n";
  for (const SlotSpec& slot : layout.slots) {
    if (slot.kind == MetricKind::instance) continue;
    std::string names;
    for (const MetricId id : slot.ids) names += (names.empty() ? "" : ", ") + code(table.name(id));
    out += "| " + names + " | " + std::string(kindName(slot.kind));
    if (slot.scale != 1) out += ", times " + number(slot.scale);
    out += " | ";
    // Elements of lists have no specification of their own.
    if (record != nullptr) out += record->fields[slot.field].name;
    out += " |\n";
  }
}

std::string sumOf(const MetricTable& table, const std::vector<DerivedSpec::Term>& terms) {
  std::string out;
  for (const DerivedSpec::Term& term : terms) {
    const std::string what = term.id == kNoMetric ? number(term.factor) : code(table.name(term.id));
    const bool minus = term.id != kNoMetric && term.factor < 0;
    out += out.empty() ? (minus ? "−" : "") : (minus ? " − " : " + ");
    out += what;
  }
  return out;
}

void appendDerived(std::string& out, const MetricTable& table) {
  out += "\n## Computed from others\n\n| metric | is |\n|---|---|\n";
  for (const DerivedSpec& derived : table.derived()) {
    out += "| " + code(table.name(derived.id)) + " | ";
    if (derived.scale != 1) out += number(derived.scale) + " · ";
    const std::string terms = sumOf(table, derived.terms);
    const bool brackets = derived.terms.size() > 1 && (derived.scale != 1 || !derived.divisors.empty());
    out += brackets ? "(" + terms + ")" : terms;
    if (!derived.divisors.empty()) {
      const std::string divisors = sumOf(table, derived.divisors);
      out += " / " + (derived.divisors.size() > 1 ? "(" + divisors + ")" : divisors);
    }
    out += " |\n";
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

}  // namespace weir::model
