#pragma once
#include <string>

#include "api/answers.h"
#include "api/resources.h"
#include "query/analyzer_question.h"

/// What the analyzer tells of itself, with the figures of the HTTP server.
namespace weir::api {

/// /analyzer/json
[[nodiscard]] std::string analyzerJson(const query::AnalyzerResult& analyzer, const http::Figures& server);
/// /prometheus/analyzer/txt; `described`: with `# HELP` and `# TYPE` lines.
[[nodiscard]] std::string analyzerPrometheusText(const query::AnalyzerResult& analyzer, const http::Figures& server,
                                                 bool described);
/// /license/json
[[nodiscard]] std::string licenseJson(const query::AnalyzerResult& analyzer);

/// Asks for it, and sends what `write` makes of it on the engine's query worker: a Response.
template <class Write>
void answerAnalyzer(Context& context, const ReplyPtr& reply, Write write) {
  context.engine.ask(query::AnalyzerQuestion{}, [reply, write, server = context.figures()](const auto& outcome) {
    reply->send(outcome ? write(*outcome, server) : refusalResponse(outcome.error()));
  });
}

}  // namespace weir::api
