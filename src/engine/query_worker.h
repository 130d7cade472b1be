#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace weir::engine {

/// The thread that merges partial results and writes answers, so that no shard does it between two batches.
class QueryWorker {
 public:
  QueryWorker() : thread_([this] { run(); }) {}
  ~QueryWorker();
  QueryWorker(const QueryWorker&) = delete;
  QueryWorker& operator=(const QueryWorker&) = delete;
  /// A job that runs out of memory throws std::bad_alloc and is given up. Thread: any.
  void post(std::function<void()> job);
  /// Memory of a large answer was given back to the allocator: gives it to the system after the job at hand. Thread: a
  /// job's.
  void trim() { trim_ = true; }

 private:
  void run();
  void keepHouse();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> jobs_;
  bool closing_ = false;
  bool trim_ = false;  // the worker's
  std::thread thread_;
};

}  // namespace weir::engine
