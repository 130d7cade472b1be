#include <algorithm>

#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

namespace {

std::string lowerCase(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

constexpr LogParameters kFlowLog{"name", "flowID", "maxFlows"};

Expected<query::ActiveFlowsQuestion> activeFlowsQuestion(const Request& request, Arguments selected) {
  const auto maxFlows = integerParameter(request, "maxFlows");
  if (!maxFlows) return std::unexpected(maxFlows.error());
  if (*maxFlows && **maxFlows < 0) return fail("expected a number of flows", "maxFlows");
  const auto minValue = numberParameter(request, "minValue");
  if (!minValue) return std::unexpected(minValue.error());
  query::ActiveFlowsQuestion wanted{selected[0], selected[1]};
  if (*maxFlows) wanted.maxFlows = static_cast<std::uint32_t>(std::min<std::int64_t>(**maxFlows, UINT32_MAX));
  wanted.minValue = minValue->value_or(0);
  if (const std::string* mode = request.parameter("aggMode")) wanted.aggMode = lowerCase(*mode);
  return wanted;
}

void activeFlows(const Request& request, Arguments selected, Context& context, const ReplyPtr& reply) {
  auto wanted = activeFlowsQuestion(request, selected);
  if (!wanted) return reply->send(errorResponse(400, wanted.error()));
  context.engine.ask(std::move(*wanted), AnswerFlows{reply});
}

void streamActiveFlows(const Request& request, Arguments selected, Context& context, const ReplyPtr& reply) {
  auto wanted = activeFlowsQuestion(request, selected);
  if (!wanted) return reply->send(errorResponse(400, wanted.error()));
  const auto interval = numberParameter(request, "interval");
  if (!interval) return reply->send(errorResponse(400, interval.error()));
  context.flowStreams.open(std::move(*wanted), interval->value_or(1), reply);
}

std::vector<ParameterDoc> activeFlowsParameters() {
  return {{"maxFlows", "At most so many records; 100.", "count"},
          {"minValue", "Only flows of at least this value; 0.", "number"},
          {"aggMode", "max (the default), sum, edge or core: how data sources that see one flow are merged."}};
}

void addActiveFlows(Router& router, Context& context) {
  router.add(
      {.pattern = "/activeflows/{agent}/{name}/json",
       .doc =
           "Largest flows now, those of several data sources merged. A definition's n and maxFlows bound the answer: "
           "header X-Total-Count tells how many flows there are, X-Left-Out how many of them are not shown.",
       .query = activeFlowsParameters(),
       .answer = "ActiveFlow[]",
       .errors = {503},
       .handler = [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
         activeFlows(request, selected, context, reply);
       }});
  auto parameters = activeFlowsParameters();
  parameters.push_back({"interval", "Seconds between two answers, 0.1 to 3600; 1.", "number"});
  router.add({.pattern = "/activeflows/{agent}/{name}/stream",
              .doc = "The same again and again, as Server-Sent Events whose data is what the resource above answers.",
              .query = std::move(parameters),
              .media = kMediaEvents,
              .errors = {503},
              .handler = [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
                streamActiveFlows(request, selected, context, reply);
              }});
}

void addFlowLookups(Router& router, Context& context) {
  router.add({.pattern = "/flowvalue/{agent}/{name}/json",
              .doc = "Value of one flow at one data source; name is dataSource.flow.",
              .query = {{"key", "The flow key as text."}},
              .answer = "FlowValue",
              .errors = {404, 503},
              .handler = [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
                const std::string* key = request.parameter("key");
                context.engine.ask(query::FlowValueQuestion{selected[0], selected[1], key == nullptr ? "" : *key},
                                   AnswerJson{reply});
              }});
  router.add({.pattern = "/flowlocations/{agent}/{name}/json",
              .doc = "Data sources that see a flow, the one with the largest value first.",
              .query = {{"key", "The flow key as text; all of them."}},
              .answer = "FlowLocation[]",
              .errors = {404, 503},
              .handler = [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
                const std::string* key = request.parameter("key");
                query::FlowLocationsQuestion wanted{selected[0], selected[1]};
                if (key != nullptr) wanted.key = *key;
                context.engine.ask(std::move(wanted), AnswerJson{reply});
              }});
}

void addFlowLog(Router& router, Context& context) {
  router.add(
      {.pattern = "/flows/json",
       .doc = "Log of finished flows, newest first; waits when there is nothing to tell.",
       .query = {{"name", "Flow name; repeatable or a comma list. Only these.", "text[]"},
                 {"flowID", "Only records with a greater flowID; -1.", "integer"},
                 {"maxFlows", "At most so many, the newest.", "count"},
                 {"timeout", "Seconds to wait when nothing matches, up to 600; 0.", "number"}},
       .answer = "FlowRecord[]",
       .handler = [&context](
                      const Request& request, Arguments,
                      const ReplyPtr& reply) { askLog(request, context, engine::Engine::Log::flows, kFlowLog, reply); },
       .hints = [&context](const Request& request,
                           Arguments) { return logHints(request, context, engine::Engine::Log::flows, kFlowLog); }});
  router.add(
      {.pattern = "/flows/stream",
       .doc = "The same log as Server-Sent Events, oldest first; the id is the flowID, data a FlowRecord.",
       .query = {{"name", "Flow name; repeatable or a comma list. Only these.", "text[]"},
                 {"flowID", "Begins behind this record; -1. The header Last-Event-ID comes first.", "integer"},
                 {"maxFlows", "Of the records that are there at the beginning the newest so many.", "count"},
                 {"timeout", "Ends when nothing came for so many seconds; never.", "number"}},
       .media = kMediaEvents,
       .handler =
           [&context](const Request& request, Arguments, const ReplyPtr& reply) {
             streamLog(request, context, engine::Engine::Log::flows, kFlowLog, reply);
           },
       .hints = [&context](const Request& request,
                           Arguments) { return logHints(request, context, engine::Engine::Log::flows, kFlowLog); }});
}

}  // namespace

void addFlows(Router& router, Context& context) {
  router.add({.pattern = "/flowkeys/json",
              .doc = "Flow keys seen so far with milliseconds since each was last seen.",
              .answer = "{count}",
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                context.engine.ask(query::FlowKeysQuestion{}, AnswerJson{reply});
              }});
  addDefinitions(router, context, engine::Engine::Kind::flow, "/flow/json", "/flow/{name}/json",
                 {"All flow definitions.", "One flow definition, defaults filled in.",
                  "Defines a flow; an identical definition changes nothing, another one starts empty.",
                  "Forgets a flow, its caches and its metric.", "{Flow}", "FlowBody", "Flow"});
  addActiveFlows(router, context);
  addFlowLookups(router, context);
  addFlowLog(router, context);
}

}  // namespace weir::api
