#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "base/error.h"
#include "http/figures.h"
#include "http/message.h"
#include "http/options.h"
#include "http/timers.h"
#include "http/transport.h"

namespace weir::http {

/// HTTP/1.0 and 1.1: one thread for all connections, whatever waits on them. Every request that can be told from noise
/// is answered, errors too, before a connection is closed (RFC 9110, RFC 9112).
class Server {
 public:
  using Task = std::function<void()>;
  /// Answers a request, now or later; `request` lives only as long as the call. Thread: that of the server.
  using Handler = std::function<void(const Request& request, const ReplyPtr& reply)>;

  /// Binds and listens; no request is answered before start(). Error: one sentence, as "HTTP port 8008 is in use".
  /// `transport` is what stands between the connections and HTTP.
  [[nodiscard]] static Expected<std::unique_ptr<Server>> open(ServerOptions options,
                                                              MakeTransport transport = plainTransport);
  /// stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The port that is listened on, also when 0 was asked for.
  [[nodiscard]] std::uint16_t port() const;
  /// Starts the thread. Once. What `handler` uses lives until stop() has returned.
  void start(Handler handler);
  /// Lets answers under way leave (for two seconds at most), closes all connections and ends the thread. `parting` runs
  /// first, on that thread: it answers waiting requests. Idempotent. Thread: the one that made the server.
  void stop(const Task& parting = {});

  /// What is to be done when, on the server's thread. Thread: that one, or any before start().
  [[nodiscard]] Timers& timers();
  /// Runs a task on the server's thread; dropped once the server has stopped. Thread: any.
  void post(Task task);
  /// Runs a task that takes long beside the server's thread, one after the other. Thread: any.
  void offload(Task task);
  /// Thread: any.
  [[nodiscard]] Figures figures() const;

 private:
  class Core;
  explicit Server(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace weir::http
