#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "api/server.h"
#include "base/time.h"
#include "fake_engine.h"
#include "unit/http/raw_client.h"

namespace weir::api::test {

/// A server in front of a FakeEngine on a free port of this machine.
class Server : public testing::Test {
 protected:
  void start(Options options = {}) {
    options.server.hostname = "127.0.0.1";
    options.server.port = 0;
    auto opened = HttpServer::open(std::move(options), engine);
    ASSERT_TRUE(opened) << opened.error().text();
    server = std::move(*opened);
    server->start();
  }
  [[nodiscard]] http::test::Client client() const { return http::test::Client(server->port()); }
  /// Waits for what the server's thread does next; ten seconds at most.
  static bool until(const std::function<bool()>& done) {
    for (const Nanos end = monotonicNow() + 10 * kSecond; monotonicNow() < end; std::this_thread::yield()) {
      if (done()) return true;
    }
    return false;
  }

  FakeEngine engine;
  std::unique_ptr<HttpServer> server;
};

}  // namespace weir::api::test
