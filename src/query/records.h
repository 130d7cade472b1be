#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "model/metric_id.h"
#include "query/source_key.h"

namespace weir::model {
class MetricNames;
class MetricValue;
}  // namespace weir::model

/// Metrics of data sources as plain values, and as the metric records of the REST API:
/// `{agent, dataSource, lastUpdate, metricName, metricValue, topKeys}`.
namespace weir::query {

struct SourceView;
struct FlowMetric;

/// An entry of a flow metric's top list, key parts joined by the definition's `fs`.
struct TopKey {
  std::string key;
  double value = 0;
  Nanos updated = 0;
  std::vector<double> values;  ///< additional values; may be empty
  static auto fields(auto& self, auto&& all) { return all(self.key, self.value, self.updated, self.values); }
};

/// The value of one metric at one data source.
struct Record {
  std::uint32_t name = 0;  ///< place in the list's names
  Nanos updated = 0;       ///< time of the sample
  /// A number, a text, or nothing: a column that the data source lacks.
  std::variant<std::monostate, double, std::string> value;
  std::vector<TopKey> topKeys;  ///< of a flow metric, where asked for; as sortTopKeys() has them

  [[nodiscard]] const double* number() const { return std::get_if<double>(&value); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&value); }
  static auto fields(auto& self, auto&& all) { return all(self.name, self.updated, self.value, self.topKeys); }
};

/// What is known of a port beside its name.
struct PortFacts {
  std::uint32_t ifIndex = 0;
  double speed = 0;                                ///< bits a second; 0: not known
  std::string type, adminStatus, operStatus = {};  ///< as the metrics of these names; empty: not known
  static auto fields(auto& self, auto&& all) {
    return all(self.ifIndex, self.speed, self.type, self.adminStatus, self.operStatus);
  }
};

/// What a data source is called beside its number, as far as it is.
struct SourceNames {
  std::optional<std::string> host;   ///< its agent's host name, or the node of the topology that the agent is
  std::optional<std::string> port;   ///< ifname, as the agent tells it, or as the topology does
  std::optional<std::string> guest;  ///< virtual machine or container
  std::optional<PortFacts> facts;    ///< of a port
  static auto fields(auto& self, auto&& all) { return all(self.host, self.port, self.guest, self.facts); }
};

/// The records of one data source.
struct SourceRecords {
  SourceKey key;
  SourceNames names;  ///< only where asked for
  std::vector<Record> records;
  static auto fields(auto& self, auto&& all) { return all(self.key, self.names, self.records); }
};

/// Metric names by their place, each written once for all records. Two places may hold the same name.
class NameTable {
 public:
  /// The place of a counter metric's name.
  [[nodiscard]] std::uint32_t placeOf(model::MetricId id, const model::MetricNames& names);
  /// The place of any other name.
  [[nodiscard]] std::uint32_t placeOf(std::string_view name);
  /// Appends the names of another table. What it returns is to be added to places of that one.
  [[nodiscard]] std::uint32_t append(NameTable&& from);
  [[nodiscard]] const std::vector<std::string>& list() const { return list_; }
  [[nodiscard]] std::size_t size() const { return list_.size(); }
  static auto fields(auto& self, auto&& all) { return all(self.list_); }

 private:
  static constexpr std::uint32_t kNoPlace = UINT32_MAX;
  std::vector<std::string> list_;
  // How names are found again while records are added.
  std::vector<std::uint32_t> byMetric_;
  std::map<std::string, std::uint32_t, std::less<>> byName_;
};

/// Records of many data sources.
struct RecordList {
  NameTable names;
  std::vector<SourceRecords> sources;

  void add(SourceRecords& to, model::MetricId id, const model::MetricNames& known, const model::MetricValue& value);
  void add(SourceRecords& to, std::string_view name, const model::MetricValue& value);
  void add(SourceRecords& to, FlowMetric&& metric);
  /// A column that the data source lacks.
  void addMissing(SourceRecords& to, std::string_view name);
  /// Appends the data sources of another list.
  void append(RecordList&& from);
  /// About the octets that the list takes.
  [[nodiscard]] std::size_t ownOctets() const { return held_ + kHeldBySource * sources.size(); }
  /// The same together with the JSON that will be made of it.
  [[nodiscard]] std::size_t heldOctets() const { return ownOctets() + text_; }
  /// Whether every record has a name: of a list that came from elsewhere.
  [[nodiscard]] bool isWhole() const;
  static auto fields(auto& self, auto&& all) { return all(self.names, self.sources); }

 private:
  void count(const Record& record);

  static constexpr std::size_t kHeldBySource = sizeof(SourceRecords) + 256;  // and labels
  std::size_t held_ = 0, text_ = 0;                                          // by records
};

/// Brings data sources into canonical order, whatever the order of merging was. Where two parts of the same data source
/// are there (the flows of the whole fabric are kept beside its counters), the order is that of text(SourceRecords).
template <class Text>
void sortSources(std::vector<SourceRecords>& sources, Text&& text);

/// Milliseconds from `updated` to `now`, as `lastUpdate`; 0 for a value that came after the question.
[[nodiscard]] std::int64_t ageMs(Nanos now, Nanos updated);

/// Writes the records of a list as JSON.
class RecordWriter {
 public:
  /// `names` must outlive the writer.
  RecordWriter(const NameTable& names, Nanos now);
  /// Appends the records of one data source, separated by commas.
  void write(const SourceRecords& source, std::string& out);
  /// At least the octets that these records take.
  [[nodiscard]] std::size_t sizeOf(const SourceRecords& source) const;

 private:
  std::vector<std::string> members_;  // `"metricName":…`, by place
  Nanos now_;
  std::string head_;  // `{"agent":…,"dataSource":…`, and the age of the record written last
};

/// The same of one data source alone.
[[nodiscard]] std::string recordsJson(const SourceRecords& source, const NameTable& names, Nanos now);

/// Appends a JSON value: number or text.
void appendValue(std::string& out, const Record& record);
/// Largest first, equal ones by key.
void sortTopKeys(std::vector<TopKey>& keys);
/// Appends `[{"key":…,"lastUpdate":…,"value":…}]`.
void appendTopKeys(std::string& out, const std::vector<TopKey>& keys, Nanos now);

// --- implementation

template <class Text>
void sortSources(std::vector<SourceRecords>& sources, Text&& text) {
  // One shard gives them in order.
  if (!std::ranges::is_sorted(sources, {}, &SourceRecords::key)) {
    std::ranges::stable_sort(sources, {}, &SourceRecords::key);
  }
  for (auto first = sources.begin(); first != sources.end();) {
    auto last = first + 1;
    while (last != sources.end() && last->key == first->key) ++last;
    if (last - first > 1) std::ranges::sort(first, last, {}, [&](const SourceRecords& s) { return text(s); });
    first = last;
  }
}

}  // namespace weir::query
