#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

void addThresholdsAndEvents(Router& router, Context& context) {
  addDefinitions(router, context, engine::Engine::Kind::threshold, "/threshold/json", "/threshold/{name}/json",
                 {"All thresholds.", "One threshold, defaults filled in.",
                  "Sets a threshold; a changed one is armed anew, its metric need not exist yet.",
                  "Forgets a threshold; its events stay in the log."});
  router.add({Method::get,
              "/events/json",
              "Log of threshold events, newest first; waits when there is nothing to tell.",
              {{"thresholdID", "Threshold name; repeatable or a comma list. Only these."},
               {"eventID", "Only events with a greater eventID; -1."},
               {"maxEvents", "At most so many, the newest."},
               {"timeout", "Seconds to wait when nothing matches, up to 600; 0."}},
              [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                askLog(request, context, engine::Engine::Log::events, {"thresholdID", "eventID", "maxEvents"}, reply);
              }});
}

}  // namespace weir::api
