#include "api/analyzer_text.h"
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
                const query::ExportNames names{context.options.metricPrefix, context.options.metricTypes};
                context.engine.ask(query::DumpQuestion{.agents = selected[0],
                                                       .metrics = selected[1],
                                                       .filter = request.query,
                                                       .flows = false,
                                                       .sourceNames = true},
                                   [reply, names](const query::Outcome<query::DumpResult>& outcome) {
                                     reply->send(outcome ? textResponse(outcome->prometheusText(names))
                                                         : refusalResponse(outcome.error()));
                                   });
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
                answerAnalyzer(context, reply, [](const auto& analyzer, const auto& server) {
                  return textResponse(analyzerPrometheusText(analyzer, server));
                });
              }});
  addExport(router, context, "/prometheus/metrics/{agent}/{metric}/txt",
            "Numeric metrics as Prometheus text, labels agent, datasource, host, ifname, …; rates, not counters. Flows "
            "have none: their keys would be labels without end; /activeflows has them.");
  addExport(router, context, "/app/prometheus/scripts/export.js/dump/{agent}/{metric}/txt",
            "The same, the name of the first version of the exporter.");
}

}  // namespace weir::api
