#include "engine/subscription.h"

#include <utility>

#include "engine/inbox.h"
#include "engine/listeners.h"

namespace weir::engine {

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  end();
  listeners_ = std::move(other.listeners_);
  inbox_ = std::move(other.inbox_);
  return *this;
}

void Subscription::listen(Handler handler) {
  inbox_->listen(std::move(handler));
}

void Subscription::end() {
  if (inbox_ == nullptr) return;
  listeners_->remove(*inbox_);
  inbox_->end();
  listeners_->remove(*inbox_);  // again: the last handler may have begun timers meanwhile
}

TimerId Subscription::after(Nanos delay) {
  return listeners_->after(inbox_, delay);
}

TimerId Subscription::every(Nanos interval) {
  return listeners_->every(inbox_, interval);
}

void Subscription::cancel(TimerId timer) {
  listeners_->cancel(*inbox_, timer);
}

std::uint64_t Subscription::lost() const {
  return inbox_->figures().lost;
}

}  // namespace weir::engine
