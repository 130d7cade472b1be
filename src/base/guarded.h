#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <type_traits>
#include <utility>

#include "base/time.h"

namespace weir {

/// A value that threads share, with the lock that guards it. There is no way to the value but through the lock: lock()
/// answers an access that holds it as long as it lives. Thread: any.
template <class T, class Mutex = std::mutex>
class Guarded {
 public:
  /// Holds the lock. Waiting on a condition gives it up meanwhile.
  template <class Value, class Lock>
  class Access {
   public:
    Access(Value& value, Mutex& mutex) : lock_(mutex), value_(value) {}
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

    [[nodiscard]] Value& operator*() const { return value_; }
    [[nodiscard]] Value* operator->() const { return &value_; }

    /// Waits until `ready(value)`.
    template <class Condition, class Ready>
    void wait(Condition& condition, Ready ready) {
      condition.wait(lock_, [&] { return ready(value_); });
    }
    /// The same, for `longest` at most; answers ready(value).
    template <class Condition, class Ready>
    bool waitFor(Condition& condition, Nanos longest, Ready ready) {
      return condition.wait_for(lock_, std::chrono::nanoseconds(longest), [&] { return ready(value_); });
    }
    /// The same, until a stop is requested at the latest; answers ready(value).
    template <class Ready>
    bool wait(std::condition_variable_any& condition, const std::stop_token& stop, Ready ready) {
      return condition.wait(lock_, stop, [&] { return ready(value_); });
    }
    template <class Ready>
    bool waitFor(std::condition_variable_any& condition, const std::stop_token& stop, Nanos longest, Ready ready) {
      return condition.wait_for(lock_, stop, std::chrono::nanoseconds(longest), [&] { return ready(value_); });
    }

   private:
    Lock lock_;
    Value& value_;
  };

  Guarded() = default;
  template <class... Arguments>
  requires std::is_constructible_v<T, Arguments...>
  explicit Guarded(Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  [[nodiscard]] auto lock() { return Access<T, std::unique_lock<Mutex>>(value_, mutex_); }
  [[nodiscard]] auto lock() const { return Access<const T, std::unique_lock<Mutex>>(value_, mutex_); }
  /// For reading, beside other readers.
  [[nodiscard]] auto share() const requires requires(Mutex& mutex) { mutex.lock_shared(); }
  { return Access<const T, std::shared_lock<Mutex>>(value_, mutex_); }

 private:
  mutable Mutex mutex_;
  T value_{};
};

}  // namespace weir
