#include "query/metric_query.h"

#include <algorithm>
#include <cmath>

#include "query/record.h"

namespace weir::query {

namespace {

bool selectsOne(Operation operation) {
  return operation == Operation::max || operation == Operation::min || operation == Operation::any;
}

// Whether `a` is selected rather than `b`. Numbers come before texts; equal values: the first in canonical order.
bool selectedBefore(Operation operation, const MetricQuery::Chosen& a, const MetricQuery::Chosen& b) {
  if (operation != Operation::any) {
    if (a.isText != b.isText) return b.isText;
    if (a.isText ? a.text != b.text : a.number != b.number) {
      const bool less = a.isText ? a.text < b.text : a.number < b.number;
      return less == (operation == Operation::min);
    }
  }
  return a.key < b.key;
}

// Quantile of sorted numbers by linear interpolation between the two nearest ranks.
double quantile(const std::vector<double>& sorted, double part) {
  const double rank = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (rank - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

double sumOf(const std::vector<double>& sorted) {
  double sum = 0;
  for (const double v : sorted) sum += v;
  return sum;
}

double variance(const std::vector<double>& sorted) {
  const auto n = static_cast<double>(sorted.size());
  const double mean = sumOf(sorted) / n;
  double squares = 0;
  for (const double v : sorted) squares += (v - mean) * (v - mean);
  return squares / n;
}

double summarise(Operation operation, const std::vector<double>& sorted) {
  switch (operation) {
    case Operation::sum:
      return sumOf(sorted);
    case Operation::avg:
      return sumOf(sorted) / static_cast<double>(sorted.size());
    case Operation::var:
      return variance(sorted);
    case Operation::sdev:
      return std::sqrt(variance(sorted));
    case Operation::q1:
      return quantile(sorted, 0.25);
    case Operation::q3:
      return quantile(sorted, 0.75);
    case Operation::iqr:
      return quantile(sorted, 0.75) - quantile(sorted, 0.25);
    default:
      return quantile(sorted, 0.5);
  }
}

bool hasQuartiles(Operation operation) {
  return operation == Operation::med || operation == Operation::q1 || operation == Operation::q2 ||
         operation == Operation::q3 || operation == Operation::iqr;
}

}  // namespace

void MetricQuery::visit(const SourceView& view, Partial& partial) const {
  if (!agents_.matches(view) || !filter_.passes(view)) return;
  Value value;
  for (std::size_t i = 0; i < metrics_.items.size(); ++i) {
    const MetricItem& item = metrics_.items[i];
    if ((item.source && !item.source->matches(view)) || !item.metric.read(view, value)) continue;
    if (partial.summaries.empty()) partial.summaries.resize(metrics_.items.size());
    Summary& summary = partial.summaries[i];
    const Nanos updated = value.metric.updated;
    summary.oldest = summary.count == 0 ? updated : std::min(summary.oldest, updated);
    summary.newest = summary.count == 0 ? updated : std::max(summary.newest, updated);
    ++summary.count;
    if (selectsOne(item.operation)) {
      choose(item, value, view, summary);
    } else if (!value.metric.isText) {
      summary.numbers.push_back(value.metric.number);
    }
  }
}

void MetricQuery::choose(const MetricItem& item, const Value& value, const SourceView& view, Summary& summary) const {
  // The usual loser is turned away before anything is made of it.
  const bool isText = value.metric.isText;
  if (summary.chosen && !isText && !summary.chosen->isText && item.operation != Operation::any &&
      (item.operation == Operation::max ? value.metric.number < summary.chosen->number
                                        : value.metric.number > summary.chosen->number))
    return;
  Chosen candidate{keyOf(view),          isText, value.metric.number, std::string(value.metric.text()),
                   value.metric.updated, {}};
  if (summary.chosen && !selectedBefore(item.operation, candidate, *summary.chosen)) return;
  FlowMetric flow;
  if (value.isFlow && view.flows->flowMetric(item.metric.name, true, flow)) candidate.topKeys = std::move(flow.topKeys);
  summary.chosen = std::move(candidate);
}

void MetricQuery::merge(Partial& into, Partial&& from) const {
  if (into.summaries.empty()) {
    into = std::move(from);
    return;
  }
  for (std::size_t i = 0; i < from.summaries.size(); ++i) {
    Summary& a = into.summaries[i];
    Summary& b = from.summaries[i];
    if (b.count == 0) continue;
    a.oldest = a.count == 0 ? b.oldest : std::min(a.oldest, b.oldest);
    a.newest = a.count == 0 ? b.newest : std::max(a.newest, b.newest);
    a.count += b.count;
    a.numbers.insert(a.numbers.end(), b.numbers.begin(), b.numbers.end());
    if (b.chosen && (!a.chosen || selectedBefore(metrics_.items[i].operation, *b.chosen, *a.chosen)))
      a.chosen = std::move(b.chosen);
  }
}

void MetricQuery::write(const Partial& partial, JsonWriter& json) const {
  static const Summary kNothing;
  json.beginArray();
  for (std::size_t i = 0; i < metrics_.items.size(); ++i)
    writeSummary(metrics_.items[i], partial.summaries.empty() ? kNothing : partial.summaries[i], json);
  json.endArray();
}

void MetricQuery::writeSummary(const MetricItem& item, const Summary& summary, JsonWriter& json) const {
  json.beginObject();
  if (summary.chosen) {
    json.member("agent", summary.chosen->key.agent.text());
    json.member("dataSource", sourceText(summary.chosen->key));
    json.member("lastUpdate", ageMs(now_, summary.chosen->updated));
  }
  if (summary.count != 0) {
    json.member("lastUpdateMax", ageMs(now_, summary.oldest));
    json.member("lastUpdateMin", ageMs(now_, summary.newest));
  }
  json.member("metricN", summary.count);
  json.member("metricName", item.text);
  if (summary.chosen) {
    if (summary.chosen->isText) {
      json.member("metricValue", summary.chosen->text);
    } else {
      json.member("metricValue", summary.chosen->number);
    }
    if (!summary.chosen->topKeys.empty()) {
      std::string keys;
      appendTopKeys(keys, summary.chosen->topKeys, now_);
      json.key("topKeys").raw(keys);
    }
  } else if (!summary.numbers.empty()) {
    // In the order of the numbers, so that rounding does not depend on the order of merging.
    std::vector<double> sorted = summary.numbers;
    std::sort(sorted.begin(), sorted.end());
    json.member("metricValue", summarise(item.operation, sorted));
    if (hasQuartiles(item.operation)) {
      json.key("quartiles").beginObject();
      json.member("max", sorted.back());
      json.member("med", quantile(sorted, 0.5));
      json.member("min", sorted.front());
      json.member("q1", quantile(sorted, 0.25));
      json.member("q3", quantile(sorted, 0.75));
      json.endObject();
    }
  }
  json.endObject();
}

}  // namespace weir::query
