#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

namespace {

void addExport(Router& router, Context& context, std::string_view pattern, std::string_view doc) {
  router.add({.pattern = pattern,
              .doc = doc,
              .query = {{"*", "Filter: same name repeated is or, different names are and."}},
              .answer = "text",
              .media = kMediaText,
              .errors = {503},
              .handler = [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
                context.engine.prometheusMetrics(selected[0], selected[1], request.query,
                                                 {context.options.metricPrefix, context.options.metricTypes},
                                                 answerTo(reply, kMediaText));
              }});
}

}  // namespace

void addPrometheus(Router& router, Context& context) {
  router.add({.pattern = "/prometheus/analyzer/txt",
              .doc = "What /analyzer/json tells, as Prometheus text: sflow_analyzer_….",
              .answer = "text",
              .media = kMediaText,
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                context.engine.prometheusAnalyzer(engineFigures(context.figures()), answerTo(reply, kMediaText));
              }});
  addExport(router, context, "/prometheus/metrics/{agent}/{metric}/txt",
            "Numeric metrics as Prometheus text, labels agent, datasource, host, ifname, …; rates, not counters. Flows have none: their keys would be labels without end; /activeflows has them.");
  addExport(router, context, "/app/prometheus/scripts/export.js/dump/{agent}/{metric}/txt",
            "The same, the name of the first version of the exporter.");
}

}  // namespace weir::api
