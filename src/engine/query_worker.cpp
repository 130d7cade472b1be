#include "engine/query_worker.h"

namespace weir::engine {

QueryWorker::~QueryWorker() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    arrived_.notify_all();
  }
  thread_.join();
}

void QueryWorker::post(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  arrived_.notify_one();
}

void QueryWorker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;  // closing, and everything that was asked is answered
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace weir::engine
