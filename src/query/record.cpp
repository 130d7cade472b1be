#include "query/record.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/json_writer.h"

namespace weir::query {

namespace {
void appendInteger(std::string& out, std::int64_t value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}
}  // namespace

std::int64_t ageMs(Nanos now, Nanos updated) {
  return std::max<Nanos>(0, now - updated) / kMillisecond;
}

void sortFragments(std::vector<Fragment>& fragments) {
  std::sort(fragments.begin(), fragments.end(),
            [](const Fragment& a, const Fragment& b) { return std::tie(a.key, a.json) < std::tie(b.key, b.json); });
}

std::size_t sizeOf(const std::vector<Fragment>& fragments) {
  std::size_t octets = 2;
  for (const Fragment& fragment : fragments) octets += fragment.json.size() + 4;
  return octets;
}

RecordWriter::RecordWriter(std::string& out, const SourceView& view, Nanos now) : out_(out), now_(now) {
  head_ = "{\"agent\":";
  appendJsonString(head_, view.agent.text());
  head_ += ",\"dataSource\":";
  std::string source;
  appendSourceText(source, view);
  appendJsonString(head_, source);
}

void RecordWriter::open() {
  if (!first_) out_ += ',';
  first_ = false;
  out_ += head_;
}

void RecordWriter::value(std::string_view metricName, const model::MetricValue& value) {
  open();
  out_ += ",\"lastUpdate\":";
  appendInteger(out_, ageMs(now_, value.updated));
  out_ += ",\"metricName\":";
  appendJsonString(out_, metricName);
  out_ += ",\"metricValue\":";
  appendValue(out_, value);
  out_ += '}';
}

void RecordWriter::flow(const FlowMetric& metric) {
  open();
  out_ += ",\"lastUpdate\":";
  appendInteger(out_, ageMs(now_, metric.updated));
  out_ += ",\"metricName\":";
  appendJsonString(out_, metric.name);
  out_ += ",\"metricValue\":";
  appendJsonNumber(out_, metric.value);
  if (!metric.topKeys.empty()) {
    out_ += ",\"topKeys\":";
    appendTopKeys(out_, metric.topKeys, now_);
  }
  out_ += '}';
}

void RecordWriter::missing(std::string_view metricName) {
  open();
  out_ += ",\"metricName\":";
  appendJsonString(out_, metricName);
  out_ += '}';
}

void appendValue(std::string& out, const model::MetricValue& value) {
  if (value.isText) {
    appendJsonString(out, value.text());
  } else {
    appendJsonNumber(out, value.number);
  }
}

void appendTopKeys(std::string& out, std::vector<TopKey> keys, Nanos now) {
  std::sort(keys.begin(), keys.end(),
            [](const TopKey& a, const TopKey& b) { return a.value != b.value ? a.value > b.value : a.key < b.key; });
  out += '[';
  bool first = true;
  for (const TopKey& key : keys) {
    if (!first) out += ',';
    first = false;
    out += "{\"key\":";
    appendJsonString(out, key.key);
    out += ",\"lastUpdate\":";
    appendInteger(out, ageMs(now, key.updated));
    out += ",\"value\":";
    appendJsonNumber(out, key.value);
    if (!key.values.empty()) {
      out += ",\"values\":[";
      for (std::size_t i = 0; i < key.values.size(); ++i) {
        if (i != 0) out += ',';
        appendJsonNumber(out, key.values[i]);
      }
      out += ']';
    }
    out += '}';
  }
  out += ']';
}

}  // namespace weir::query
