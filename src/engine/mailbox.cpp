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

Mailbox::~Mailbox() {
  ::close(fd_);
}

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
    waiting_.store(tasks_.size(), std::memory_order_release);
  }
  wake();
  return true;
}

std::unique_ptr<ShardTask> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) return nullptr;
  std::unique_ptr<ShardTask> task = std::move(tasks_.front());
  tasks_.pop_front();
  waiting_.store(tasks_.size(), std::memory_order_release);
  return task;
}

void Mailbox::putBack(std::unique_ptr<ShardTask> task) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  tasks_.push_back(std::move(task));
  waiting_.store(tasks_.size(), std::memory_order_release);
}

bool Mailbox::run(Shard& shard, Nanos budget) {
  std::size_t left = waiting_.load(std::memory_order_acquire);
  if (left == 0) return false;
  const Nanos end = monotonicNow() + budget;
  do {
    std::unique_ptr<ShardTask> task = take();
    if (task == nullptr) break;
    if (!task->step(shard)) putBack(std::move(task));
  } while (--left != 0 && monotonicNow() < end);
  return true;
}

void Mailbox::close() {
  std::deque<std::unique_ptr<ShardTask>> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(tasks_);
  waiting_.store(0, std::memory_order_relaxed);
}

}  // namespace weir::engine
