#include "api/resources.h"

#include <boost/json/value.hpp>
#include <cmath>

#include "api/answers.h"
#include "json/lenient.h"

namespace weir::api {

namespace {

constexpr std::size_t kReadBeside = 256 * 1024;  // octets of a body that take about a millisecond to read

void put(const std::string& body, const std::function<Expected<void>(const boost::json::value&)>& take, Reply& reply) {
  const auto value = json::parseLenient(body);
  if (!value) return reply.send(errorResponse(400, value.error()));
  if (!value->is_object()) return reply.send(errorResponse(400, {"expected an object: {\"name\": value, …}", {}, 0}));
  if (const auto done = take(*value); !done) return reply.send(errorResponse(400, done.error()));
  reply.send(noContent());
}

}  // namespace

void addResources(Router& router, Context& context) {
  addServerInfo(router, context);
  addMetrics(router, context);
  addFlows(router, context);
  addThresholdsAndEvents(router, context);
  addGroupsAndMaps(router, context);
  addTopology(router, context);
  addPage(router, context);
}

void putBody(const Request& request, Context& context, const ReplyPtr& reply,
             std::function<Expected<void>(const boost::json::value&)> take) {
  if (request.body.size() <= kReadBeside) return put(request.body, take, *reply);
  context.offload([body = request.body, take = std::move(take), reply] { put(body, take, *reply); });
}

void addDefinitions(Router& router, Context& context, engine::Engine::Kind kind, std::string_view list,
                    std::string_view one, const DefinitionDocs& docs) {
  engine::Engine& engine = context.engine;
  router.add({Method::get, list, docs.list, {}, [&engine, kind](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send(jsonResponse(engine.list(kind)));
              }});
  router.add({Method::get, one, docs.get, {}, [&engine, kind](const Request&, Arguments name, const ReplyPtr& reply) {
                auto definition = engine.get(kind, name[0]);
                if (!definition) return reply->send(errorResponse(404, {"\"" + name[0] + "\" is not defined", {}, {}}));
                reply->send(jsonResponse(std::move(*definition)));
              }});
  router.add(
      {Method::put, one, docs.put, {}, [&context, kind](const Request& request, Arguments name, const ReplyPtr& reply) {
         putBody(request, context, reply, [&engine = context.engine, kind, name = name[0]](const auto& body) {
           return engine.put(kind, name, body);
         });
       }});
  router.add(
      {Method::del, one, docs.remove, {}, [&engine, kind](const Request&, Arguments name, const ReplyPtr& reply) {
         engine.remove(kind, name[0]);
         reply->send(noContent());
       }});
}

void askLog(const Request& request, Context& context, engine::Engine::Log log, const LogParameters& parameters,
            const ReplyPtr& reply) {
  const auto after = integerParameter(request, parameters.id);
  if (!after) return reply->send(errorResponse(400, after.error()));
  const auto max = integerParameter(request, parameters.max);
  if (!max) return reply->send(errorResponse(400, max.error()));
  if (*max && **max < 0) {
    return reply->send(errorResponse(400, {"expected a number of records", std::string(parameters.max), {}}));
  }
  const auto timeout = numberParameter(request, "timeout");
  if (!timeout) return reply->send(errorResponse(400, timeout.error()));

  engine::Engine::LogRequest wanted;
  wanted.names = listParameter(request, parameters.name);
  wanted.after = after->value_or(-1);
  if (*max) wanted.max = static_cast<std::size_t>(**max);
  context.polls.ask(log, std::move(wanted), timeout->value_or(0), reply);
}

}  // namespace weir::api
