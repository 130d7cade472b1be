#include "query/table_query.h"

#include <algorithm>
#include <limits>

namespace weir::query {

Outcome<TableQuery> TableQuery::prepare(const TableQuestion& question, const Context& context) {
  auto selection = Selection::parse(question.agents, question.metrics, question.filter, ListKind::table, context);
  if (!selection) return invalid(std::move(selection.error()));
  return TableQuery(std::move(*selection), context.now);
}

TableQuery::TableQuery(Selection selection, Nanos asked) : selection_(std::move(selection)), asked_(asked) {
  const std::vector<MetricItem>& columns = selection_.metrics.items;
  const auto sort = std::ranges::find_if(columns, &MetricItem::sort);
  if (sort != columns.end()) sort_ = static_cast<std::size_t>(sort - columns.begin());
}

void TableQuery::visit(const SourceView& source, Partial& partial) const {
  if (!selection_.matches(source)) return;
  const std::vector<MetricItem>& columns = selection_.metrics.items;
  SourceRecords row;
  row.records.reserve(columns.size());
  bool native = false;
  Value value;
  FlowMetric flow;
  for (const MetricItem& column : columns) {
    const bool here = !column.source || column.source->matches(source);
    bool found = here && column.metric.read(source, value);
    native |= found;
    if (!found && (!column.source || column.source->isHost())) found = column.metric.readHost(source, asked_, value);
    if (!found) {
      if (!column.optional) return;
      partial.addMissing(row, column.metric.name);
    } else if (value.isFlow && source.flows->flowMetric(column.metric.name, true, flow)) {
      partial.add(row, std::move(flow));
    } else {
      partial.add(row, column.metric.name, value.metric);
    }
  }
  if (!native) return;
  row.key = keyOf(source);
  partial.sources.push_back(std::move(row));
  prune(partial, rowsKept());
}

/// By the column with `sort:`: rows that have a value there first, numbers before texts.
std::weak_ordering TableQuery::compareSorted(const SourceRecords& a, const SourceRecords& b) const {
  const auto& left = a.records[*sort_].value;
  const auto& right = b.records[*sort_].value;
  const bool leftMissing = std::holds_alternative<std::monostate>(left);
  if (leftMissing != std::holds_alternative<std::monostate>(right)) {
    return leftMissing ? std::weak_ordering::greater : std::weak_ordering::less;
  }
  if (left.index() != right.index()) return left.index() <=> right.index();
  if (left == right) return std::weak_ordering::equivalent;
  const bool ascending = selection_.metrics.items[*sort_].limit >= 0;
  return (left < right) == ascending ? std::weak_ordering::less : std::weak_ordering::greater;
}

bool TableQuery::before(const SourceRecords& a, const SourceRecords& b, const NameTable& names) const {
  if (sort_) {
    const auto order = compareSorted(a, b);
    if (order != 0) return order < 0;
  }
  if (a.key != b.key) return a.key < b.key;
  // Two parts of one data source, as sortSources() has them.
  return recordsJson(a, names, asked_) < recordsJson(b, names, asked_);
}

std::size_t TableQuery::rowsKept() const {
  const long limit = sort_ ? selection_.metrics.items[*sort_].limit : 0;
  return limit == 0 ? std::numeric_limits<std::size_t>::max() / 4
                    : static_cast<std::size_t>(limit < 0 ? -static_cast<unsigned long>(limit) : limit);
}

// Rows that cannot be among those kept are dropped when there are `slack` too many: seldom enough to cost little.
void TableQuery::prune(Partial& partial, std::size_t slack) const {
  std::vector<SourceRecords>& rows = partial.sources;
  const std::size_t kept = rowsKept();
  if (kept > rows.size() || rows.size() - kept <= slack) return;
  const auto end = rows.begin() + static_cast<std::ptrdiff_t>(kept);
  std::ranges::nth_element(rows, end,
                           [&](const SourceRecords& a, const SourceRecords& b) { return before(a, b, partial.names); });
  rows.erase(end, rows.end());
}

void TableQuery::merge(Partial& into, Partial&& from) const {
  into.append(std::move(from));
  prune(into, rowsKept());
}

bool TableQuery::accepts(const Partial& partial) const {
  const std::size_t columns = selection_.metrics.items.size();
  return partial.isWhole() &&
         std::ranges::all_of(partial.sources, [&](const SourceRecords& row) { return row.records.size() == columns; });
}

Outcome<TableResult> TableQuery::finish(Partial&& partial) const {
  prune(partial, 0);
  std::ranges::sort(partial.sources,
                    [&](const SourceRecords& a, const SourceRecords& b) { return before(a, b, partial.names); });
  return TableResult{asked_, std::move(partial)};
}

void TableResult::appendJson(std::string& out) const {
  RecordWriter writer(rows.names, asked);
  std::size_t octets = out.size() + 2;
  for (const SourceRecords& source : rows.sources) octets += writer.sizeOf(source) + 3;
  out.reserve(octets);
  out += '[';
  for (const SourceRecords& source : rows.sources) {
    out += &source == rows.sources.data() ? "[" : ",[";
    writer.write(source, out);
    out += ']';
  }
  out += ']';
}

}  // namespace weir::query
