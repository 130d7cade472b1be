#include <algorithm>

#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

namespace {

/// The names in a list of metrics, [operation:][dataSource.]name each, and in filters.
std::vector<std::string> metricNames(const Request& request, std::string_view metrics) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view metric) {
    const std::size_t name = metric.find_last_of(":.");
    if (name != std::string_view::npos) metric.remove_prefix(name + 1);
    if (!metric.empty() && metric != "ALL") names.emplace_back(metric);
  };
  while (!metrics.empty()) {
    const std::size_t end = std::min(metrics.find_first_of(",;"), metrics.size());
    add(metrics.substr(0, end));
    metrics.remove_prefix(std::min(end + 1, metrics.size()));
  }
  for (const auto& [name, value] : request.query) add(name);
  return names;
}

std::vector<std::string> metricHints(const Request& request, Arguments selected, const Context& context) {
  return context.engine.hintsOnNames(engine::Engine::Named::metric, metricNames(request, selected[1]));
}

/// A resource of an agent and a metric selector whose query parameters are all filters (docs/rest.md, "What all
/// resources share").
template <class Question>
void addSelection(Router& router, Context& context, std::string_view pattern, std::string_view doc,
                  std::string_view answer) {
  router.add({.pattern = pattern,
              .doc = doc,
              .query = {{"*", "Filter: same name repeated is or, different names are and."}},
              .answer = answer,
              .errors = {503},
              .handler =
                  [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
                    context.engine.ask(Question{.agents = selected[0], .metrics = selected[1], .filter = request.query},
                                       AnswerJson{reply});
                  },
              .hints = [&context](const Request& request,
                                  Arguments selected) { return metricHints(request, selected, context); }});
}

}  // namespace

void addMetrics(Router& router, Context& context) {
  router.add({.pattern = "/metrics/json",
              .doc = "Names of all metrics with milliseconds since each was last seen.",
              .answer = "{count}",
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                context.engine.ask(query::MetricNamesQuestion{}, AnswerJson{reply});
              }});
  router.add({.pattern = "/metric/{agent}/json",
              .doc = "Newest value of every metric of one agent, by dataSource.name.",
              .answer = "{number|text}",
              .errors = {404, 503},
              .handler = [&context](const Request&, Arguments agent, const ReplyPtr& reply) {
                context.engine.ask(query::AgentMetricsQuestion{agent[0]}, AnswerJson{reply});
              }});
  addSelection<query::MetricQuestion>(
      router, context, "/metric/{agent}/{metric}/json",
      "Summary statistics (max, sum, med, …) over agents and data sources, one record for each metric asked for.",
      "MetricSummary[]");
  addSelection<query::TableQuestion>(router, context, "/table/{agent}/{metric}/json",
                                     "Rows of metrics, one for each data source; sort:name:n.", "Metric[][]");
  router.add(
      {.pattern = "/dump/{agent}/{metric}/json",
       .doc = "Every matching value; /dump/ALL/ALL/json is all there is. A large answer is made and sent piece by "
              "piece, as it is read.",
       .query = {{"*", "Filter: same name repeated is or, different names are and."}},
       .answer = "Metric[]",
       .errors = {503},
       .handler =
           [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
             context.dumps.answer({.agents = selected[0], .metrics = selected[1], .filter = request.query}, reply);
           },
       .hints = [&context](const Request& request,
                           Arguments selected) { return metricHints(request, selected, context); }});
}

}  // namespace weir::api
