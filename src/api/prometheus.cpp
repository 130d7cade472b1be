#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/analyzer_text.h"
#include "api/answers.h"
#include "api/resources.h"
#include "query/prometheus_writer.h"

namespace weir::api {

namespace {

/// The version of the format, as Prometheus wants to be told.
constexpr std::string_view kMediaPrometheus = "text/plain; version=0.0.4; charset=utf-8";

query::ExportNames namesOf(const Context& context) {
  return {context.options.metricPrefix, context.options.metricTypes};
}

/// The text of an export: of one that is not large as a whole, else in pieces.
struct Export {
  std::string begin;
  std::shared_ptr<query::PrometheusWriter> metrics;
  std::string end;
};
constexpr std::size_t kWhole = std::size_t{64} << 20;  // octets of text; whole answers are compressed

void sendExport(Context& context, const ReplyPtr& reply, std::string_view media, Export text) {
  query::PrometheusWriter& metrics = *text.metrics;
  if (metrics.octets() <= kWhole) {
    std::string all = std::move(text.begin);
    all.reserve(all.size() + metrics.octets() + text.end.size());
    while (metrics.write(all, kWhole)) {
    }
    return reply->send({200, std::string(media), all + text.end, {}});
  }
  const std::size_t held = metrics.heldOctets() + text.begin.size() + text.end.size();
  context.pieces.send(reply, {200, std::string(media), "", {}}, held,
                      [text = std::move(text)](std::string& out) mutable {
                        out += std::exchange(text.begin, "");
                        if (text.metrics->write(out, PieceStreams::kPiece)) return true;
                        out += text.end;
                        return false;
                      });
}

/// Asks for the metrics of `question` and, `withAgents`, for the gauge of its agents; tells `send` an Outcome<Export>
/// on the engine's query worker.
template <class Send>
void askExport(Context& context, query::DumpQuestion question, bool withAgents, Send send) {
  const query::ExportNames names = namesOf(context);
  const std::vector<std::string> agents = {question.agents};
  context.engine.ask(std::move(question), [=, &context](const query::Outcome<query::DumpResult>& dump) {
    if (!dump) return send(query::Outcome<Export>(std::unexpected(dump.error())));
    auto metrics = std::make_shared<query::PrometheusWriter>(*dump, names);
    if (!withAgents) return send(query::Outcome<Export>(Export{"", std::move(metrics), ""}));
    context.engine.ask(query::AgentsQuestion{agents}, [=](const query::Outcome<query::AgentsResult>& known) {
      if (!known) return send(query::Outcome<Export>(std::unexpected(known.error())));
      send(query::Outcome<Export>(Export{"", metrics, known->prometheusText(names)}));
    });
  });
}

query::DumpQuestion exported(std::string agents, std::string metrics, query::Parameters filter) {
  return {.agents = std::move(agents),
          .metrics = std::move(metrics),
          .filter = std::move(filter),
          .flows = false,
          .sourceNames = true};
}

void addExport(Router& router, Context& context, std::string_view pattern, std::string_view doc) {
  router.add({.pattern = pattern,
              .doc = doc,
              .query = {{"*", "Filter: same name repeated is or, different names are and."}},
              .answer = "text",
              .media = kMediaText,
              .errors = {503},
              .handler = [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
                const bool all = selected[1] == "ALL" && request.query.empty();
                askExport(context, exported(selected[0], selected[1], request.query), all,
                          [&context, reply](query::Outcome<Export> text) {
                            if (!text) return reply->send(refusalResponse(text.error()));
                            sendExport(context, reply, kMediaText, std::move(*text));
                          });
              }});
}

/// The analyzer's own figures and all that its agents sent.
void answerScrape(Context& context, const ReplyPtr& reply) {
  context.engine.ask(query::AnalyzerQuestion{}, [&context, reply, server = context.figures()](const auto& analyzer) {
    if (!analyzer) return reply->send(refusalResponse(analyzer.error()));
    const auto send = [&context, reply, own = analyzerPrometheusText(*analyzer, server, context.options.metricTypes)](
                          query::Outcome<Export> text) {
      if (!text) return reply->send(refusalResponse(text.error()));
      text->begin = own;
      sendExport(context, reply, kMediaPrometheus, std::move(*text));
    };
    askExport(context, exported("ALL", "ALL", {}), true, send);
  });
}

}  // namespace

void addPrometheus(Router& router, Context& context) {
  router.add(
      {.pattern = "/metrics",
       .doc = "What a scrape of Prometheus asks for (docs/prometheus.md): all of /prometheus/analyzer/txt and "
              "/prometheus/metrics/ALL/ALL/txt.",
       .answer = "text",
       .media = kMediaPrometheus,
       .errors = {503},
       .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) { answerScrape(context, reply); }});
  router.add({.pattern = "/prometheus/analyzer/txt",
              .doc = "What /analyzer/json tells, as Prometheus text: sflow_analyzer_….",
              .answer = "text",
              .media = kMediaText,
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                const bool described = context.options.metricTypes;
                answerAnalyzer(context, reply, [described](const auto& analyzer, const auto& server) {
                  return textResponse(analyzerPrometheusText(analyzer, server, described));
                });
              }});
  addExport(
      router, context, "/prometheus/metrics/{agent}/{metric}/txt",
      "Numeric metrics as Prometheus text; rates, not counters. Labels: agent, datasource, host; of ports, where "
      "known, ifname (told by the agent or by the topology), ifindex, ifspeed (100M, 25G), iftype, ifadminstatus and "
      "ifoperstatus; of virtual machines and containers their names. Flows have no lines, since their keys would be "
      "labels without end; /activeflows has them. ALL without a filter contains a gauge with the time of each "
      "agent's last datagram, too.");
  addExport(router, context, "/app/prometheus/scripts/export.js/dump/{agent}/{metric}/txt",
            "The same, the name of the first version of the exporter.");
}

}  // namespace weir::api
