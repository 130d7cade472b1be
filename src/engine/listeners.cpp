#include "engine/listeners.h"

#include <pthread.h>

#include <algorithm>

#include "engine/shard.h"

namespace weir::engine {

using InReplay = SubscriptionOptions::InReplay;

Subscription Listeners::subscribe(SubscriptionOptions options) {
  auto inbox = std::make_shared<Inbox>(std::move(options));
  state_.lock()->inboxes.push_back(inbox);
  return {shared_from_this(), std::move(inbox)};
}

void Listeners::close() {
  std::thread thread;
  {
    auto state = state_.lock();
    state->closed = true;
    state->timers.clear();
    state->unbegun.clear();
    thread.swap(state->thread);
    timersChanged_.notify_all();
  }
  if (thread.joinable()) thread.join();
}

// --- news

bool Listeners::wants(const Inbox& inbox, const News& news) {
  const SubscriptionOptions& options = inbox.options();
  if (std::holds_alternative<std::shared_ptr<const event::Event>>(news)) return options.events;
  if (std::holds_alternative<std::shared_ptr<const event::FlowRecord>>(news)) return options.flowRecords;
  if (std::holds_alternative<DefinitionChanged>(news)) return options.definitions;
  return std::holds_alternative<LogsAppended>(news) && options.logs;
}

bool Listeners::inLockStep(const Inbox& inbox) const {
  return clock_ == Clock::replay && inbox.options().inReplay == InReplay::lockStep;
}

void Listeners::tellRecord(State& state, const News& news) {
  bool held = false;
  for (const auto& inbox : state.inboxes) {
    if (!wants(*inbox, news)) continue;
    if (inLockStep(*inbox)) {
      held = true;
    } else {
      inbox->post(news, clock_ == Clock::replay && inbox->options().inReplay == InReplay::waits);
    }
  }
  if (held) state.held.push_back(news);
}

void Listeners::tellHeld(State& state) const {
  for (const News& news : state.held) {
    for (const auto& inbox : state.inboxes) {
      if (inLockStep(*inbox) && wants(*inbox, news)) inbox->post(news, true);
    }
  }
  state.held.clear();
}

void Listeners::tell(const DefinitionChanged& changed) {
  const auto state = state_.lock();
  for (const auto& inbox : state->inboxes) {
    if (wants(*inbox, changed)) inbox->post(changed, false);
  }
}

void Listeners::tell(LogsAppended appended) {
  const auto state = state_.lock();
  for (const auto& inbox : state->inboxes) {
    if (wants(*inbox, appended)) inbox->post(appended);
  }
}

std::vector<query::ListenerFigures> Listeners::figures() const {
  const auto state = state_.lock();
  std::vector<query::ListenerFigures> out;
  for (const auto& inbox : state->inboxes) out.push_back(inbox->figures());
  return out;
}

void Listeners::remove(const Inbox& inbox) {
  auto state = state_.lock();
  const auto isIts = [&](const auto& timer) { return timer.inbox.get() == &inbox; };
  std::erase_if(state->timers, [&](const auto& entry) { return isIts(entry.second); });
  std::erase_if(state->unbegun, isIts);
  std::erase_if(state->inboxes, [&](const auto& each) { return each.get() == &inbox; });
}

// --- timers

TimerId Listeners::after(const std::shared_ptr<Inbox>& inbox, Nanos delay) {
  return start({inbox, 0, std::max(delay, kShortestTimer), 0});
}

TimerId Listeners::every(const std::shared_ptr<Inbox>& inbox, Nanos interval) {
  return start({inbox, 0, 0, std::max(interval, kShortestTimer)});
}

TimerId Listeners::start(Timer timer) {
  auto state = state_.lock();
  const TimerId id = timer.id = ++state->lastTimer;
  if (state->closed) return id;
  if (const Nanos now = now_(); now != 0) {
    arm(*state, std::move(timer), now);
  } else {
    state->unbegun.push_back(std::move(timer));
  }
  if (clock_ == Clock::system) {
    if (!state->thread.joinable()) state->thread = std::thread([this] { runClock(); });
    timersChanged_.notify_all();
  }
  return id;
}

void Listeners::arm(State& state, Timer timer, Nanos now) {
  constexpr Nanos kNever = INT64_MAX;
  const Nanos due = timer.interval != 0          ? (now / timer.interval + 1) * timer.interval
                    : timer.delay > kNever - now ? kNever
                                                 : now + timer.delay;
  state.timers.emplace(std::pair(due, timer.id), std::move(timer));
}

void Listeners::cancel(Inbox& inbox, TimerId timer) {
  {
    auto state = state_.lock();
    const auto isIt = [&](const Timer& each) { return each.id == timer && each.inbox.get() == &inbox; };
    std::erase_if(state->timers, [&](const auto& entry) { return isIt(entry.second); });
    std::erase_if(state->unbegun, isIt);
  }
  inbox.forgetTimer(timer);
}

void Listeners::fire(State& state, Nanos now) const {
  while (!state.timers.empty() && state.timers.begin()->first.first <= now) {
    auto entry = state.timers.extract(state.timers.begin());
    Timer& timer = entry.mapped();
    const bool isWaitedFor = clock_ == Clock::replay && timer.inbox->options().inReplay != InReplay::loses;
    timer.inbox->post(TimerFired{timer.id, entry.key().first}, isWaitedFor);
    if (timer.interval != 0) arm(state, std::move(timer), now);
  }
}

void Listeners::runClock() {
  pthread_setname_np(pthread_self(), "weir-clock");
  auto state = state_.lock();
  while (true) {
    state.wait(timersChanged_, [](const State& s) { return s.closed || !s.timers.empty(); });
    if (state->closed) return;
    const Nanos due = state->timers.begin()->first.first;
    const Nanos now = now_();
    if (due <= now) {
      fire(*state, now);
      continue;
    }
    // Not longer than a second at once: the system's clock may be set meanwhile.
    state.waitFor(timersChanged_, std::min(due - now, kSecond),
                  [&](const State& s) { return s.closed || s.timers.empty() || s.timers.begin()->first.first < due; });
  }
}

// --- replay

Nanos Listeners::nextStop(Nanos now, Nanos next) {
  auto state = state_.lock();
  if (state->origin == 0) state->origin = now != 0 ? now : next;
  for (Timer& timer : state->unbegun) arm(*state, std::move(timer), state->origin);
  state->unbegun.clear();
  Nanos stop = state->timers.empty() ? INT64_MAX : state->timers.begin()->first.first;
  const bool tellsRecords = std::ranges::any_of(state->inboxes, [&](const auto& inbox) {
    return inLockStep(*inbox) && (inbox->options().events || inbox->options().flowRecords);
  });
  if (tellsRecords) stop = std::min(stop, (std::max(now, state->origin) / Shard::kTick + 1) * Shard::kTick);
  return stop;
}

void Listeners::stand(Nanos time, const std::stop_token& stop) {
  std::vector<std::shared_ptr<Inbox>> waited;
  {
    auto state = state_.lock();
    tellHeld(*state);
    fire(*state, time);
    std::ranges::copy_if(state->inboxes, std::back_inserter(waited), [&](const auto& i) { return inLockStep(*i); });
  }
  for (const auto& inbox : waited) (void)inbox->waitUntilHandled(stop);
}

void Listeners::settle(bool atEnd, const std::stop_token& stop) {
  std::vector<std::shared_ptr<Inbox>> waited;
  {
    auto state = state_.lock();
    if (atEnd) tellHeld(*state);
    std::ranges::copy_if(state->inboxes, std::back_inserter(waited), [&](const auto& inbox) {
      const auto inReplay = inbox->options().inReplay;
      return inReplay == InReplay::waits || (atEnd && inReplay == InReplay::lockStep);
    });
  }
  for (const auto& inbox : waited) (void)(atEnd ? inbox->waitUntilHandled(stop) : inbox->waitForRoom(stop));
}

}  // namespace weir::engine
