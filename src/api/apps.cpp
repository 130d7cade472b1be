#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

/// This version runs no scripts, so there are none, and no apps: what is asked for is answered truly.
void addApps(Router& router, Context&) {
  router.add({.pattern = "/scripts/json",
              .doc = "Scripts that were started: none, this version runs no scripts.",
              .answer = "{Script}",
              .handler = [](const Request&, Arguments, const ReplyPtr& reply) { reply->send(jsonResponse("{}")); }});
  router.add({.pattern = "/apps/json",
              .doc = "Apps that were found: none, this version runs no scripts.",
              .answer = "{App}",
              .handler = [](const Request&, Arguments, const ReplyPtr& reply) { reply->send(jsonResponse("{}")); }});
  router.add({.pattern = "/app/{app}/status",
              .doc = "OK while the scripts of an app are well.",
              .answer = "text",
              .media = kMediaText,
              .errors = {404},
              .handler = [](const Request&, Arguments app, const ReplyPtr& reply) {
                reply->send(errorResponse(404, {"there is no app \"" + app[0] + "\"", {}, {}}));
              }});
}

}  // namespace weir::api
