#include <boost/json/value.hpp>

#include "api/answers.h"
#include "api/resources.h"
#include "base/json_writer.h"

namespace weir::api {

namespace {

Response explained(const Expected<engine::Engine::Checked>& checked) {
  if (!checked) return errorResponse(400, checked.error());
  std::string body;
  JsonWriter json(body);
  json.beginObject().key("definition").raw(checked->definition).key("hints").beginArray();
  for (const std::string& hint : checked->hints) json.string(hint);
  json.endArray().endObject();
  return jsonResponse(std::move(body));
}

constexpr LogParameters kEventLog{"thresholdID", "eventID", "maxEvents"};
}  // namespace

void addThresholdsAndEvents(Router& router, Context& context) {
  addDefinitions(router, context, engine::Engine::Kind::threshold, "/threshold/json", "/threshold/{name}/json",
                 {"All thresholds.", "One threshold, defaults filled in.",
                  "Sets a threshold; a changed one is armed anew, its metric need not exist yet.",
                  "Forgets a threshold; its events stay in the log.", "{Threshold}", "ThresholdBody", "Threshold"});
  router.add({.method = Method::post,
              .pattern = "/threshold/validate",
              .doc = "Explains a threshold without setting it.",
              .body = "ThresholdBody",
              .answer = "ThresholdExplained",
              .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                readBody(request, context, reply, [&engine = context.engine, reply](const boost::json::value& body) {
                  reply->send(explained(engine.check(engine::Engine::Kind::threshold, body)));
                });
              }});
  router.add(
      {.pattern = "/events/json",
       .doc = "Log of threshold events, newest first; waits when there is nothing to tell.",
       .query = {{"thresholdID", "Threshold name; repeatable or a comma list. Only these.", "text[]"},
                 {"eventID", "Only events with a greater eventID; -1.", "integer"},
                 {"maxEvents", "At most so many, the newest.", "count"},
                 {"timeout", "Seconds to wait when nothing matches, up to 600; 0.", "number"}},
       .answer = "Event[]",
       .handler =
           [&context](const Request& request, Arguments, const ReplyPtr& reply) {
             askLog(request, context, engine::Engine::Log::events, kEventLog, reply);
           },
       .hints = [&context](const Request& request,
                           Arguments) { return logHints(request, context, engine::Engine::Log::events, kEventLog); }});
  router.add(
      {.pattern = "/events/stream",
       .doc = "The same log as Server-Sent Events, oldest first; the id is the eventID, data an Event.",
       .query = {{"thresholdID", "Threshold name; repeatable or a comma list. Only these.", "text[]"},
                 {"eventID", "Begins behind this event; -1. The header Last-Event-ID comes first.", "integer"},
                 {"maxEvents", "Of the events that are there at the beginning the newest so many.", "count"},
                 {"timeout", "Ends when nothing came for so many seconds; never.", "number"}},
       .media = kMediaEvents,
       .handler =
           [&context](const Request& request, Arguments, const ReplyPtr& reply) {
             streamLog(request, context, engine::Engine::Log::events, kEventLog, reply);
           },
       .hints = [&context](const Request& request,
                           Arguments) { return logHints(request, context, engine::Engine::Log::events, kEventLog); }});
}

}  // namespace weir::api
