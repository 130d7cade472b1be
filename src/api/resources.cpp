#include "api/resources.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <iterator>

#include "api/answers.h"
#include "http/event_stream.h"
#include "json/lenient.h"
#include "json/read.h"

namespace weir::api {

namespace {

constexpr std::size_t kMostNames = 256;          // of a question to a log: each record is compared with them
constexpr std::size_t kReadBeside = 256 * 1024;  // octets of a body that take about a millisecond to read

void read(const std::string& body, const std::function<void(const boost::json::value&)>& take, Reply& reply) {
  const auto value = json::parseLenient(body);
  if (!value) return reply.send(errorResponse(400, value.error()));
  if (!value->is_object()) return reply.send(errorResponse(400, {"expected an object: {\"name\": value, …}", {}, 0}));
  take(*value);
}

Expected<engine::Engine::LogRequest> logRequest(const Request& request, const LogParameters& parameters) {
  const auto after = integerParameter(request, parameters.id);
  if (!after) return std::unexpected(after.error());
  const auto max = integerParameter(request, parameters.max);
  if (!max) return std::unexpected(max.error());
  if (*max && **max < 0) return fail("expected a number of records", std::string(parameters.max));
  engine::Engine::LogRequest wanted;
  wanted.names = listParameter(request, parameters.name);
  if (wanted.names.size() > kMostNames) {
    return fail("expected at most " + std::to_string(kMostNames) + " names", std::string(parameters.name));
  }
  std::ranges::sort(wanted.names);
  wanted.after = after->value_or(-1);
  if (*max) wanted.max = static_cast<std::size_t>(**max);
  return wanted;
}

}  // namespace

void addResources(Router& router, Context& context) {
  router.family("Server");
  addServerInfo(router, context);
  router.family("Metrics");
  addMetrics(router, context);
  router.family("Flows");
  addFlows(router, context);
  addFlowValidation(router, context);
  router.family("Thresholds and events");
  addThresholdsAndEvents(router, context);
  router.family("Groups and maps");
  addGroupsAndMaps(router, context);
  router.family("Network topology");
  addTopology(router, context);
  router.family("Forwarding of datagrams");
  addForwarding(router, context);
  router.family("Scripts and apps");
  addApps(router, context);
  router.family("Prometheus");
  addPrometheus(router, context);
  router.family("This description");
  addDescription(router, context);
  addPage(router, context);
}

void readBody(const Request& request, Context& context, const ReplyPtr& reply,
              std::function<void(const boost::json::value&)> take) {
  if (request.body.size() <= kReadBeside) return read(request.body, take, *reply);
  context.offload([body = request.body, take = std::move(take), reply] {
    try {
      read(body, take, *reply);
    } catch (const std::bad_alloc&) {
      reply->send(errorResponse(503, {"there is no memory for this body: try again", {}, {}}));
    }
  });
}

void putBody(const Request& request, Context& context, const ReplyPtr& reply, Put put) {
  const auto asked = hintsAsked(request, context.options);
  if (!asked) return reply->send(errorResponse(400, asked.error()));
  Hints hints = parameterHints(request, {});
  if (asked->strict && !hints.empty()) return reply->send(refusalOf(hints));
  readBody(request, context, reply,
           [put = std::move(put), asked = *asked, hints = std::move(hints), reply](const boost::json::value& value) {
             using engine::Engine;
             auto done = put(value, asked.strict ? Engine::OnHints::refuse : Engine::OnHints::accept);
             if (!done) return reply->send(errorResponse(400, done.error()));
             if (!asked.answered) return reply->send(noContent());
             Hints all = hints;
             std::ranges::move(*done, std::back_inserter(all));
             reply->send(hintsResponse(all));
           });
}

void addDefinitions(Router& router, Context& context, engine::Engine::Kind kind, std::string_view list,
                    std::string_view one, const DefinitionDocs& docs) {
  engine::Engine& engine = context.engine;
  router.add({.pattern = list,
              .doc = docs.list,
              .answer = docs.listed,
              .handler = [&engine, kind](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send(jsonResponse(engine.list(kind)));
              }});
  router.add({.pattern = one,
              .doc = docs.get,
              .answer = docs.answer,
              .errors = {404},
              .handler = [&engine, kind](const Request&, Arguments name, const ReplyPtr& reply) {
                auto definition = engine.get(kind, name[0]);
                if (!definition) return reply->send(errorResponse(404, {"\"" + name[0] + "\" is not defined", {}, {}}));
                reply->send(jsonResponse(std::move(*definition)));
              }});
  router.add({.method = Method::put,
              .pattern = one,
              .doc = docs.put,
              .body = docs.body,
              .handler = [&context, kind](const Request& request, Arguments name, const ReplyPtr& reply) {
                putBody(request, context, reply,
                        [&engine = context.engine, kind, name = name[0]](const auto& body, auto onHints) {
                          return engine.put(kind, name, body, onHints);
                        });
              }});
  router.add({.method = Method::del,
              .pattern = one,
              .doc = docs.remove,
              .handler = [&engine, kind](const Request&, Arguments name, const ReplyPtr& reply) {
                engine.remove(kind, name[0]);
                reply->send(noContent());
              }});
}

Hints logHints(const Request& request, Context& context, engine::Engine::Log log, const LogParameters& parameters) {
  using Named = engine::Engine::Named;
  const Named named = log == engine::Engine::Log::events ? Named::threshold : Named::loggedFlow;
  return context.engine.hintsOnNames(named, listParameter(request, parameters.name));
}

void askLog(const Request& request, Context& context, engine::Engine::Log log, const LogParameters& parameters,
            const ReplyPtr& reply) {
  auto wanted = logRequest(request, parameters);
  if (!wanted) return reply->send(errorResponse(400, wanted.error()));
  const auto timeout = numberParameter(request, "timeout");
  if (!timeout) return reply->send(errorResponse(400, timeout.error()));
  context.polls.ask({log, std::move(wanted->names), wanted->after, wanted->max}, timeout->value_or(0), reply);
}

void streamLog(const Request& request, Context& context, engine::Engine::Log log, const LogParameters& parameters,
               const ReplyPtr& reply) {
  auto wanted = logRequest(request, parameters);
  if (!wanted) return reply->send(errorResponse(400, wanted.error()));
  const auto timeout = numberParameter(request, "timeout");
  if (!timeout) return reply->send(errorResponse(400, timeout.error()));
  if (!request.lastEventId.empty()) {
    // A client that was here before: what it asked for at first is behind it.
    const auto last = json::parseInteger(request.lastEventId, "Last-Event-ID");
    if (!last) return reply->send(errorResponse(400, last.error()));
    wanted->after = *last;
    wanted->max.reset();
  }
  if (StreamPtr stream = reply->stream(http::eventStreamHead())) {
    context.logStreams.open(log, std::move(*wanted), *timeout, std::move(stream));
  }
}

}  // namespace weir::api
