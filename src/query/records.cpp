#include "query/records.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "model/metric_names.h"
#include "model/metric_value.h"
#include "query/source_view.h"

namespace weir::query {

namespace {

void appendInteger(std::string& out, std::int64_t value) {
  char buffer[24];
  out.append(buffer, static_cast<std::size_t>(std::to_chars(buffer, buffer + sizeof buffer, value).ptr - buffer));
}

constexpr std::string_view kNameMember = ",\"metricName\":", kValueMember = ",\"metricValue\":";

/// Octets of a record.
std::size_t heldBy(const Record& record) {
  std::size_t octets = sizeof(Record);
  if (const std::string* text = record.text()) octets += text->size();
  for (const TopKey& key : record.topKeys) octets += sizeof(TopKey) + key.key.size() + 8 * key.values.size();
  return octets;
}

/// Octets of what is written of it, about.
std::size_t writtenOf(const Record& record) {
  constexpr std::size_t kFrame = 160, kTopKey = 96;
  std::size_t octets = kFrame;
  if (const std::string* text = record.text()) octets += text->size();
  for (const TopKey& key : record.topKeys) octets += kTopKey + key.key.size() + 24 * key.values.size();
  return octets;
}

Record& addRecord(SourceRecords& to, std::uint32_t name, const model::MetricValue& value) {
  Record& record = to.records.emplace_back();
  record.name = name;
  record.updated = value.updated;
  if (value.isText) {
    record.value.emplace<std::string>(value.text());
  } else {
    record.value = value.number;
  }
  return record;
}

}  // namespace

// --- NameTable

std::uint32_t NameTable::placeOf(model::MetricId id, const model::MetricNames& names) {
  if (id >= byMetric_.size()) byMetric_.resize(std::max(id + 1, names.size()), kNoPlace);
  std::uint32_t& place = byMetric_[id];
  if (place == kNoPlace) {
    place = static_cast<std::uint32_t>(list_.size());
    list_.emplace_back(names.name(id));
  }
  return place;
}

std::uint32_t NameTable::placeOf(std::string_view name) {
  const auto found = byName_.find(name);
  if (found != byName_.end()) return found->second;
  const auto place = static_cast<std::uint32_t>(list_.size());
  list_.emplace_back(name);
  byName_.emplace(name, place);
  return place;
}

std::uint32_t NameTable::append(NameTable&& from) {
  const auto first = static_cast<std::uint32_t>(list_.size());
  std::ranges::move(from.list_, std::back_inserter(list_));
  return first;
}

// --- RecordList

void RecordList::add(SourceRecords& to, model::MetricId id, const model::MetricNames& known,
                     const model::MetricValue& value) {
  count(addRecord(to, names.placeOf(id, known), value));
}

void RecordList::add(SourceRecords& to, std::string_view name, const model::MetricValue& value) {
  count(addRecord(to, names.placeOf(name), value));
}

void RecordList::add(SourceRecords& to, FlowMetric&& metric) {
  Record& record = to.records.emplace_back();
  record.name = names.placeOf(metric.name);
  record.updated = metric.updated;
  record.value = metric.value;
  record.topKeys = std::move(metric.topKeys);
  sortTopKeys(record.topKeys);
  count(record);
}

void RecordList::count(const Record& record) {
  held_ += heldBy(record);
  text_ += writtenOf(record);
}

void RecordList::addMissing(SourceRecords& to, std::string_view name) {
  to.records.emplace_back().name = names.placeOf(name);
  count(to.records.back());
}

void RecordList::append(RecordList&& from) {
  if (sources.empty()) {
    *this = std::move(from);
    return;
  }
  held_ += from.held_;
  text_ += from.text_;
  const std::uint32_t first = names.append(std::move(from.names));
  for (SourceRecords& source : from.sources) {
    for (Record& record : source.records) record.name += first;
  }
  std::ranges::move(from.sources, std::back_inserter(sources));
}

bool RecordList::isWhole() const {
  return std::ranges::all_of(sources, [&](const SourceRecords& source) {
    return std::ranges::all_of(source.records, [&](const Record& record) { return record.name < names.size(); });
  });
}

// --- JSON

std::int64_t ageMs(Nanos now, Nanos updated) {
  return std::max<Nanos>(0, now - updated) / kMillisecond;
}

RecordWriter::RecordWriter(const NameTable& names, Nanos now) : now_(now) {
  members_.reserve(names.size());
  for (const std::string& name : names.list()) {
    std::string& member = members_.emplace_back(kNameMember);
    appendJsonString(member, name);
  }
}

// Most records of a data source came with one sample: what they have in common is written once.
void RecordWriter::write(const SourceRecords& source, std::string& out) {
  head_ = "{\"agent\":";
  appendJsonString(head_, source.key.agent.text());
  head_ += ",\"dataSource\":";
  appendJsonString(head_, sourceText(source.key));
  const std::size_t common = head_.size();
  std::optional<Nanos> written;
  bool first = true;
  for (const Record& record : source.records) {
    if (!first) out += ',';
    first = false;
    if (std::holds_alternative<std::monostate>(record.value)) {
      out.append(head_, 0, common).append(members_[record.name]);
    } else {
      if (written != record.updated) {
        written = record.updated;
        head_.resize(common);
        head_ += ",\"lastUpdate\":";
        appendInteger(head_, ageMs(now_, record.updated));
      }
      out.append(head_).append(members_[record.name]).append(kValueMember);
      appendValue(out, record);
    }
    if (!record.topKeys.empty()) {
      out += ",\"topKeys\":";
      appendTopKeys(out, record.topKeys, now_);
    }
    out += '}';
  }
}

std::string recordsJson(const SourceRecords& source, const NameTable& names, Nanos now) {
  std::string out;
  RecordWriter(names, now).write(source, out);
  return out;
}

std::size_t RecordWriter::sizeOf(const SourceRecords& source) const {
  constexpr std::size_t kFrame = 128, kTopKey = 96;  // punctuation, an IPv6 address and numbers
  std::size_t octets = 0;
  for (const Record& record : source.records) {
    octets += kFrame + source.key.name.size() + members_[record.name].size();
    if (const std::string* text = record.text()) octets += text->size();
    for (const TopKey& key : record.topKeys) octets += kTopKey + key.key.size() + 24 * key.values.size();
  }
  return octets;
}

void appendValue(std::string& out, const Record& record) {
  if (const std::string* text = record.text()) {
    appendJsonString(out, *text);
  } else if (const double* number = record.number()) {
    appendJsonNumber(out, *number);
  }
}

void sortTopKeys(std::vector<TopKey>& keys) {
  std::ranges::sort(
      keys, [](const TopKey& a, const TopKey& b) { return a.value != b.value ? a.value > b.value : a.key < b.key; });
}

void appendTopKeys(std::string& out, const std::vector<TopKey>& keys, Nanos now) {
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
