#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "engine/shard_thread.h"

namespace weir::engine {

/// The thread that merges partial results and writes answers, so that no shard does it between two batches.
class QueryWorker {
 public:
  QueryWorker() : thread_([this] { run(); }) {}
  ~QueryWorker();
  QueryWorker(const QueryWorker&) = delete;
  QueryWorker& operator=(const QueryWorker&) = delete;
  /// Thread: any.
  void post(std::function<void()> job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> jobs_;
  bool closing_ = false;
  std::thread thread_;
};

/// A question to all shards. Each shard fills an own partial result in bounded steps on its own thread; when the last
/// one is done, the worker merges them in the order of the shards and answers.
/// Partial: a plain value, default-constructed.
template <class Partial>
class Scatter : public std::enable_shared_from_this<Scatter<Partial>> {
 public:
  /// Visits a shard; `cursor` starts at 0 and is the visitor's own. True when this shard is done.
  using Visit = std::function<bool(Shard&, Partial&, std::size_t& cursor)>;
  using Finish = std::function<Answer(std::vector<Partial>&&)>;

  static void ask(std::vector<std::unique_ptr<ShardThread>>& shards, QueryWorker& worker, Visit visit, Finish finish,
                  AnswerCallback done) {
    auto scatter = std::make_shared<Scatter>(shards.size(), worker, std::move(visit), std::move(finish), std::move(done));
    for (std::size_t i = 0; i < shards.size(); ++i) {
      (void)shards[i]->mailbox().post(std::make_unique<Task>(scatter, i));  // refused: the task's end says so
    }
  }

  Scatter(std::size_t shards, QueryWorker& worker, Visit visit, Finish finish, AnswerCallback done)
      : worker_(worker), visit_(std::move(visit)), finish_(std::move(finish)), done_(std::move(done)),
        partials_(shards), left_(shards) {}

 private:
  struct Task : ShardTask {
    Task(std::shared_ptr<Scatter> s, std::size_t i) : scatter(std::move(s)), index(i) {}
    ~Task() override {
      if (!finished) scatter->failed_.store(true, std::memory_order_relaxed);
      scatter->countDown();
    }
    bool step(Shard& shard) override {
      finished = scatter->visit_(shard, scatter->partials_[index], cursor);
      return finished;
    }
    std::shared_ptr<Scatter> scatter;
    std::size_t index;
    std::size_t cursor = 0;
    bool finished = false;
  };

  void countDown() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    worker_.post([self = this->shared_from_this()] {
      if (self->failed_.load(std::memory_order_relaxed)) {
        self->done_(Answer::invalid({"the engine is stopping or has too many queries waiting: try again", {}, {}}));
      } else {
        self->done_(self->finish_(std::move(self->partials_)));
      }
    });
  }

  QueryWorker& worker_;
  Visit visit_;
  Finish finish_;
  AnswerCallback done_;
  std::vector<Partial> partials_;
  std::atomic<std::size_t> left_;
  std::atomic<bool> failed_{false};
};

/// Calls visit(agent) for agents from `cursor` on until about `budget` data sources were seen. True at the end.
template <class VisitAgent>
bool visitAgents(Shard& shard, std::size_t& cursor, VisitAgent&& visit, std::size_t budget = 2'000) {
  std::size_t seen = 0;
  while (cursor < shard.agents().size()) {
    AgentState& agent = *shard.agents()[cursor++];
    visit(agent);
    seen += 1 + agent.sources.size();
    if (seen >= budget) return cursor >= shard.agents().size();
  }
  return true;
}

}  // namespace weir::engine
