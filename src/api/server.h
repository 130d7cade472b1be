#pragma once
#include <cstdint>
#include <memory>

#include "api/options.h"
#include "base/error.h"
#include "engine/engine.h"
#include "http/figures.h"

namespace weir::api {

/// The REST API in front of an engine: an http::Server, its routes, and what waits for records.
class HttpServer {
 public:
  /// Binds and listens; requests are answered from start() on. The engine outlives the server. Error: one sentence, as
  /// "HTTP port 8008 is in use".
  [[nodiscard]] static Expected<std::unique_ptr<HttpServer>> open(Options options, engine::Engine& engine);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// The port that is listened on, also when 0 was asked for.
  [[nodiscard]] std::uint16_t port() const;
  /// Starts the thread. Once.
  void start();
  /// Answers parked long polls with [], lets answers under way leave (for two seconds at most), closes all connections
  /// and ends the thread. Idempotent. Call it while the engine still answers. Thread: the one that made it.
  void stop();
  /// Thread: any.
  [[nodiscard]] http::Figures figures() const;

 private:
  class Core;
  explicit HttpServer(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace weir::api
