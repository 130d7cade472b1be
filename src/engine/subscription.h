#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "engine/news.h"

namespace weir::engine {

class Inbox;
class Listeners;

/// What a listener wants to hear of, and how it is reached.
struct SubscriptionOptions {
  std::string name;  ///< /health/json counts under it
  bool events = false, flowRecords = false;
  bool definitions = false;  ///< DefinitionChanged
  bool logs = false;         ///< LogsAppended
  /// Records and changes of definitions that the mailbox holds. Timers and LogsAppended have room of their own.
  std::size_t room = 4'096;

  /// What happens in a replay when the listener is slower than the replay. Live, what finds no room is lost.
  enum class InReplay : std::uint8_t {
    loses,  ///< as live
    waits,  ///< the replay waits for room
    /// The replay waits until everything is handled, at each timer and, where records are wanted, at full ticks of the
    /// clock (Shard::kTick), when records are told. The engine then stands still at the same place of the capture at
    /// any speed and with any number of shards, so that what a handler asks it has the same answer.
    lockStep,
  } inReplay = InReplay::loses;

  /// Runs a task soon on the thread that the handler is to be called on; one at a time is under way. Called from
  /// threads of the engine, and maybe still while the subscription ends: it owns what it uses, does not wait, and does
  /// not run the task inside the call. Empty: the subscription has its own thread.
  std::function<void(std::function<void()> task)> run = {};
};

/// A listener's place at an engine: a mailbox of its own, and timers on the engine's clock. Slow listeners lose news of
/// their own only. News come one at a time, in one order for all listeners: that of the ids of records, in replay the
/// canonical order (Output), with timers in between at their time of the capture.
/// It may outlive its engine, which is silent then. Thread: any, but moving and destroying it is for its owner.
class Subscription {
 public:
  using Handler = std::function<void(const News&)>;

  Subscription() = default;
  ~Subscription() { end(); }
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;

  /// News go to `handler` from now on, those first that wait already. Once.
  void listen(Handler handler);
  /// Ends it: the handler is not called again and does not exist any more. Waits for a call that is under way, unless
  /// that is where it is called from. Idempotent.
  void end();

  /// Fires once when the clock has gone on by `delay`; before a replay has begun, `delay` after its beginning. Live it
  /// may be late, and in replay not before the end of what the clock stood at.
  TimerId after(Nanos delay);
  /// Fires at each multiple of `interval` (> 0) of the clock: at kSecond at full seconds. A multiple is left out when
  /// the one before has not been handled yet, unless a replay waits for the listener.
  TimerId every(Nanos interval);
  /// The handler does not hear of this timer again.
  void cancel(TimerId timer);

  /// News lost so far.
  [[nodiscard]] std::uint64_t lost() const;

 private:
  friend class Listeners;
  Subscription(std::shared_ptr<Listeners> listeners, std::shared_ptr<Inbox> inbox)
      : listeners_(std::move(listeners)), inbox_(std::move(inbox)) {}
  std::shared_ptr<Listeners> listeners_;
  std::shared_ptr<Inbox> inbox_;
};

}  // namespace weir::engine
