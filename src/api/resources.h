#pragma once
#include <functional>

#include "api/long_polls.h"
#include "api/options.h"
#include "api/router.h"
#include "engine/engine.h"

/// The resources, one file for each family: server_info, metrics, flows, thresholds_events, groups_maps, topology,
/// page.
namespace weir::api {

/// What handlers work with; outlives the router.
struct Context {
  engine::Engine& engine;
  const Options& options;
  LongPolls& polls;
  std::function<engine::HttpFigures()> figures;
  /// Runs a task that takes long beside the server's thread. It may use only the engine and a Reply.
  std::function<void(std::function<void()>)> offload;
};

void addServerInfo(Router& router, Context& context);
void addMetrics(Router& router, Context& context);
void addFlows(Router& router, Context& context);
void addThresholdsAndEvents(Router& router, Context& context);
void addGroupsAndMaps(Router& router, Context& context);
void addTopology(Router& router, Context& context);
void addPage(Router& router, Context& context);
/// All of them.
void addResources(Router& router, Context& context);

// --- shared by families

/// GET, PUT and DELETE of one definition and GET of the list, for paths `list` and `one` (with one {name}).
struct DefinitionDocs {
  std::string_view list, get, put, remove;
};
void addDefinitions(Router& router, Context& context, engine::Engine::Kind kind, std::string_view list,
                    std::string_view one, const DefinitionDocs& docs);
/// Reads the body and hands it to `put`; 204, or 400 with what is wrong. Large bodies are read beside the server's
/// thread.
void putBody(const Request& request, Context& context, const ReplyPtr& reply,
             std::function<Expected<void>(const boost::json::value&)> put);
/// The waiting resources /events/json and /flows/json; they differ in the names of their parameters.
struct LogParameters {
  std::string_view name, id, max;
};
void askLog(const Request& request, Context& context, engine::Engine::Log log, const LogParameters& parameters,
            const ReplyPtr& reply);

}  // namespace weir::api
