#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

void addGroupsAndMaps(Router& router, Context& context) {
  addDefinitions(
      router, context, engine::Engine::Kind::group, "/group/json", "/group/{name}/json",
      {"Names of all groups with the time of their last update.", "One group: class → networks.",
       "Sets a group: class → list of addresses and networks; the longest prefix wins.", "Forgets a group."});
  addDefinitions(router, context, engine::Engine::Kind::map, "/map/json", "/map/{name}/json",
                 {"Names of all maps with the time of their last update.", "One map: label → values.",
                  "Sets a map: label → list of values.", "Forgets a map."});
  router.add({Method::get,
              "/groups/json",
              "The same as /group/json, the name of old versions.",
              {},
              [&context](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send(jsonResponse(context.engine.list(engine::Engine::Kind::group)));
              }});
  router.add({Method::put,
              "/group/json",
              "Sets the group `default`, as very old versions did.",
              {},
              [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                putBody(request, context, reply, [&engine = context.engine](const auto& body) {
                  return engine.put(engine::Engine::Kind::group, "default", body);
                });
              }});
}

}  // namespace weir::api
