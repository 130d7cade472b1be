#include "engine/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "engine/shard.h"

namespace weir::engine {

Mailbox::Mailbox() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Mailbox::~Mailbox() { ::close(fd_); }

void Mailbox::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(fd_, &one, sizeof one);  // a full counter is a wake as well
}

void Mailbox::drain() {
  std::uint64_t count;
  [[maybe_unused]] const auto n = ::read(fd_, &count, sizeof count);
}

bool Mailbox::put(std::unique_ptr<ShardTask> task, std::size_t most) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || tasks_.size() >= most) return false;
    tasks_.push_back(std::move(task));
    waiting_.store(true, std::memory_order_release);
  }
  wake();
  return true;
}

bool Mailbox::run(Shard& shard) {
  if (!waiting_.load(std::memory_order_acquire)) return false;
  std::deque<std::unique_ptr<ShardTask>> now;
  {
    const std::lock_guard lock(mutex_);
    now.swap(tasks_);
    waiting_.store(false, std::memory_order_relaxed);
  }
  std::deque<std::unique_ptr<ShardTask>> unfinished;
  for (auto& task : now) {
    if (!task->step(shard)) unfinished.push_back(std::move(task));
  }
  if (!unfinished.empty()) {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      for (auto it = unfinished.rbegin(); it != unfinished.rend(); ++it) tasks_.push_front(std::move(*it));
      waiting_.store(true, std::memory_order_release);
    }
  }
  return true;
}

void Mailbox::close() {
  std::deque<std::unique_ptr<ShardTask>> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(tasks_);
  waiting_.store(false, std::memory_order_relaxed);
}

}  // namespace weir::engine
