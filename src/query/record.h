#pragma once
#include <string>
#include <string_view>

#include "base/time.h"
#include "query/selector.h"
#include "query/source_view.h"

/// The metric record of the REST resources: `{agent, dataSource, lastUpdate, metricName, metricValue, topKeys}`.
namespace weir::query {

/// Milliseconds from `updated` to `now`, as `lastUpdate`; 0 for a value that came after the question.
[[nodiscard]] std::int64_t ageMs(Nanos now, Nanos updated);

/// JSON text that one data source contributed.
struct Fragment {
  SourceKey key;
  std::string json;
};
/// Brings fragments into the canonical order, whatever the order of merging was.
void sortFragments(std::vector<Fragment>& fragments);
/// Octets of all fragments and what stands between them.
[[nodiscard]] std::size_t sizeOf(const std::vector<Fragment>& fragments);

/// Appends records of one data source; what they share is made once.
class RecordWriter {
 public:
  RecordWriter(std::string& out, const SourceView& view, Nanos now);
  void value(std::string_view metricName, const model::MetricValue& value);
  void flow(const FlowMetric& metric);
  /// A column that is missing: no value, no time.
  void missing(std::string_view metricName);

 private:
  void open();
  std::string& out_;
  std::string head_;  // `{"agent":…,"dataSource":…`
  Nanos now_;
  bool first_ = true;
};

/// Appends a JSON value: number or text.
void appendValue(std::string& out, const model::MetricValue& value);
/// Appends `[{"key":…,"lastUpdate":…,"value":…}]`, largest first, equal ones by key.
void appendTopKeys(std::string& out, std::vector<TopKey> keys, Nanos now);

}  // namespace weir::query
