#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

void addTopology(Router& router, Context& context) {
  router.add({Method::get,
              "/topology/json",
              "The topology as it was put, unknown members too; {} when there is none.",
              {},
              [&context](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send(jsonResponse(context.engine.topology()));
              }});
  router.add({Method::put,
              "/topology/json",
              "Replaces the whole topology: links, and nodes where names are not learned.",
              {},
              [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                putBody(request, context, reply,
                        [&engine = context.engine](const auto& body) { return engine.putTopology(body); });
              }});
}

}  // namespace weir::api
