#include "api/server.h"

#include <utility>

#include "api/answers.h"
#include "api/dump_streams.h"
#include "api/flow_streams.h"
#include "api/json_indent.h"
#include "api/log_polls.h"
#include "api/log_streams.h"
#include "api/piece_streams.h"
#include "api/resources.h"
#include "api/router.h"
#include "http/server.h"

namespace weir::api {

class HttpServer::Core {
 public:
  Core(Options options, std::unique_ptr<http::Server> server, engine::Engine& engine)
      : options_(std::move(options)),
        server_(std::move(server)),
        polls_(logPolls(engine, server_->timers())),
        logStreams_(engine, server_->timers()),
        flowStreams_(engine, server_->timers(),
                     [server = server_](http::Server::Task task) { server->post(std::move(task)); }),
        dumps_(engine, server_->timers(), [this](http::Server::Task task) { server_->post(std::move(task)); }),
        pieces_([this](http::Server::Task task) { server_->post(std::move(task)); },
                [this](http::Server::Task task) { server_->offload(std::move(task)); }),
        context_{engine,
                 options_,
                 polls_,
                 logStreams_,
                 flowStreams_,
                 dumps_,
                 pieces_,
                 server_->timers(),
                 [this] { return server_->figures(); },
                 [this](http::Server::Task task) { server_->offload(std::move(task)); },
                 [this](http::Server::Task task) { server_->post(std::move(task)); }},
        router_(options_) {
    addResources(router_, context_);
  }
  ~Core() { stop(); }

  void listenTo(engine::Engine& engine) {
    engine::SubscriptionOptions options{.name = "http", .logs = true};
    options.run = [server = server_](http::Server::Task task) { server->post(std::move(task)); };
    logs_ = engine.subscribe(std::move(options));
    logs_.listen([this](const engine::News&) {
      polls_.wake();
      logStreams_.wake();
    });
  }
  void start() {
    server_->start([this](const Request& request, const ReplyPtr& reply) { router_.handle(request, reply); });
  }
  void stop() {
    server_->stop([this] {
      polls_.close();
      logStreams_.close();
      flowStreams_.close();
      dumps_.close();
    });
  }
  [[nodiscard]] const http::Server& server() const { return *server_; }

 private:
  Options options_;
  std::shared_ptr<http::Server> server_;
  LogPolls polls_;
  LogStreams logStreams_;
  FlowStreams flowStreams_;
  DumpStreams dumps_;
  PieceStreams pieces_;
  Context context_;
  Router router_;
  engine::Subscription logs_;  // ends first: it calls what stands above
};

HttpServer::HttpServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
HttpServer::~HttpServer() = default;

Expected<std::unique_ptr<HttpServer>> HttpServer::open(Options options, engine::Engine& engine) {
  http::ServerOptions wanted = options.server;
  if (options.jsonIndent != 0) {
    wanted.filter = [indent = options.jsonIndent](Response& response) { indentBody(response, indent); };
  }
  auto server = http::Server::open(std::move(wanted));
  if (!server) return std::unexpected(server.error());
  auto core = std::make_unique<Core>(std::move(options), std::move(*server), engine);
  core->listenTo(engine);
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

std::uint16_t HttpServer::port() const {
  return core_->server().port();
}
void HttpServer::start() {
  core_->start();
}
void HttpServer::stop() {
  core_->stop();
}
http::Figures HttpServer::figures() const {
  return core_->server().figures();
}

}  // namespace weir::api
