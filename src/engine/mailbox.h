#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "base/time.h"

namespace weir::engine {

class Shard;

/// A piece of work for the owner thread of a shard: a query, a slice of a capture, new definitions.
class ShardTask {
 public:
  virtual ~ShardTask() = default;
  /// A bounded piece of the work. False: not finished, call again after other work had its turn.
  virtual bool step(Shard& shard) = 0;
};

/// Tasks on their way to one shard. Bounded by kMaxTasks; who cannot post tells his client to try again.
/// Thread: post() from any, the others on the shard's thread.
class Mailbox {
 public:
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// False when closed, or when `most` tasks wait; the task is then destroyed.
  bool post(std::unique_ptr<ShardTask> task, std::size_t most = kMaxTasks) { return put(std::move(task), most); }
  /// As post, for what must not be refused (slices of a capture, definitions): false only when closed.
  bool postAlways(std::unique_ptr<ShardTask> task) { return put(std::move(task), SIZE_MAX); }
  /// Wakes a thread that polls fd().
  void wake();
  /// Runs steps of waiting tasks, in turn, for about `budget`; at most one of each. True when there was any.
  bool run(Shard& shard, Nanos budget = kStepTime);
  /// Readable after a wake.
  [[nodiscard]] int fd() const { return fd_; }
  /// Makes fd() quiet again.
  void drain();
  /// Refuses tasks from now on and destroys those that wait.
  void close();

  static constexpr std::size_t kMaxTasks = 4'096;
  /// For about so long a shard works for queries before it looks at its socket again.
  static constexpr Nanos kStepTime = 200 * kMicrosecond;

 private:
  bool put(std::unique_ptr<ShardTask> task, std::size_t most);
  std::unique_ptr<ShardTask> take();
  void putBack(std::unique_ptr<ShardTask> task);

  int fd_;
  std::atomic<std::size_t> waiting_{0};  // tasks_.size()
  std::mutex mutex_;
  std::deque<std::unique_ptr<ShardTask>> tasks_;  // unfinished ones go to the end
  bool closed_ = false;
};

}  // namespace weir::engine
