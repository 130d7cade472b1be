#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

namespace {

using Query = void (engine::Engine::*)(std::string, std::string, Parameters, engine::AnswerCallback);

/// A resource of an agent and a metric selector whose query parameters are all filters (docs/rest.md, "What all
/// resources share").
void addSelection(Router& router, Context& context, std::string_view pattern, std::string_view doc,
                  std::string_view answer, Query query) {
  router.add({.pattern = pattern,
              .doc = doc,
              .query = {{"*", "Filter: same name repeated is or, different names are and."}},
              .answer = answer,
              .errors = {503},
              .handler = [&context, query](const Request& request, Arguments selected, const ReplyPtr& reply) {
                (context.engine.*query)(selected[0], selected[1], request.query, answerTo(reply));
              }});
}

}  // namespace

void addMetrics(Router& router, Context& context) {
  router.add({.pattern = "/metrics/json",
              .doc = "Names of all metrics with milliseconds since each was last seen.",
              .answer = "{count}",
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                context.engine.metricNames(answerTo(reply));
              }});
  router.add({.pattern = "/metric/{agent}/json",
              .doc = "Newest value of every metric of one agent, by dataSource.name.",
              .answer = "{number|text}",
              .errors = {404, 503},
              .handler = [&context](const Request&, Arguments agent, const ReplyPtr& reply) {
                context.engine.agentMetrics(agent[0], answerTo(reply));
              }});
  addSelection(
      router, context, "/metric/{agent}/{metric}/json",
      "Summary statistics (max, sum, med, …) over agents and data sources, one record for each metric asked for.",
      "MetricSummary[]", &engine::Engine::metric);
  addSelection(router, context, "/table/{agent}/{metric}/json",
               "Rows of metrics, one for each data source; sort:name:n.", "Metric[][]", &engine::Engine::table);
  addSelection(router, context, "/dump/{agent}/{metric}/json",
               "Every matching value; /dump/ALL/ALL/json is all there is.", "Metric[]", &engine::Engine::dump);
}

}  // namespace weir::api
