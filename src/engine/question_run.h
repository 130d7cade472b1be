#pragma once
// Inside the engine room only.
#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "engine/query_worker.h"
#include "engine/shard_reader.h"
#include "engine/shard_thread.h"
#include "query/question.h"

namespace weir::engine {

/// A question under way. Each shard fills a partial result of its own, in bounded steps on its own thread; when the
/// last one is done, the worker merges them in the order of the shards.
/// Query: a class of the query room; the question, understood.
template <class Query>
class QuestionRun : public std::enable_shared_from_this<QuestionRun<Query>> {
 public:
  using Partial = typename Query::Partial;
  /// Told the merged partial result, once, on the worker.
  using Done = std::function<void(const Query&, query::Outcome<Partial>)>;

  /// `asked`: the time of the question.
  static void start(const std::vector<ShardThread*>& shards, QueryWorker& worker, Query query, Nanos asked, Done done) {
    auto run = std::make_shared<QuestionRun>(shards.size(), worker, std::move(query), asked, std::move(done));
    for (std::size_t i = 0; i < shards.size(); ++i) {
      (void)shards[i]->mailbox().post(std::make_unique<Task>(run, i));  // refused: the task's end says so
    }
  }

  QuestionRun(std::size_t shards, QueryWorker& worker, Query query, Nanos asked, Done done)
      : worker_(worker),
        query_(std::move(query)),
        asked_(asked),
        done_(std::move(done)),
        partials_(shards),
        left_(shards) {}

 private:
  struct Task : ShardTask {
    Task(std::shared_ptr<QuestionRun> r, std::size_t i) : run(std::move(r)), index(i) {}
    ~Task() override {
      if (!finished) run->failed_.store(true, std::memory_order_relaxed);
      run->countDown();
    }
    bool step(Shard& shard) override {
      ShardReader reader(shard, cursor, run->asked_);
      finished = run->query_.visit(reader, run->partials_[index]);
      return finished;
    }
    std::shared_ptr<QuestionRun> run;
    std::size_t index;
    Cursor cursor;
    bool finished = false;
  };

  void countDown() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    worker_.post([self = this->shared_from_this()] { self->finish(); });
  }

  void finish() {
    if (failed_.load(std::memory_order_relaxed)) {
      return done_(query_, query::unavailable("the engine is stopping or has too many queries waiting: try again"));
    }
    Partial all = std::move(partials_.front());
    for (std::size_t i = 1; i < partials_.size(); ++i) query_.merge(all, std::move(partials_[i]));
    done_(query_, std::move(all));
  }

  QueryWorker& worker_;
  const Query query_;
  const Nanos asked_;
  Done done_;
  std::vector<Partial> partials_;
  std::atomic<std::size_t> left_;
  std::atomic<bool> failed_{false};
};

}  // namespace weir::engine
