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

void activeFlows(const Request& request, Arguments selected, Context& context, const ReplyPtr& reply) {
  engine::Engine::ActiveFlowsRequest wanted{selected[0], selected[1]};
  const auto maxFlows = integerParameter(request, "maxFlows");
  if (!maxFlows) return reply->send(errorResponse(400, maxFlows.error()));
  if (*maxFlows && **maxFlows < 0)
    return reply->send(errorResponse(400, {"expected a number of flows", "maxFlows", {}}));
  const auto minValue = numberParameter(request, "minValue");
  if (!minValue) return reply->send(errorResponse(400, minValue.error()));

  if (*maxFlows) wanted.maxFlows = static_cast<unsigned>(std::min<std::int64_t>(**maxFlows, UINT32_MAX));
  wanted.minValue = minValue->value_or(0);
  if (const std::string* mode = request.parameter("aggMode")) wanted.aggMode = lowerCase(*mode);
  context.engine.activeFlows(std::move(wanted), answerTo(reply));
}

}  // namespace

void addFlows(Router& router, Context& context) {
  router.add(
      {Method::get,
       "/flowkeys/json",
       "Flow keys seen so far with milliseconds since each was last seen.",
       {},
       [&context](const Request&, Arguments, const ReplyPtr& reply) { context.engine.flowKeys(answerTo(reply)); }});
  addDefinitions(router, context, engine::Engine::Kind::flow, "/flow/json", "/flow/{name}/json",
                 {"All flow definitions.", "One flow definition, defaults filled in.",
                  "Defines a flow; an identical definition changes nothing, another one starts empty.",
                  "Forgets a flow, its caches and its metric."});
  router.add({Method::get,
              "/activeflows/{agent}/{name}/json",
              "Largest flows now, those of several data sources merged.",
              {{"maxFlows", "At most so many records; 100."},
               {"minValue", "Only flows of at least this value; 0."},
               {"aggMode", "max (the default), sum, edge or core: how data sources that see one flow are merged."}},
              [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
                activeFlows(request, selected, context, reply);
              }});
  router.add({Method::get,
              "/flowvalue/{agent}/{name}/json",
              "Value of one flow at one data source; name is dataSource.flow.",
              {{"key", "The flow key as text."}},
              [&context](const Request& request, Arguments selected, const ReplyPtr& reply) {
                const std::string* key = request.parameter("key");
                context.engine.flowValue(selected[0], selected[1], key == nullptr ? "" : *key, answerTo(reply));
              }});
  router.add({Method::get,
              "/flows/json",
              "Log of finished flows, newest first; waits when there is nothing to tell.",
              {{"name", "Flow name; repeatable or a comma list. Only these."},
               {"flowID", "Only records with a greater flowID; -1."},
               {"maxFlows", "At most so many, the newest."},
               {"timeout", "Seconds to wait when nothing matches, up to 600; 0."}},
              [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                askLog(request, context, engine::Engine::Log::flows, {"name", "flowID", "maxFlows"}, reply);
              }});
}

}  // namespace weir::api
