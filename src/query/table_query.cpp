#include "query/table_query.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>

#include "query/record.h"

namespace weir::query {

TableQuery::TableQuery(AgentSelector agents, MetricList columns, Filter filter, Nanos now)
    : agents_(std::move(agents)), columns_(std::move(columns)), filter_(std::move(filter)), now_(now) {
  for (std::size_t i = 0; i < columns_.items.size(); ++i)
    if (columns_.items[i].sort) sort_ = static_cast<int>(i);
}

void TableQuery::visit(const SourceView& view, Partial& partial) const {
  if (!agents_.matches(view) || !filter_.passes(view)) return;
  Row row;
  RecordWriter cells(row.json, view, now_);
  bool native = false;
  Value value;
  FlowMetric flow;
  for (std::size_t i = 0; i < columns_.items.size(); ++i) {
    const MetricItem& column = columns_.items[i];
    const bool here = !column.source || column.source->matches(view);
    bool found = here && column.metric.read(view, value);
    native |= found;
    if (!found && (!column.source || column.source->isHost())) found = column.metric.readHost(view, value);
    if (!found) {
      if (!column.optional) return;
      cells.missing(column.metric.name);
      continue;
    }
    if (value.isFlow && view.flows->flowMetric(column.metric.name, true, flow)) {
      cells.flow(flow);
    } else {
      cells.value(column.metric.name, value.metric);
    }
    if (static_cast<int>(i) == sort_) {
      row.hasSort = true;
      row.sortIsText = value.metric.isText;
      row.sortNumber = value.metric.isText ? 0 : value.metric.number;
      row.sortText = value.metric.text();
    }
  }
  if (!native) return;
  row.key = keyOf(view);
  partial.rows.push_back(std::move(row));
  prune(partial, rowsKept());
}

bool TableQuery::before(const Row& a, const Row& b) const {
  if (sort_ >= 0) {
    if (a.hasSort != b.hasSort) return a.hasSort;
    if (a.sortIsText != b.sortIsText) return b.sortIsText;
    if (a.sortIsText ? a.sortText != b.sortText : a.sortNumber != b.sortNumber) {
      const bool less = a.sortIsText ? a.sortText < b.sortText : a.sortNumber < b.sortNumber;
      return less == (columns_.items[static_cast<std::size_t>(sort_)].limit >= 0);
    }
  }
  if (a.key != b.key) return a.key < b.key;
  return a.json < b.json;
}

std::size_t TableQuery::rowsKept() const {
  const long limit = sort_ < 0 ? 0 : columns_.items[static_cast<std::size_t>(sort_)].limit;
  return limit == 0 ? std::numeric_limits<std::size_t>::max() / 4
                    : static_cast<std::size_t>(limit < 0 ? -static_cast<unsigned long>(limit) : limit);
}

// Rows that cannot be among those kept are dropped when there are `slack` too many: seldom enough to cost little.
void TableQuery::prune(Partial& partial, std::size_t slack) const {
  const std::size_t kept = rowsKept();
  if (kept > partial.rows.size() || partial.rows.size() - kept <= slack) return;
  const auto end = partial.rows.begin() + static_cast<std::ptrdiff_t>(kept);
  std::nth_element(partial.rows.begin(), end, partial.rows.end(),
                   [this](const Row& a, const Row& b) { return before(a, b); });
  partial.rows.erase(end, partial.rows.end());
}

void TableQuery::merge(Partial& into, Partial&& from) const {
  if (into.rows.empty()) {
    into.rows = std::move(from.rows);
  } else {
    std::move(from.rows.begin(), from.rows.end(), std::back_inserter(into.rows));
  }
  prune(into, rowsKept());
}

void TableQuery::write(Partial partial, JsonWriter& json) const {
  prune(partial, 0);
  std::sort(partial.rows.begin(), partial.rows.end(), [this](const Row& a, const Row& b) { return before(a, b); });
  std::size_t octets = 2;
  for (const Row& row : partial.rows) octets += row.json.size() + 8;
  json.reserve(octets);
  json.beginArray();
  for (const Row& row : partial.rows) json.beginArray().raw(row.json).endArray();
  json.endArray();
}

}  // namespace weir::query
