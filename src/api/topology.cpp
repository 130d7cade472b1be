#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

void addTopology(Router& router, Context& context) {
  router.add({.pattern = "/topology/json",
              .doc = "The topology as it was put, unknown members too; {} when there is none.",
              .answer = "Topology",
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send(jsonResponse(context.engine.topology()));
              }});
  router.add({.method = Method::put,
              .pattern = "/topology/json",
              .doc = "Replaces the whole topology: links, and nodes where names are not learned.",
              .body = "Topology",
              .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                putBody(request, context, reply,
                        [&engine = context.engine](const auto& body) { return engine.putTopology(body); });
              }});
}

}  // namespace weir::api
