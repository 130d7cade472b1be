#include "api/answers.h"
#include "api/resources.h"
#include "engine/link_metrics.h"

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
              .doc = "Replaces the whole topology: links, and nodes where names are not learned. {} clears it.",
              .body = "Topology",
              .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                putBody(request, context, reply, [&engine = context.engine](const auto& body, auto) -> Expected<Hints> {
                  auto done = engine.putTopology(body);
                  if (!done) return std::unexpected(std::move(done.error()));
                  return Hints();
                });
              }});
  router.add({.pattern = "/topology/status/json",
              .doc =
                  "How far telemetry covers the topology: nodes and links that no agent tells of, links that are down, "
                  "agents that are no node.",
              .answer = "TopologyStatus",
              .errors = {503},
              .handler = [&context](const Request&, Arguments, const ReplyPtr& reply) {
                context.engine.ask(query::TopologyStatusQuestion{}, AnswerJson{reply});
              }});
  router.add({.pattern = "/topology/hosts/json",
              .doc =
                  "Where hosts are: the port at the edge of the topology that each was last heard at, in the last ten "
                  "minutes, by MAC address.",
              .query = {{"host", "A MAC, IPv4 or IPv6 address: only this one."},
                        {"agent", "Agents, nodes, or TOPOLOGY, EDGE, CORE: only hosts heard by these."},
                        {"maxHosts", "At most so many.", "count"}},
              .answer = "HostLocation[]",
              .errors = {503},
              .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
                query::HostLocationsQuestion wanted;
                if (const std::string* host = request.parameter("host")) wanted.host = *host;
                if (const std::string* agents = request.parameter("agent")) wanted.agents = *agents;
                const auto most = integerParameter(request, "maxHosts");
                if (!most) return reply->send(errorResponse(400, most.error()));
                if (*most && **most < 0) return reply->send(errorResponse(400, {"expected a number", "maxHosts", {}}));
                if (*most) wanted.maxHosts = static_cast<std::size_t>(**most);
                context.engine.ask(std::move(wanted), AnswerJson{reply});
              }});
  router.add(
      {.pattern = "/topology/link/{link}/{metric}/json",
       .doc =
           "Metrics of both ends of a link, as /metric answers them; without those of an end that no agent tells of.",
       .answer = "LinkEnd[]",
       .errors = {404, 503},
       .handler = [&context](const Request&, Arguments selected, const ReplyPtr& reply) {
         engine::askLinkMetrics(context.engine, selected[0], selected[1], AnswerJson{reply});
       }});
}

}  // namespace weir::api
