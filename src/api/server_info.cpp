#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

void addServerInfo(Router& router, Context& context) {
  router.add({Method::get,
              "/version",
              "Version of this server as major.minor-build, plain text.",
              {},
              [&context](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send({200, "text/plain", context.options.version, {}});
              }});
  router.add({Method::get,
              "/analyzer/json",
              "Counters and gauges of the analyzer itself; counters count from start.",
              {},
              [&context](const Request&, Arguments, const ReplyPtr& reply) {
                context.engine.analyzer(context.figures(), answerTo(reply));
              }});
  router.add(
      {Method::get,
       "/health/json",
       "Rates, what was dropped and why, agents with faults: what the status page shows.",
       {},
       [&context](const Request&, Arguments, const ReplyPtr& reply) { context.engine.health(answerTo(reply)); }});
  router.add({Method::get,
              "/agents/json",
              "sFlow agents with their counters; times in milliseconds ago.",
              {{"agent", "Address or host name; repeatable. Only these agents."}},
              [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                const auto only = listParameter(request, "agent", ",;");
                // Asked for, but by no usable name: that is nobody, not everybody.
                if (only.empty() && request.parameter("agent") != nullptr) return reply->send(jsonResponse("{}"));
                context.engine.agents(only, answerTo(reply));
              }});
}

}  // namespace weir::api
