#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace weir::http {

/// What is to be done when, on the server's thread. Real time: the engine's clock may stand still.
class Timers {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = Time::duration;
  using Now = std::function<Time()>;
  using Id = std::pair<Time, std::uint64_t>;

  /// `sooner` is called when next() has become an earlier time.
  explicit Timers(Now now, std::function<void()> sooner = {}) : now_(std::move(now)), sooner_(std::move(sooner)) {}

  [[nodiscard]] Time now() const { return now_(); }
  Id after(Duration wait, std::function<void()> task) {
    const Id id{now_() + wait, ++last_};
    const auto at = tasks_.emplace(id, std::move(task)).first;
    if (sooner_ && at == tasks_.begin()) sooner_();
    return id;
  }
  /// Fine for one that ran already.
  void cancel(const Id& id) { tasks_.erase(id); }
  /// When run() next has something to do.
  [[nodiscard]] std::optional<Time> next() const {
    if (tasks_.empty()) return std::nullopt;
    return tasks_.begin()->first.first;
  }
  /// Runs what is due; a task may add others.
  void run() {
    const Time now = now_();
    while (!tasks_.empty() && tasks_.begin()->first.first <= now) {
      auto task = std::move(tasks_.begin()->second);
      tasks_.erase(tasks_.begin());
      task();
    }
  }

 private:
  Now now_;
  std::function<void()> sooner_;
  std::uint64_t last_ = 0;
  std::map<Id, std::function<void()>> tasks_;
};

}  // namespace weir::http
