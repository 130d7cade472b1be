#pragma once
// Inside the engine room only.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "engine/news.h"
#include "engine/subscription.h"
#include "query/engine_view.h"

namespace weir::engine {

/// The mailbox of one listener, and the way to its handler. Thread: any.
class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(SubscriptionOptions options) : options_(std::move(options)) {}

  [[nodiscard]] const SubscriptionOptions& options() const { return options_; }

  // --- for who tells; none of these waits
  /// A record or change of a definition. `beyondRoom`: even where there is no room (replay, which waits afterwards).
  void post(News news, bool beyondRoom);
  /// `each`: even where the timer has fired and that waits to be handled.
  void post(const TimerFired& fired, bool each);
  void post(LogsAppended);
  void forgetTimer(TimerId timer);

  // --- for a replay. Wait; false when the stop was requested before.
  bool waitForRoom(const std::stop_token& stop);
  bool waitUntilHandled(const std::stop_token& stop);

  // --- for the owner of the subscription
  void listen(Subscription::Handler handler);
  void end();

  [[nodiscard]] query::ListenerFigures figures() const;

 private:
  struct State {
    std::deque<News> news;
    std::size_t bounded = 0;      // of `news`, those that need room
    std::vector<TimerId> firing;  // of `news`, the timers
    bool logsWait = false;        // LogsAppended is one of `news`
    std::uint64_t told = 0, lost = 0;
    std::shared_ptr<Subscription::Handler> handler;
    bool scheduled = false;  // a turn is on its way to the listener's thread, or under way
    bool ended = false;
    std::thread::id runner;  // the thread that is in the handler
    std::thread thread;      // where the listener brought none
    [[nodiscard]] bool idle() const { return news.empty() && runner == std::thread::id(); }
  };

  /// Changes the state under the lock, then sees to it that what waits is delivered.
  template <class Change>
  void change(Change apply);
  [[nodiscard]] static std::optional<News> take(State& state);
  void turn();
  bool deliverOne();
  void runThread();

  const SubscriptionOptions options_;
  Guarded<State> state_;
  std::condition_variable_any changed_;  // something was handled, or it ended
  std::condition_variable_any arrived_;  // for its own thread
};

}  // namespace weir::engine
