#pragma once
#include <functional>
#include <optional>

#include "api/dump_streams.h"
#include "api/flow_streams.h"
#include "api/hints.h"
#include "api/log_streams.h"
#include "api/log_polls.h"
#include "api/options.h"
#include "api/piece_streams.h"
#include "api/router.h"
#include "engine/engine.h"
#include "http/figures.h"
#include "http/timers.h"

/// The resources, one file for each family: server_info, metrics, flows, flow_validation, thresholds_events,
/// groups_maps, topology, forwarding, apps, prometheus, api_page, page.
namespace weir::api {

/// What handlers work with; outlives the router.
struct Context {
  engine::Engine& engine;
  const Options& options;
  LogPolls& polls;
  LogStreams& logStreams;
  FlowStreams& flowStreams;
  DumpStreams& dumps;
  PieceStreams& pieces;
  http::Timers& timers;
  std::function<http::Figures()> figures;
  /// Runs a task that takes long beside the server's thread. It may use only the engine and a Reply.
  std::function<void(std::function<void()>)> offload;
  /// Runs a task on the server's thread, from any.
  std::function<void(std::function<void()>)> post;
};

void addServerInfo(Router& router, Context& context);
void addMetrics(Router& router, Context& context);
void addFlows(Router& router, Context& context);
void addFlowValidation(Router& router, Context& context);
void addThresholdsAndEvents(Router& router, Context& context);
void addGroupsAndMaps(Router& router, Context& context);
void addTopology(Router& router, Context& context);
void addForwarding(Router& router, Context& context);
void addApps(Router& router, Context& context);
void addPrometheus(Router& router, Context& context);
void addDescription(Router& router, Context& context);
void addPage(Router& router, Context& context);
/// All of them.
void addResources(Router& router, Context& context);

// --- shared by families

/// GET, PUT and DELETE of one definition and GET of the list, for paths `list` and `one` (with one {name}).
struct DefinitionDocs {
  std::string_view list, get, put, remove;
  std::string_view listed, body, answer;  ///< types
};
void addDefinitions(Router& router, Context& context, engine::Engine::Kind kind, std::string_view list,
                    std::string_view one, const DefinitionDocs& docs);
/// Reads the body, an object, and hands it to `take`; 400 with what is wrong where it is none. Large bodies are read,
/// and taken, beside the server's thread.
void readBody(const Request& request, Context& context, const ReplyPtr& reply,
              std::function<void(const boost::json::value&)> take);
/// readBody() for what is answered 204, or 200 with its hints for clients that ask for them, or 400 with what is wrong.
using Put = std::function<Expected<Hints>(const boost::json::value& body, engine::Engine::OnHints onHints)>;
void putBody(const Request& request, Context& context, const ReplyPtr& reply, Put put);
/// A log as a resource that waits, and as a stream; they differ in the names of their parameters.
struct LogParameters {
  std::string_view name, id, max;
};
/// The hints of both: on names that no definition has.
[[nodiscard]] Hints logHints(const Request& request, Context& context, engine::Engine::Log log,
                             const LogParameters& parameters);
void askLog(const Request& request, Context& context, engine::Engine::Log log, const LogParameters& parameters,
            const ReplyPtr& reply);
void streamLog(const Request& request, Context& context, engine::Engine::Log log, const LogParameters& parameters,
               const ReplyPtr& reply);

}  // namespace weir::api
