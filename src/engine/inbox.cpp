#include "engine/inbox.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace weir::engine {

namespace {
constexpr int kTurn = 64;  // news that a task of the listener's thread handles before others have their turn
}

template <class Change>
void Inbox::change(Change apply) {
  {
    auto state = state_.lock();
    if (state->ended) return;
    apply(*state);
    if (state->handler == nullptr || state->news.empty() || state->scheduled) return;
    if (!options_.run) return arrived_.notify_one();
    state->scheduled = true;
  }
  // A task that never runs must not keep the mailbox, which may hold what runs the task.
  options_.run([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->turn();
  });
}

void Inbox::post(News news, bool beyondRoom) {
  change([&](State& state) {
    if (state.bounded < options_.room || beyondRoom) {
      ++state.bounded;
      state.news.push_back(std::move(news));
      return;
    }
    ++state.lost;
    auto* gap = state.news.empty() ? nullptr : std::get_if<NewsLost>(&state.news.back());
    if (gap == nullptr) gap = &std::get<NewsLost>(state.news.emplace_back(NewsLost{}));
    ++gap->count;
  });
}

void Inbox::post(const TimerFired& fired, bool each) {
  change([&](State& state) {
    if (!each && std::ranges::find(state.firing, fired.timer) != state.firing.end()) return;
    state.firing.push_back(fired.timer);
    state.news.emplace_back(fired);
  });
}

void Inbox::post(LogsAppended) {
  change([](State& state) {
    if (!std::exchange(state.logsWait, true)) state.news.emplace_back(LogsAppended{});
  });
}

void Inbox::forgetTimer(TimerId timer) {
  {
    auto state = state_.lock();
    if (std::erase(state->firing, timer) == 0) return;
    std::erase_if(state->news, [&](const News& news) {
      const auto* fired = std::get_if<TimerFired>(&news);
      return fired != nullptr && fired->timer == timer;
    });
  }
  changed_.notify_all();
}

bool Inbox::waitForRoom(const std::stop_token& stop) {
  return state_.lock().wait(changed_, stop, [&](const State& state) {
    return state.ended || state.bounded + state.firing.size() < std::max<std::size_t>(options_.room, 1);
  });
}

bool Inbox::waitUntilHandled(const std::stop_token& stop) {
  return state_.lock().wait(changed_, stop, [](const State& state) { return state.ended || state.idle(); });
}

void Inbox::listen(Subscription::Handler handler) {
  change([&](State& state) {
    if (state.handler != nullptr) return;
    state.handler = std::make_shared<Subscription::Handler>(std::move(handler));
    if (!options_.run) state.thread = std::thread([self = shared_from_this()] { self->runThread(); });
  });
}

void Inbox::end() {
  std::shared_ptr<Subscription::Handler> handler;  // what it holds is given up without the lock
  std::deque<News> news;
  std::thread thread;
  {
    auto state = state_.lock();
    state->ended = true;
    handler.swap(state->handler);
    news.swap(state->news);
    thread.swap(state->thread);
    arrived_.notify_all();
    changed_.notify_all();
    if (state->runner != std::this_thread::get_id()) {
      state.wait(changed_, [](const State& s) { return s.runner == std::thread::id(); });
    }
  }
  if (!thread.joinable()) return;
  if (thread.get_id() == std::this_thread::get_id()) {
    thread.detach();  // it ends with the call that we are in
  } else {
    thread.join();
  }
}

query::ListenerFigures Inbox::figures() const {
  const auto state = state_.lock();
  return {options_.name, state->news.size(), state->told, state->lost};
}

std::optional<News> Inbox::take(State& state) {
  if (state.ended || state.news.empty()) return std::nullopt;
  News news = std::move(state.news.front());
  state.news.pop_front();
  if (const auto* fired = std::get_if<TimerFired>(&news)) {
    state.firing.erase(std::ranges::find(state.firing, fired->timer));
  } else if (std::holds_alternative<LogsAppended>(news)) {
    state.logsWait = false;
  } else if (!std::holds_alternative<NewsLost>(news)) {
    --state.bounded;
  }
  return news;
}

/// False when there was nothing to deliver.
bool Inbox::deliverOne() {
  std::optional<News> news;
  std::shared_ptr<Subscription::Handler> handler;
  {
    auto state = state_.lock();
    news = take(*state);
    if (!news) return false;
    handler = state->handler;
    state->runner = std::this_thread::get_id();
  }
  (*handler)(*news);
  handler.reset();
  {
    auto state = state_.lock();
    state->runner = {};
    ++state->told;
  }
  changed_.notify_all();
  return true;
}

void Inbox::turn() {
  for (int left = kTurn; left != 0 && deliverOne(); --left) {
  }
  change([](State& state) { state.scheduled = false; });
}

void Inbox::runThread() {
  pthread_setname_np(pthread_self(), "weir-listener");
  while (true) {
    {
      auto state = state_.lock();
      state.wait(arrived_, [](const State& s) { return s.ended || !s.news.empty(); });
      if (state->ended) return;
    }
    while (deliverOne()) {
    }
  }
}

}  // namespace weir::engine
