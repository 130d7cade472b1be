#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>
#include <utility>

namespace weir::http {

/// The way of other threads into the server's thread; shut before the server goes away. Thread: any.
class Gate {
 public:
  explicit Gate(boost::asio::io_context& io) : io_(&io) {}

  /// Runs `task` on the server's thread: at once when this is it. Dropped when the gate is shut.
  template <class Task>
  void run(Task task) {
    if (std::this_thread::get_id() == thread_.load(std::memory_order_relaxed)) return task();
    post(std::move(task));
  }
  template <class Task>
  void post(Task task) {
    const std::lock_guard lock(mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(task));
  }
  /// The calling thread is the server's.
  void enter() { thread_ = std::this_thread::get_id(); }
  void shut() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;
  boost::asio::io_context* io_;
  std::atomic<std::thread::id> thread_{};
};

}  // namespace weir::http
