#include "api/analyzer_text.h"
#include "api/answers.h"
#include "api/figures.h"
#include "api/resources.h"

namespace weir::api {

void addServerInfo(Router& router, Context& context) {
  router.add({.pattern = "/version",
              .doc = "Version of this server as major.minor-build, plain text.",
              .answer = "text",
              .media = kMediaText,
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send(textResponse(context.options.version));
              }});
  router.add({.pattern = "/analyzer/json",
              .doc = "Counters and gauges of the analyzer itself; counters count from start.",
              .answer = "Analyzer",
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                answerAnalyzer(context, reply, [](const auto& analyzer, const auto& server) {
                  return jsonResponse(analyzerJson(analyzer, server));
                });
              }});
  router.add({.pattern = "/license/json",
              .doc = "License terms, and the current rate of sFlow.",
              .answer = "License",
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                answerAnalyzer(context, reply,
                               [](const auto& analyzer, const auto&) { return jsonResponse(licenseJson(analyzer)); });
              }});
  router.add({.pattern = "/health/json",
              .doc = "Drops with reasons, and agents with faults, as on the status page.",
              .answer = "Health",
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                context.engine.ask(query::HealthQuestion{}, AnswerJson{reply});
              }});
  router.add(
      {.pattern = "/figures/json",
       .doc = "What the counters and gauges of /analyzer/json, /health/json and /prometheus/analyzer/txt mean "
              "(docs/figures.md).",
       .answer = "Figure[]",
       .handler = [](const Request&, Arguments, const ReplyPtr& reply) { reply->send(jsonResponse(figuresJson())); }});
  router.add({.pattern = "/agents/json",
              .doc = "sFlow agents with their counters; times in milliseconds ago.",
              .query = {{"agent", "Only these agents, named as in a path; repeatable.", "text[]"}},
              .answer = "{Agent}",
              .errors = {503},
              .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                const auto only = listParameter(request, "agent", ",;");
                // Asked for, but by no usable name: that means no agent, not all.
                if (only.empty() && request.parameter("agent") != nullptr) return reply->send(jsonResponse("{}"));
                context.engine.ask(query::AgentsQuestion{only}, AnswerJson{reply});
              }});
}

}  // namespace weir::api
