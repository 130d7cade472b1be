#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>

#include "base/time.h"
#include "support/http_client.h"

namespace weir::test {

/// Tests of a server on a free port of this machine.
template <class Server>
class ServerTest : public testing::Test {
 protected:
  [[nodiscard]] HttpClient client() const { return HttpClient(server->port()); }
  /// Waits for what the server's thread does next; ten seconds at most.
  static bool until(const std::function<bool()>& done) {
    for (const Nanos end = monotonicNow() + 10 * kSecond; monotonicNow() < end; std::this_thread::yield()) {
      if (done()) return true;
    }
    return false;
  }

  std::unique_ptr<Server> server;
};

}  // namespace weir::test
