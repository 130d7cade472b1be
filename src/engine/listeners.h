#pragma once
#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "engine/inbox.h"
#include "engine/news.h"
#include "engine/replay_participant.h"
#include "engine/subscription.h"

namespace weir::engine {

/// All that listen to an engine, and their timers. Who tells never waits for who listens, but where a replay does so on
/// purpose (SubscriptionOptions::InReplay). Thread: any, except for what ReplayParticipant says.
class Listeners final : public ReplayParticipant, public std::enable_shared_from_this<Listeners> {
 public:
  enum class Clock : std::uint8_t { system, replay };
  /// `now`: the engine's clock, 0 before a replay has begun; not asked after close().
  Listeners(Clock clock, std::function<Nanos()> now) : clock_(clock), now_(std::move(now)) {}
  ~Listeners() override { close(); }
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  [[nodiscard]] Subscription subscribe(SubscriptionOptions options);
  /// Silence from now on: no more timers.
  void close();

  /// Lets `append(record)` give a record its id, and tells it; records are told in the order in which they are
  /// appended.
  template <class Record, class Append>
  void appendAndTell(Record record, Append append) {
    auto state = state_.lock();
    if (!anyWants<Record>(*state)) {
      append(std::move(record));
      return;
    }
    const auto shared = std::make_shared<Record>(std::move(record));
    shared->id = append(*shared);
    tellRecord(*state, std::shared_ptr<const Record>(shared));
  }
  void tell(const DefinitionChanged& changed);
  void tell(LogsAppended);

  /// In the order of subscription.
  [[nodiscard]] std::vector<query::ListenerFigures> figures() const;

  // --- for subscriptions
  TimerId after(const std::shared_ptr<Inbox>& inbox, Nanos delay);
  TimerId every(const std::shared_ptr<Inbox>& inbox, Nanos interval);
  void cancel(Inbox& inbox, TimerId timer);
  void remove(const Inbox& inbox);

  // --- ReplayParticipant
  Nanos nextStop(Nanos now, Nanos next) override;
  void stand(Nanos time, const std::stop_token& stop) override;
  void settle(bool atEnd, const std::stop_token& stop) override;

  static constexpr Nanos kShortestTimer = kMillisecond;

 private:
  struct Timer {
    std::shared_ptr<Inbox> inbox;
    TimerId id = 0;
    Nanos delay = 0;
    Nanos interval = 0;  // 0: fires once
  };
  struct State {
    std::vector<std::shared_ptr<Inbox>> inboxes;
    std::map<std::pair<Nanos, TimerId>, Timer> timers;  // by the time when they are due
    std::vector<Timer> unbegun;                         // set before the clock began
    Nanos origin = 0;                                   // when it began
    TimerId lastTimer = 0;
    std::vector<News> held;  // records that listeners in lock step hear when the clock stands
    bool closed = false;
    std::thread thread;  // fires timers where the clock is the system's
  };

  [[nodiscard]] static bool wants(const Inbox& inbox, const News& news);
  template <class Record>
  [[nodiscard]] static bool anyWants(const State& state) {
    return std::ranges::any_of(state.inboxes,
                               [](const auto& inbox) { return wants(*inbox, News(std::shared_ptr<const Record>())); });
  }
  [[nodiscard]] bool inLockStep(const Inbox& inbox) const;
  void tellRecord(State& state, const News& news);
  void tellHeld(State& state) const;
  TimerId start(Timer timer);
  static void arm(State& state, Timer timer, Nanos now);
  void fire(State& state, Nanos now) const;
  void runClock();

  const Clock clock_;
  const std::function<Nanos()> now_;
  Guarded<State> state_;
  std::condition_variable timersChanged_;
};

}  // namespace weir::engine
