#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

namespace {
constexpr LogParameters kEventLog{"thresholdID", "eventID", "maxEvents"};
}

void addThresholdsAndEvents(Router& router, Context& context) {
  addDefinitions(router, context, engine::Engine::Kind::threshold, "/threshold/json", "/threshold/{name}/json",
                 {"All thresholds.", "One threshold, defaults filled in.",
                  "Sets a threshold; a changed one is armed anew, its metric need not exist yet.",
                  "Forgets a threshold; its events stay in the log.", "{Threshold}", "ThresholdBody", "Threshold"});
  router.add({.pattern = "/events/json",
              .doc = "Log of threshold events, newest first; waits when there is nothing to tell.",
              .query = {{"thresholdID", "Threshold name; repeatable or a comma list. Only these.", "text[]"},
                        {"eventID", "Only events with a greater eventID; -1.", "integer"},
                        {"maxEvents", "At most so many, the newest.", "count"},
                        {"timeout", "Seconds to wait when nothing matches, up to 600; 0.", "number"}},
              .answer = "Event[]",
              .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                askLog(request, context, engine::Engine::Log::events, kEventLog, reply);
              }});
  router.add({.pattern = "/events/stream",
              .doc = "The same log as Server-Sent Events, oldest first; the id is the eventID, data an Event.",
              .query = {{"thresholdID", "Threshold name; repeatable or a comma list. Only these.", "text[]"},
                        {"eventID", "Begins behind this event; -1. The header Last-Event-ID comes first.", "integer"},
                        {"maxEvents", "Of the events that are there at the beginning the newest so many.", "count"},
                        {"timeout", "Ends when nothing came for so many seconds; never.", "number"}},
              .media = kMediaEvents,
              .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                streamLog(request, context, engine::Engine::Log::events, kEventLog, reply);
              }});
}

}  // namespace weir::api
