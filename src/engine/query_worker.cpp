#include "engine/query_worker.h"

#include <malloc.h>

#include <chrono>
#include <new>
#include <utility>

#include "base/log.h"
#include "base/no_memory.h"
#include "base/rate_limit.h"

namespace weir::engine {

namespace {

constexpr auto kHouseInterval = std::chrono::seconds(60);
constexpr std::size_t kMuchFree = std::size_t{128} << 20;  // octets that the allocator holds and no one uses

}  // namespace

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
  const MayRunOut mayRunOut;
  std::unique_lock lock(mutex_);
  while (true) {
    const bool woken = arrived_.wait_for(lock, kHouseInterval, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty() && closing_) return;  // everything that was asked is answered
    std::function<void()> job;
    if (woken) {
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    lock.unlock();
    try {
      if (job) job();
    } catch (const std::bad_alloc&) {
      static RateLimit limit{1, 60 * kSecond};
      log::warning(limit, "memory is over: a question was given up");
    }
    job = nullptr;
    if (!woken || std::exchange(trim_, false)) keepHouse();
    lock.lock();
  }
}

/// What answers, and agents and definitions that are gone, took is given back to the system where it is much. The
/// allocator would keep it, as small answers are made in it again and again; so this is not done after each.
void QueryWorker::keepHouse() {
  if (mallinfo2().fordblks >= kMuchFree) malloc_trim(0);
  if (refillMemoryReserve()) {
    log::warning(
        "memory was over for a moment: the reserve was used. Give this process more (ulimit -v, the limit of its "
        "container), or it less to keep (events.max, flows.max, n of flow definitions)");
  }
}

}  // namespace weir::engine
