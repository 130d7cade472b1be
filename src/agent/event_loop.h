#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/time.h"
#include "netlink/socket.h"

namespace weir::agent {

/// The agent's one thread: files that become readable, and timers, on the monotonic clock. Handlers may add and remove
/// whatever they like, themselves included. Thread: one.
class EventLoop {
 public:
  using Handler = std::function<void()>;
  using TimerId = std::uint64_t;

  EventLoop();

  /// Calls `handler` whenever `fd` is readable (or in error), until unwatch().
  void watch(int fd, Handler handler);
  /// Also when it is writable; for libraries that ask for it.
  void watch(int fd, bool readable, bool writable, Handler handler);
  void unwatch(int fd);

  /// Calls `handler` once, `delay` from now, or every `period`: a period that was missed is not made up for.
  TimerId after(Nanos delay, Handler handler);
  TimerId every(Nanos period, Handler handler);
  void cancel(TimerId id);

  /// Until stop(). now() is read once for each round of handlers.
  void run();
  void stop() { running_ = false; }
  /// One round: waits for something, at most `most`.
  void runOnce(Nanos most);
  [[nodiscard]] Nanos now() const { return now_; }

 private:
  struct Timer {
    Nanos due;
    Nanos period;  // 0: once
    Handler handler;
  };
  [[nodiscard]] Nanos untilNextTimer(Nanos most) const;
  void runTimers();

  netlink::Descriptor epoll_;
  std::map<int, std::shared_ptr<Handler>> handlers_;
  std::map<TimerId, Timer> timers_;
  TimerId lastTimer_ = 0;
  Nanos now_;
  bool running_ = true;
};

}  // namespace weir::agent
