#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

void addGroupsAndMaps(Router& router, Context& context) {
  addDefinitions(
      router, context, engine::Engine::Kind::group, "/group/json", "/group/{name}/json",
      {"Names of all groups with the time of their last update, milliseconds since 1970.",
       "One group: class → networks.", "Sets a group: class → list of addresses and networks; the longest prefix wins.",
       "Forgets a group.", "{count}", "{text|text[]}", "{text[]}"});
  addDefinitions(
      router, context, engine::Engine::Kind::map, "/map/json", "/map/{name}/json",
      {"Names of all maps with the time of their last update, milliseconds since 1970.", "One map: label → values.",
       "Sets a map: label → list of values.", "Forgets a map.", "{count}", "{any}", "{text[]}"});
  router.add({.pattern = "/groups/json",
              .doc = "The same as /group/json, the name of old versions.",
              .answer = "{count}",
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send(jsonResponse(context.engine.list(engine::Engine::Kind::group)));
              }});
  router.add({.method = Method::put,
              .pattern = "/group/json",
              .doc = "Sets the group `default`, as very old versions did.",
              .body = "{text|text[]}",
              .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                putBody(request, context, reply, [&engine = context.engine](const auto& body, auto onHints) {
                  return engine.put(engine::Engine::Kind::group, "default", body, onHints);
                });
              }});
}

}  // namespace weir::api
