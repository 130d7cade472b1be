#include "agent/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace weir::agent {

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), now_(monotonicNow()) {
  if (!epoll_) throw std::runtime_error(std::string("epoll: ") + std::strerror(errno));
}

void EventLoop::watch(int fd, Handler handler) {
  watch(fd, true, false, std::move(handler));
}

void EventLoop::watch(int fd, bool readable, bool writable, Handler handler) {
  epoll_event event{};
  event.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
  event.data.fd = fd;
  const bool known = handlers_.contains(fd);
  if (::epoll_ctl(epoll_.get(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
    throw std::runtime_error(std::string("epoll_ctl: ") + std::strerror(errno));
  handlers_[fd] = std::make_shared<Handler>(std::move(handler));
}

void EventLoop::unwatch(int fd) {
  if (handlers_.erase(fd) != 0) (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

EventLoop::TimerId EventLoop::after(Nanos delay, Handler handler) {
  timers_[++lastTimer_] = {monotonicNow() + delay, 0, std::move(handler)};
  return lastTimer_;
}

EventLoop::TimerId EventLoop::every(Nanos period, Handler handler) {
  timers_[++lastTimer_] = {monotonicNow() + period, period, std::move(handler)};
  return lastTimer_;
}

void EventLoop::cancel(TimerId id) {
  timers_.erase(id);
}

Nanos EventLoop::untilNextTimer(Nanos most) const {
  Nanos wait = most;
  const Nanos now = monotonicNow();
  for (const auto& [id, timer] : timers_) wait = std::min(wait, timer.due - now);
  return std::max<Nanos>(wait, 0);
}

void EventLoop::runTimers() {
  std::array<TimerId, 32> due{};
  std::size_t count = 0;
  for (const auto& [id, timer] : timers_)
    if (timer.due <= now_ && count < due.size()) due[count++] = id;
  for (std::size_t i = 0; i < count; ++i) {
    const auto found = timers_.find(due[i]);
    if (found == timers_.end()) continue;  // cancelled by one before it
    const Handler handler = found->second.handler;
    if (found->second.period == 0) {
      timers_.erase(found);
    } else {
      found->second.due = std::max(found->second.due + found->second.period, now_);
    }
    handler();
  }
}

void EventLoop::runOnce(Nanos most) {
  std::array<epoll_event, 64> events;
  // Rounded up: waking before a timer is due would spin until it is.
  const auto wait = static_cast<int>((untilNextTimer(most) + kMillisecond - 1) / kMillisecond);
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait);
  now_ = monotonicNow();
  for (int i = 0; i < count; ++i) {
    const auto found = handlers_.find(events[static_cast<std::size_t>(i)].data.fd);
    if (found == handlers_.end()) continue;
    const std::shared_ptr<Handler> handler = found->second;  // lives until it returns, even if it unwatches itself
    (*handler)();
  }
  runTimers();
}

void EventLoop::run() {
  while (running_) runOnce(60 * kSecond);
}

}  // namespace weir::agent
