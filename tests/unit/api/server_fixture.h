#pragma once
#include <utility>

#include "api/server.h"
#include "fake_engine.h"
#include "support/server_test.h"

namespace weir::api::test {

/// A server in front of a FakeEngine.
class Server : public weir::test::ServerTest<HttpServer> {
 protected:
  ~Server() override { server.reset(); }  // before the engine
  void start(Options options = {}) {
    options.server.hostname = "127.0.0.1";
    options.server.port = 0;
    auto opened = HttpServer::open(std::move(options), engine);
    ASSERT_TRUE(opened) << opened.error().text();
    server = std::move(*opened);
    server->start();
  }

  FakeEngine engine;
};

}  // namespace weir::api::test
