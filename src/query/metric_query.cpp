#include "query/metric_query.h"

#include <algorithm>
#include <cmath>

namespace weir::query {

namespace {

bool selectsOne(Operation operation) {
  return operation == Operation::max || operation == Operation::min || operation == Operation::any;
}

// Whether `a` is selected rather than `b`. Numbers come before texts; equal values: the first in canonical order.
bool selectedBefore(Operation operation, const ChosenValue& a, const ChosenValue& b) {
  if (operation != Operation::any) {
    if (a.value.index() != b.value.index()) return a.value.index() < b.value.index();
    if (a.value != b.value) return (a.value < b.value) == (operation == Operation::min);
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

MetricResult::Quartiles quartilesOf(const std::vector<double>& sorted) {
  return {sorted.back(), quantile(sorted, 0.5), sorted.front(), quantile(sorted, 0.25), quantile(sorted, 0.75)};
}

}  // namespace

Outcome<MetricQuery> MetricQuery::prepare(const MetricQuestion& question, const Context& context) {
  auto selection = Selection::parse(question.agents, question.metrics, question.filter, ListKind::metric, context);
  if (!selection) return invalid(std::move(selection.error()));
  return MetricQuery(std::move(*selection), question.source, context.now);
}

void MetricQuery::visit(const SourceView& source, Partial& partial) const {
  if (only_ && !(source.customSource.empty() && source.source == *only_)) return;
  if (!selection_.matches(source)) return;
  const std::vector<MetricItem>& items = selection_.metrics.items;
  Value value;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const MetricItem& item = items[i];
    if (item.source && (only_ || !item.source->matches(source))) continue;
    if (!item.metric.read(source, value)) continue;
    if (partial.summaries.empty()) partial.summaries.resize(items.size());
    Summary& summary = partial.summaries[i];
    const Nanos updated = value.metric.updated;
    summary.oldest = summary.count == 0 ? updated : std::min(summary.oldest, updated);
    summary.newest = summary.count == 0 ? updated : std::max(summary.newest, updated);
    ++summary.count;
    if (selectsOne(item.operation)) {
      choose(item, value, source, summary);
    } else if (!value.metric.isText) {
      summary.numbers.push_back(value.metric.number);
    }
  }
}

void MetricQuery::choose(const MetricItem& item, const Value& value, const SourceView& source, Summary& summary) {
  // The usual loser is turned away before anything is made of it.
  const double* known = summary.chosen ? std::get_if<double>(&summary.chosen->value) : nullptr;
  if (known != nullptr && !value.metric.isText && item.operation != Operation::any &&
      (item.operation == Operation::max ? value.metric.number < *known : value.metric.number > *known))
    return;
  ChosenValue candidate{keyOf(source), value.metric.number, value.metric.updated, {}};
  if (value.metric.isText) candidate.value.emplace<std::string>(value.metric.text());
  if (summary.chosen && !selectedBefore(item.operation, candidate, *summary.chosen)) return;
  FlowMetric flow;
  if (value.isFlow && source.flows->flowMetric(item.metric.name, true, flow)) {
    candidate.topKeys = std::move(flow.topKeys);
    sortTopKeys(candidate.topKeys);
  }
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
    if (b.chosen && (!a.chosen || selectedBefore(selection_.metrics.items[i].operation, *b.chosen, *a.chosen)))
      a.chosen = std::move(b.chosen);
  }
}

bool MetricQuery::accepts(const Partial& partial) const {
  const std::vector<MetricItem>& items = selection_.metrics.items;
  if (partial.summaries.empty()) return true;
  if (partial.summaries.size() != items.size()) return false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Summary& summary = partial.summaries[i];
    if (selectsOne(items[i].operation) ? !summary.numbers.empty() : summary.chosen.has_value()) return false;
  }
  return true;
}

Outcome<MetricResult> MetricQuery::finish(Partial&& partial) const {
  const std::vector<MetricItem>& items = selection_.metrics.items;
  MetricResult result{asked_, {}};
  partial.summaries.resize(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    Summary& from = partial.summaries[i];
    MetricResult::Summary& summary = result.summaries.emplace_back();
    summary.name = items[i].text;
    summary.count = from.count;
    summary.oldest = from.oldest;
    summary.newest = from.newest;
    summary.chosen = std::move(from.chosen);
    if (from.numbers.empty()) continue;
    // In the order of the numbers, so that rounding does not depend on the order of merging.
    std::ranges::sort(from.numbers);
    summary.number = summarise(items[i].operation, from.numbers);
    if (hasQuartiles(items[i].operation)) summary.quartiles = quartilesOf(from.numbers);
  }
  return result;
}

}  // namespace weir::query
